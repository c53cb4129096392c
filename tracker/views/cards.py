"""The pictures of pages where their addresses are shared: what each says. See `drawing`."""

from hashlib import sha256

from django.core.cache import cache
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tracker.models import Pledge
from tracker.queries.facets import facets_on
from tracker.queries.summary import Summary
from tracker.queries.timeline import timeline
from tracker.rules.asof import AsOf
from tracker.views.asof import asof_form
from tracker.views.drawing import Badge, Card, png
from tracker.views.groups import asked_pillar
from tracker.vocabulary import Status

#: One more whenever a card is drawn in another way, so that no old picture is taken for it.
EDITION = 1
HOUR = 60 * 60


@require_safe
def home_card(request: HttpRequest) -> HttpResponse:
    """All pledges: how many stand where."""
    asof = _asof(request)
    day = facets_on(asof)
    title = _("What was pledged for Lingang, and what came of it")
    return _answer(request, _group("", title, day.summary(day.seen), asof))


@require_safe
def pillar_card(request: HttpRequest, order: int) -> HttpResponse:
    """A pillar: how many of its pledges stand where."""
    pillar = asked_pillar(request, order)
    asof = _asof(request)
    day = facets_on(asof)
    members = day.summary(day.of("pillar", pillar.pk))
    eyebrow = _("Pillar %(number)s") % {"number": pillar.order}
    card = _group(eyebrow, str(pillar.title), members, asof, str(pillar.programme.name))
    return _answer(request, card)


@require_safe
def pledge_card(request: HttpRequest, code: str) -> HttpResponse:
    """One pledge: its status and since when it has held."""
    asof = _asof(request)
    pledge = get_object_or_404(Pledge.objects.seen(asof).select_related("programme"), code=code)
    status, since = Status(pledge.status), timeline(pledge, asof).since
    card = Card(
        site=_("Lingang Pledge Tracker"),
        eyebrow=pledge.code,
        title=str(pledge.title),
        badges=(Badge(status.tone, str(status.label)),),
        beside=_("since %(day)s") % {"day": _day(since)} if since else _("no entry yet"),
        foot=_foot(asof, str(pledge.programme.name)),
    )
    return _answer(request, card)


def _asof(request: HttpRequest) -> AsOf:
    """The day asked for. A wrong one is refused: a picture cannot say that it shows another."""
    form = asof_form(request)
    if not form.is_valid():
        raise BadRequest
    return form.asof()


def _group(eyebrow: str, title: str, members: Summary, asof: AsOf, programme: str = "") -> Card:
    count = ngettext("%(n)s pledge", "%(n)s pledges", members.total) % {"n": members.total}
    return Card(
        site=_("Lingang Pledge Tracker"),
        eyebrow=f"{eyebrow} · {count}" if eyebrow else count,
        title=title,
        badges=tuple(
            Badge(row.status.tone, f"{row.count} {row.status.label}") for row in members.present
        ),
        beside="",
        foot=_foot(asof, programme),
    )


def _foot(asof: AsOf, programme: str) -> str:
    """The day first, for a long name may be cut off and the day must not be."""
    day = _("As of %(day)s") % {"day": _day(asof.day)}
    return f"{day} · {programme}" if programme else day


def _day(day) -> str:
    return date_format(day, "DATE_FORMAT")


def _answer(request: HttpRequest, card: Card) -> HttpResponse:
    """The card's picture, drawn once for what it says, or that the asker has it already."""
    digest = sha256(f"{EDITION} {card!r}".encode(errors="replace")).hexdigest()
    etag = f'"{digest}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        picture = cache.get(f"card:{digest}")
        if picture is None:
            picture = png(card)
            cache.set(f"card:{digest}", picture, HOUR)
        response = HttpResponse(picture, content_type="image/png")
    response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=HOUR)
    return response
