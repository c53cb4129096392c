"""The day that a page is read for. Here, and in no layer below the faces, the clock is read."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tracker.forms.days import AsOfForm
from tracker.rules.dates import day_of


def today() -> date:
    """The record's day now."""
    return day_of(timezone.now())


def asof_form(request: HttpRequest) -> AsOfForm:
    return AsOfForm(request.GET, today=today())


def render_asof(
    request: HttpRequest, template: str, form: AsOfForm, context: Mapping[str, Any]
) -> HttpResponse:
    """A page as of the day that `form` gives. Where no valid day is asked for, it says so, shows
    today's record and answers 400: nobody takes today's figures for another day's."""
    return render(
        request,
        template,
        {"asof": form.asof(), "asof_form": form, **context},
        status=200 if form.is_valid() else 400,
    )
