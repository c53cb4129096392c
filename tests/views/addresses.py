"""Every public address of a record."""

from tracker.models import Body, Pillar, Pledge, Sector, Source
from tracker.reports import REPORTS

LANGUAGES = ("en", "zh-hans")


def pages(language):
    """The pages of what is public now."""
    start = f"/{language}/"
    return [
        start,
        f"{start}pledges/",
        f"{start}updates/",
        f"{start}data/",
        f"{start}follow/",
        *(f"{start}pledges/{pledge.code}/" for pledge in Pledge.objects.published()),
        *(f"{start}pillars/{order}/" for order in Pillar.objects.values_list("order", flat=True)),
        *(f"{start}bodies/{body.slug}/" for body in Body.objects.all()),
        *(f"{start}sectors/{sector.slug}/" for sector in Sector.objects.all()),
        *(f"{start}sources/{source.slug}/" for source in Source.objects.all()),
    ]


def files(language):
    return [f"/{language}/data/{name}.csv" for name in REPORTS]


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
        f"{start}data/",
    ]
