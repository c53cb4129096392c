"""Every public address of a record."""

from tracker.models import Body, Period, Pillar, Pledge, Sector, Source
from tracker.reports import REPORTS
from tracker.reports.formats import FORMATS

LANGUAGES = ("en", "zh-hans")


def pages(language):
    """The pages of what is public now."""
    start = f"/{language}/"
    return [
        start,
        f"{start}pledges/",
        f"{start}updates/",
        f"{start}changes/",
        f"{start}corrections/",
        f"{start}method/",
        f"{start}accessibility/",
        f"{start}data/",
        f"{start}data/period/",
        *(f"{start}pledges/{pledge.code}/feedback/" for pledge in Pledge.objects.published()[:1]),
        f"{start}periods/",
        *(period.get_absolute_url().replace("/en/", start) for period in Period.objects.closed()),
        f"{start}follow/",
        *(f"{start}pledges/{pledge.code}/" for pledge in Pledge.objects.published()),
        *(f"{start}pillars/{order}/" for order in Pillar.objects.values_list("order", flat=True)),
        *(f"{start}bodies/{body.slug}/" for body in Body.objects.all()),
        *(f"{start}sectors/{sector.slug}/" for sector in Sector.objects.all()),
        *(f"{start}sources/{source.slug}/" for source in Source.objects.all()),
    ]


def files(language):
    """Every report in every format, and their key."""
    return [
        *(f"/{language}/data/{name}.{extension}" for name in REPORTS for extension in FORMATS),
        f"/{language}/data/dictionary.json",
        f"/{language}/data/datapackage.json",
        f"/{language}/data/csvw.json",
    ]


def follows(language):
    """What programs fetch of what is public now: feeds, calendars, cards and pictures."""
    start = f"/{language}/"
    return [
        f"{start}updates/feed/",
        f"{start}milestones.ics",
        f"{start}card.png",
        *(f"{start}bodies/{body.slug}/feed/" for body in Body.objects.all()),
        *(f"{start}sectors/{sector.slug}/feed/" for sector in Sector.objects.all()),
        *(
            f"{start}{about}"
            for order in Pillar.objects.values_list("order", flat=True)
            for about in (
                f"pillars/{order}/feed/",
                f"pillars/{order}/card.png",
                f"embed/pillars/{order}/",
            )
        ),
        *(
            f"{start}{about}"
            for pledge in Pledge.objects.published()
            for about in (
                f"pledges/{pledge.code}/feed/",
                f"pledges/{pledge.code}/milestones.ics",
                f"pledges/{pledge.code}/card.png",
                f"embed/pledges/{pledge.code}/",
            )
        ),
    ]


def no_public_pledges(language):
    """The pages of groups that no public pledge belongs to: nothing leads to them."""
    with_pledges = {
        "bodies": Body.objects.with_public_pledges().values("slug"),
        "sectors": Sector.objects.with_public_pledges().values("slug"),
    }
    return {
        f"/{language}/{kind}/{group.slug}/"
        for kind, model in (("bodies", Body), ("sectors", Sector))
        for group in model.objects.exclude(slug__in=with_pledges[kind])
    }


def kinds(language):
    """One page of each kind, of the Lingang record."""
    start = f"/{language}/"
    return [
        start,
        f"{start}pledges/",
        f"{start}pledges/P2.01/",
        f"{start}pillars/1/",
        f"{start}bodies/sheitc/",
        f"{start}sectors/hydrogen/",
        f"{start}updates/",
        f"{start}sources/press-conference-2022-08-20/",
        f"{start}changes/",
        f"{start}corrections/",
        f"{start}method/",
        f"{start}accessibility/",
        f"{start}pledges/P2.01/feedback/",
        f"{start}pledges/P2.01/feedback/thanks/",
        f"{start}data/",
        f"{start}data/period/",
        f"{start}periods/",
    ]
