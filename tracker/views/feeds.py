"""Atom feeds (RFC 4287): the record's entries, the last published first, for what one follows."""

import re
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID, uuid5

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import http_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from tracker.models import Body, Pledge, Sector, Update
from tracker.models.update import UpdateQuerySet
from tracker.queries.entries import Newest
from tracker.queries.facets import facets_on
from tracker.queries.news import News, news
from tracker.rules.asof import AsOf
from tracker.views.asof import today
from tracker.views.groups import asked_pillar

#: How many entries a feed holds; older ones are on its next page (RFC 5005, section 3).
PAGE_SIZE = 50
#: Feeds are named by this and what they are about, whatever the site's address is.
NAMESPACE = UUID("6a5c7c1e-2d0e-4d0b-9f0a-6f2b8f2f4a55")
#: What a feed without entries says of when it was last updated: it never was.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
#: Characters that no XML may hold, not even escaped.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@require_safe
@cache_control(public=True, max_age=300)
@conditional_page
def update_feed(request: HttpRequest) -> HttpResponse:
    """Every entry of the record."""
    page = reverse("tracker:update-list")
    return _feed(request, "", _("Every update"), page, _newest())


@require_safe
@cache_control(public=True, max_age=300)
@conditional_page
def pledge_feed(request: HttpRequest, code: str) -> HttpResponse:
    """The entries of one pledge."""
    pledge = get_object_or_404(Pledge.objects.seen(AsOf(today())), code=code)
    own = pledge.updates.seen(AsOf(today())).with_details().newest_first()
    return _feed(request, f"pledge/{code}", str(pledge), pledge.get_absolute_url(), own)


@require_safe
@cache_control(public=True, max_age=300)
@conditional_page
def pillar_feed(request: HttpRequest, order: int) -> HttpResponse:
    """The entries of a pillar's pledges."""
    pillar = asked_pillar(request, order)
    about = _newest("pillar", pillar.pk)
    name = f"pillar/{pillar.programme.slug}/{pillar.order}"
    return _feed(request, name, str(pillar.title), pillar.get_absolute_url(), about)


@require_safe
@cache_control(public=True, max_age=300)
@conditional_page
def body_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The entries of the pledges that a body leads or supports."""
    body = get_object_or_404(Body, slug=slug)
    about = _newest("body", body.pk)
    return _feed(request, f"body/{slug}", str(body.name), body.get_absolute_url(), about)


@require_safe
@cache_control(public=True, max_age=300)
@conditional_page
def sector_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The entries of a sector's pledges."""
    sector = get_object_or_404(Sector, slug=slug)
    about = _newest("sector", sector.pk)
    return _feed(request, f"sector/{slug}", str(sector.name), sector.get_absolute_url(), about)


class RecordFeed(Atom1Feed):
    """Atom as the record writes it: whole entries in their language, and the way to older ones."""

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        for relation, address in self.feed["pages"].items():
            handler.addQuickElement("link", "", {"rel": relation, "href": address})

    def add_item_elements(self, handler, item):
        super().add_item_elements(handler, item)
        attributes = {"type": "html", "xml:lang": item["language"]}
        handler.addQuickElement("content", item["content"], attributes)

    def latest_post_date(self):
        return max((item["updateddate"] for item in self.items), default=NEVER)


def _newest(name: str = "", key: int = 0) -> Newest:
    """The entries of all pledges, or of those of one group."""
    asof = AsOf(today())
    day = facets_on(asof)
    return Newest(day, asof, day.of(name, key) if name else day.seen)


def _feed(
    request: HttpRequest, name: str, title: str, page_address: str, entries: Newest | UpdateQuerySet
) -> HttpResponse:
    try:
        page = Paginator(cast(Any, entries), PAGE_SIZE).page(request.GET.get("page") or 1)
    except InvalidPage:
        raise Http404 from None
    if not isinstance(entries, UpdateQuerySet):
        # Only their keys were looked for.
        found = Update.objects.filter(pk__in=page.object_list).with_pledges().with_details()
        page.object_list = found.newest_first()
    feed = RecordFeed(
        title=_legal(f"{title} · {_('Lingang Pledge Tracker')}"),
        link=request.build_absolute_uri(_with(request, page_address)),
        description=None,
        subtitle=_("Each entry of the public record, with what it rests on."),
        language=get_language(),
        author_name=_("Lingang Pledge Tracker"),
        feed_url=_page_address(request, page.number),
        feed_guid=uuid5(NAMESPACE, f"{get_language()}/{name}").urn,
        pages=_pages(request, page),
    )
    for one in news(page):
        _add(feed, request, one)
    response = HttpResponse(content_type=feed.content_type)
    response["Last-Modified"] = http_date(feed.latest_post_date().timestamp())
    feed.write(response, "utf-8")
    return response


def _add(feed: RecordFeed, request: HttpRequest, one: News) -> None:
    update = one.update
    feed.add_item(
        title=_legal(one.headline),
        link=request.build_absolute_uri(update.get_absolute_url()),
        description=None,
        # The entry's own identifier, the same at every address and in both languages.
        unique_id=update.uid.urn,
        pubdate=update.published_at,
        updateddate=update.published_at,
        categories=[update.status],
        content=_legal(
            render_to_string("tracker/_feed_entry.html", {"update": update}, request=request)
        ),
        language=update.narrative.language.value,
    )


def _legal(text: str) -> str:
    """The text without the characters that XML cannot hold; each leaves a mark."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _with(request: HttpRequest, address: str, **parameters) -> str:
    """An address that keeps the programme which the feed's own address names."""
    programme = request.GET.get("programme")
    asked = ({"programme": programme} if programme else {}) | parameters
    return f"{address}?{urlencode(asked)}" if asked else address


def _page_address(request: HttpRequest, number: int) -> str:
    parameters = {"page": number} if number > 1 else {}
    return request.build_absolute_uri(_with(request, request.path, **parameters))


def _pages(request: HttpRequest, page: Page) -> dict[str, str]:
    """The addresses of the feed's other pages by what they are to this one."""
    if not page.has_other_pages():
        return {}
    last = page.paginator.num_pages
    found = {"first": 1, "last": last}
    if page.has_previous():
        found["previous"] = page.previous_page_number()
    if page.has_next():
        found["next"] = page.next_page_number()
    return {relation: _page_address(request, number) for relation, number in found.items()}
