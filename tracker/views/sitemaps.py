"""For programs that read the whole site: which pages there are, and which to leave alone."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps import views as sitemap_views
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from tracker.models import Period, Pledge, Source
from tracker.queries.facet_sets import Day
from tracker.queries.facets import facets, facets_on
from tracker.rules.asof import AsOf
from tracker.views.asof import today

#: Django's own views leave the encoding out.
XML = "application/xml; charset=utf-8"


class PageSitemap(Sitemap):
    """Public pages in both languages, each with its address in the other."""

    i18n = True
    alternates = True
    #: Each address comes with two more, and a file may hold 50 MB.
    limit = 20_000

    def get_latest_lastmod(self):
        # Django would ask for the items once more.
        return None


class RecordPages(PageSitemap):
    """The pages about the whole record and the site, by name."""

    def items(self) -> list[str]:
        return [
            "home",
            "pledge-list",
            "update-list",
            "change-list",
            "correction-list",
            "method",
            "accessibility",
            "data",
            "period-report",
            "period-list",
            "follow",
        ]

    def location(self, item: str) -> str:
        return reverse(f"tracker:{item}")


def _groups(name: str) -> list:
    return facets().groups(name)


@dataclass(frozen=True)
class _Pledges:
    """The public pledges in each language, counted at once and read one file at a time."""

    day: Day
    languages: list[str]

    def __len__(self) -> int:
        return self.day.seen.bit_count() * len(self.languages)

    def __getitem__(self, part: slice) -> list[tuple[Pledge, str]]:
        number = len(self.languages)
        first, last = part.start // number, -(-part.stop // number)
        keys = self.day.page(self.day.seen, "code", first, last - first)
        pledges = Pledge.objects.seen(AsOf(self.day.day)).with_revision().order_by("code")
        if keys:
            # By codes, for as many keys at a time a database may refuse.
            ends = Pledge.objects.in_bulk([keys[0], keys[-1]])
            pledges = pledges.filter(code__gte=ends[keys[0]].code, code__lte=ends[keys[-1]].code)
        found = [(pledge, language) for pledge in pledges for language in self.languages]
        return found[part.start - first * number : part.stop - first * number] if keys else []


class PledgePages(PageSitemap):
    def _items(self):
        return _Pledges(facets_on(AsOf(today())), self._languages())

    def lastmod(self, item: Pledge) -> datetime:
        return item.revised_at


class PillarPages(PageSitemap):
    def items(self):
        # An address names the programme only where it is not the first: see `asked_pillar`.
        found = sorted(_groups("pillar"), key=lambda pillar: (pillar.order, pillar.programme_id))
        return list({pillar.order: pillar for pillar in reversed(found)}.values())[::-1]


class BodyPages(PageSitemap):
    def items(self):
        return _groups("body")


class SectorPages(PageSitemap):
    def items(self):
        return _groups("sector")


class SourcePages(PageSitemap):
    def items(self):
        return list(Source.objects.order_by("slug"))


class PeriodPages(PageSitemap):
    def items(self):
        return list(Period.objects.closed().order_by("slug"))


SITEMAPS = {
    "record": RecordPages,
    "pledges": PledgePages,
    "pillars": PillarPages,
    "bodies": BodyPages,
    "sectors": SectorPages,
    "sources": SourcePages,
    "periods": PeriodPages,
}


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """Which sitemaps there are."""
    return sitemap_views.index(
        request, SITEMAPS, sitemap_url_name="sitemap-section", content_type=XML
    )


@require_safe
def sitemap(request: HttpRequest, section: str) -> HttpResponse:
    """The pages of one kind."""
    return sitemap_views.sitemap(request, SITEMAPS, section, content_type=XML)


#: What search is better without: the desk, the secrets of e-mails, other days, and lists narrowed
#: in so many ways that there is no end to them.
LEAVE_ALONE = [
    "/admin/",
    "/i18n/",
    "/*/follow/*/",
    "/*/embed/",
    "/*/feedback/",
    "/*?*as_of=",
    "/*?*known_on=",
    "/*?*q=",
    "/*?*sort=",
    "/*?*&",
]


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What programs may read, and where they find all of it."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in LEAVE_ALONE),
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
