"""The day that a page is read for. Here, and in no layer below the faces, the clock is read."""

from datetime import date

from django.http import HttpRequest
from django.utils import timezone

from tracker.forms import AsOfForm
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of


def today() -> date:
    """The record's day now."""
    return day_of(timezone.now())


def asof_form(request: HttpRequest) -> AsOfForm:
    return AsOfForm(request.GET, today=today())


def asof_of(request: HttpRequest) -> AsOf:
    """The day that the address asks about; today where it names none or no valid one."""
    return asof_form(request).asof()
