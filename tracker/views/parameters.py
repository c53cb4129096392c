"""What an address asks for: carried on to another page or a file, and taken back bit by bit."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.forms import BoundField, Form
from django.http import HttpRequest, QueryDict
from django.utils.formats import date_format


@dataclass(frozen=True)
class Applied:
    """One thing asked for, as a reader calls it, and the address that no longer asks for it."""

    label: str
    value: str
    without: str


def query_of(request: HttpRequest) -> str:
    """The address's parameters but the page and the empty ones."""
    return _asked(request).urlencode()


def asking(request: HttpRequest, **changed: str | None) -> str:
    """The parameters of the address with some `changed`; None takes one out."""
    asked = _asked(request)
    for name, value in changed.items():
        if value is None:
            asked.pop(name, None)
        else:
            asked[name] = value
    return asked.urlencode()


def applied(request: HttpRequest, *forms: Form) -> list[Applied]:
    """What the valid `forms` were asked for, a repeatable parameter value by value.

    The order of a list is chosen anew, not taken back, and so it is left out.
    """
    found = []
    for form in forms:
        for field in form:
            value = form.cleaned_data.get(field.name)
            if isinstance(value, list):
                found += [_one(request, field, each, only=each) for each in dict.fromkeys(value)]
            elif value and field.name != "sort":
                found.append(_one(request, field, value))
    return found


def _one(request: HttpRequest, field: BoundField, value: Any, *, only: str = "") -> Applied:
    asked = _asked(request)
    rest = [each for each in asked.getlist(field.name) if only and each != only]
    asked.setlist(field.name, rest)
    query = asked.urlencode()
    without = f"{request.path}?{query}" if query else request.path
    return Applied(str(field.label), _shown(field, value), without)


def _shown(field: BoundField, value: Any) -> str:
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, Model):
        return str(value)
    return str(dict(getattr(field.field, "choices", ())).get(value, value))


def _asked(request: HttpRequest) -> QueryDict:
    asked = request.GET.copy()
    for name, values in request.GET.lists():
        asked.setlist(name, [value for value in values if value])
    asked.pop("page", None)
    return asked
