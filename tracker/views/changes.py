from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tracker.forms.days import PeriodForm
from tracker.forms.pledges import PledgeFilter
from tracker.models import Pledge, Programme, Update
from tracker.queries.changes import changes
from tracker.queries.corrections import corrections
from tracker.queries.entries import Newest
from tracker.queries.entries import corrections as corrections_seen
from tracker.queries.facets import facets_on
from tracker.reports import REPORTS
from tracker.rules.asof import AsOf
from tracker.views.asof import asof_form, render_asof
from tracker.views.parameters import asking, query_of

PAGE_SIZE = 20


@dataclass(frozen=True)
class Period:
    """A period to choose by one click, under the name that readers give it."""

    label: str
    start: date
    end: date
    query: str


def change_list(request: HttpRequest) -> HttpResponse:
    """What changed between two days, as a page to read or to print."""
    form = asof_form(request)
    asof = form.asof()
    period = PeriodForm(request.GET, asof=asof)
    is_period = period.is_valid()
    start, end = (period.start, period.end) if is_period else (asof.day, asof.day)
    last = AsOf(asof.today, end, asof.known_on or end)
    found = PledgeFilter(
        request.GET, lambda: Pledge.objects.seen(last), asof=last, worded_on=asof.known_on
    )
    is_valid = form.is_valid() and is_period and found.is_valid()
    context: dict[str, Any] = {
        "asof": asof,
        "asof_form": form,
        "period": period,
        "filter": found,
        "periods": _periods(request, asof),
        "has_report": "changes" in REPORTS,
    }
    if is_valid:
        context["changes"] = changes(start, end, found.qs, asof.known_on)
        chosen = {"from": start.isoformat(), "to": end.isoformat()}
        # The fields hold the days that are shown, those too that nobody asked for.
        context["period"] = PeriodForm(chosen, asof=asof)
        context["chosen"] = asking(request, **chosen)
        context["as_published"] = asking(request, **chosen, known_on=None)
        context["as_known_today"] = asking(request, **chosen, known_on=asof.today.isoformat())
        context["is_narrowed"] = _is_narrowed(request)
    return render(request, "tracker/change_list.html", context, status=200 if is_valid else 400)


def correction_list(request: HttpRequest) -> HttpResponse:
    """Every correction, the last published first: what it replaces, and why."""
    form = asof_form(request)
    asof = form.asof()
    day = facets_on(asof)
    paginator = Paginator(corrections_seen(day, asof), PAGE_SIZE)
    try:
        page = paginator.page(request.GET.get("page") or 1)
    except InvalidPage:
        raise Http404(_("There is no such page of this list.")) from None
    shown = Update.objects.filter(pk__in=page.object_list).that_correct().newest_first()
    context = {
        "page": page,
        "corrections": list(corrections(shown)),
        "entries": len(Newest(day, asof, day.seen)),
        "query": query_of(request),
    }
    return render_asof(request, "tracker/correction_list.html", form, context)


def _periods(request: HttpRequest, asof: AsOf) -> list[Period]:
    """The periods that most readers want, up to the day that the page is read for."""
    today = asof.day
    month = today.replace(day=1)
    quarter = _first_of_quarter(today)
    last_quarter = _first_of_quarter(_day_before(quarter))
    wanted = [
        (_("This month"), _day_before(month), today),
        (_("Last 12 months"), _year_before(today), today),
        (_("Last quarter"), _day_before(last_quarter), _day_before(quarter)),
        *(
            (_("Since “%s” was announced") % programme.name, programme.announced_on, today)
            for programme in Programme.objects.with_public_pledges()
        ),
    ]
    return [
        Period(
            label, start, end, asking(request, **{"from": start.isoformat(), "to": end.isoformat()})
        )
        for label, start, end in wanted
        if start < end
    ]


def _first_of_quarter(day: date) -> date:
    return day.replace(day=1, month=day.month - (day.month - 1) % 3)


def _day_before(day: date) -> date:
    return day if day == date.min else day - timedelta(days=1)


def _year_before(day: date) -> date:
    """The same day a year ago; the 28th for the 29th of February."""
    if day.year == date.min.year:
        return day
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _is_narrowed(request: HttpRequest) -> bool:
    """Whether only some pledges were asked for."""
    mine = {"from", "to", "as_of", "known_on", "page", "sort"}
    return any(value for name, value in request.GET.items() if name not in mine)
