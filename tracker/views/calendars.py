"""Calendars (RFC 5545) of what is due when, for a reader's own calendar."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from icalendar import Calendar, Event, Timezone, TimezoneStandard

from tracker.models import Pledge
from tracker.models.pledge_queryset import PledgeQuerySet
from tracker.queries.deadlines import Deadline, deadlines
from tracker.queries.facets import facets_on
from tracker.rules.asof import AsOf
from tracker.templatetags.tracker_format import due
from tracker.views.asof import today
from tracker.vocabulary import DatePrecision, MilestoneState, Status

#: After the sign in each event's identifier: the record's own name, whatever its address is.
RECORD = "pledge-tracker"
#: Of so many pledges a calendar tells at most. What was due in so many days before stays in it.
MOST = 500
DAYS_BACK = 31


@require_safe
@cache_control(public=True, max_age=300)
@conditional_page
def milestones(request: HttpRequest) -> HttpResponse:
    """The due dates of every public pledge and of its milestones; of a great many pledges, those
    of the ones that are due next."""
    if Pledge.objects.published()[: MOST + 1].count() <= MOST:
        return _calendar(request, _("What is due when"), Pledge.objects.all())
    day = facets_on(AsOf(today()))
    since = day.day.toordinal() - DAYS_BACK
    ahead = day.seen & day.facets.sets["dated"].get(True, 0) & ~day.facets.before("due", since)
    chosen = Pledge.objects.filter(pk__in=day.page(ahead, "due", 0, MOST))
    note = _(
        "This record has too many dates for one calendar: these are the pledges that are due next, "
        "%(most)s at most, with their milestones. Each pledge has a calendar of its own."
    )
    return _calendar(request, _("What is due when"), chosen, note % {"most": MOST})


@require_safe
@cache_control(public=True, max_age=300)
@conditional_page
def pledge_milestones(request: HttpRequest, code: str) -> HttpResponse:
    """The due dates of one pledge and of its milestones."""
    pledge = get_object_or_404(Pledge.objects.seen(AsOf(today())), code=code)
    return _calendar(request, str(pledge), Pledge.objects.filter(pk=pledge.pk))


def _calendar(
    request: HttpRequest, title: str, about: PledgeQuerySet, note: str = ""
) -> HttpResponse:
    day = today()
    found = deadlines(about, AsOf(day))
    name = f"{title} · {_('Lingang Pledge Tracker')}"
    calendar = Calendar()
    calendar.add("prodid", f"-//{RECORD}//{RECORD}//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    said = _("The due dates as the record has them on %(day)s.")
    said %= {"day": date_format(day, "DATE_FORMAT")}
    calendar.add("description", " ".join(filter(None, (said, note))))
    calendar.add("refresh-interval", timedelta(days=1), parameters={"value": "DURATION"})
    calendar.add_component(_shanghai())
    for deadline in found:
        calendar.add_component(_event(request, deadline))
    response = HttpResponse(
        calendar.to_ical(), content_type="text/calendar; charset=utf-8; method=PUBLISH"
    )
    response["Content-Disposition"] = 'inline; filename="milestones.ics"'
    if found:
        latest = max(deadline.revised_at for deadline in found)
        response["Last-Modified"] = http_date(latest.timestamp())
    return response


def _shanghai() -> Timezone:
    """The record's time zone. A calendar without events needs one component at least."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", "Asia/Shanghai")
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001  In the zone's own time.
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    zone.add_component(standard)
    return zone


def _event(request: HttpRequest, deadline: Deadline) -> Event:
    """An all-day event on the last day on which the thing is in time."""
    event = Event()
    event.add("uid", f"{deadline.uid}@{RECORD}")
    event.add("dtstamp", deadline.revised_at.astimezone(UTC))
    event.add("last-modified", deadline.revised_at.astimezone(UTC))
    event.add("sequence", deadline.revision)
    event.add("dtstart", deadline.due_on)
    event.add("dtend", deadline.due_on + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("status", "CANCELLED" if _is_dropped(deadline) else "CONFIRMED")
    event.add("summary", _summary(deadline))
    event.add("description", "\n".join(_said(deadline)))
    event.add("url", request.build_absolute_uri(deadline.pledge.get_absolute_url()))
    return event


def _is_dropped(deadline: Deadline) -> bool:
    return (
        deadline.milestone is not None and deadline.milestone.state == MilestoneState.DROPPED.value
    )


def _summary(deadline: Deadline) -> str:
    words = {"code": deadline.pledge.code, "title": deadline.pledge.title}
    if deadline.milestone is None:
        return _("%(code)s due: %(title)s") % words
    return f"{deadline.pledge.code} {deadline.milestone.title}"


def _said(deadline: Deadline) -> Iterator[str]:
    """What the event says beside its title, line by line."""
    pledge, milestone = deadline.pledge, deadline.milestone
    if milestone:
        yield _("A milestone of pledge %(pledge)s.") % {"pledge": pledge}
        yield _("State: %(state)s") % {"state": MilestoneState(milestone.state).label}
    else:
        yield _("Status: %(status)s") % {"status": Status(pledge.status).label}
    if deadline.due_precision != DatePrecision.DAY:
        yield _(
            "The record states no day, only “%(due)s”: it is shown here on the last day of that."
        ) % {"due": due(deadline.due_on, deadline.due_precision)}
    first = milestone or pledge
    if first.original_due_on and first.original_due_on != deadline.due_on:
        at_first = due(first.original_due_on, first.original_due_precision)
        yield _("Moved; due at first: %(due)s") % {"due": at_first}
