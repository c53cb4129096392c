"""The pledges that readers ask for: one filter for the list page, every report, API and command."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.db.models import F, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.forms.days import AsOfForm, IsoDateFilter
from tracker.models import Body, Pillar, Pledge, Programme, Sector
from tracker.rules.asof import AsOf
from tracker.vocabulary import Flag, Language, Status

MAX_SEARCH = 100


def _pillars() -> list[tuple[str, str]]:
    return [
        (str(p.order), str(p))
        for p in Pillar.objects.with_public_pledges().order_by("order", "programme")
    ]


SORTS = {
    "code": _("Code"),
    "-code": _("Code, backwards"),
    "title": _("Title"),
    "due": _("Due date, earliest first"),
    "-due": _("Due date, latest first"),
    "updated": _("Longest without an update first"),
    "-updated": _("Latest update first"),
}


#: What the pledges are counted by for each filter that offers a choice. Flags are computed.
COUNTED_BY = {
    "programme": "programme__slug",
    "pillar": "pillar__order",
    "sector": "sectors__slug",
    "body": "responsibilities__body__slug",
    "status": "status",
}


@dataclass(frozen=True)
class Option:
    """One choice of a filter. `count` is None where what was asked for cannot be answered."""

    value: str
    label: Any
    count: int | None
    is_chosen: bool


class PledgeFilter(django_filters.FilterSet):
    """The public pledges that a reader asks for. Its queryset comes from `PledgeQuerySet.seen`."""

    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        max_length=MAX_SEARCH,
        # On the page it stands apart from the other filters, and yet belongs to their form.
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "form": "filter"}),
    )
    programme = django_filters.ModelChoiceFilter(
        queryset=Programme.objects.with_public_pledges(),
        to_field_name="slug",
        label=_("Programme"),
        empty_label=_("All programmes"),
    )
    pillar = django_filters.ChoiceFilter(
        field_name="pillar__order",
        choices=_pillars,
        label=_("Pillar"),
        empty_label=_("All pillars"),
    )
    sector = django_filters.ModelChoiceFilter(
        field_name="sectors",
        queryset=Sector.objects.with_public_pledges(),
        to_field_name="slug",
        label=_("Sector"),
        empty_label=_("All sectors"),
    )
    body = django_filters.ModelChoiceFilter(
        field_name="responsibilities__body",
        queryset=Body.objects.with_public_pledges(),
        to_field_name="slug",
        label=_("Body"),
        empty_label=_("All bodies"),
    )
    status = django_filters.MultipleChoiceFilter(
        choices=Status.choices, label=_("Status"), widget=forms.CheckboxSelectMultiple
    )
    flag = django_filters.MultipleChoiceFilter(
        choices=Flag.choices,
        label=_("Flag"),
        method="flagged",
        widget=forms.CheckboxSelectMultiple,
    )
    due_after = IsoDateFilter(
        field_name="due_on",
        lookup_expr="gte",
        label=_("Due on or after"),
    )
    due_before = IsoDateFilter(
        field_name="due_on",
        lookup_expr="lte",
        label=_("Due on or before"),
    )
    sort = django_filters.ChoiceFilter(
        choices=list(SORTS.items()), method="sorted", label=_("Sort by"), empty_label=None
    )

    class Meta:
        model = Pledge
        fields: list[str] = []

    def __init__(self, data=None, queryset=None, *, asof: AsOf, **kwargs):
        super().__init__(data, queryset, **kwargs)
        self.asof = asof

    def without(self, name: str) -> QuerySet:
        """The pledges that all that was asked for gives, but for the filter `name`."""
        found = self.queryset.all()
        for other, value in self.form.cleaned_data.items():
            if other not in (name, "sort"):
                found = self.filters[other].filter(found, value)
        return found

    @cached_property
    def options(self) -> dict[str, list["Option"]]:
        """What each filter with a choice offers, and how many pledges that would give.

        Asked in as many queries as there are such filters, however much they offer. A filter's
        own choice does not count against its other options; but flags add up, and so each is
        counted together with those chosen already.
        """
        if not self.is_valid():
            return {name: self._options(name, None) for name in (*COUNTED_BY, "flag")}
        found = {
            name: self._options(name, self.without(name).counted_by(field))
            for name, field in COUNTED_BY.items()
        }
        flags = self.without("").counted_by_flag(self.asof.day)
        return found | {"flag": self._options("flag", flags)}

    def _options(self, name: str, counts: Mapping | None) -> list["Option"]:
        field = self.form[name]
        given = field.value() or ""
        chosen = {str(each) for each in (given if isinstance(given, list) else [given])}
        # A pillar's number is one in the database, and a word in an address.
        by_value = None if counts is None else {str(value): n for value, n in counts.items()}
        return [
            Option(
                value=str(value),
                label=label,
                count=None if by_value is None else by_value.get(str(value), 0),
                is_chosen=str(value) in chosen,
            )
            for value, label in field.field.choices
            if str(value)
        ]

    @property
    def qs(self) -> QuerySet:
        # Always in a stable order: files are compared by their bytes.
        found = super().qs
        return found if found.query.order_by else found.order_by("code")

    @property
    def active(self) -> int:
        """How many filters were asked for, the search and the order left out."""
        if not self.is_valid():
            return 0
        given = self.form.cleaned_data
        return sum(bool(given[name]) for name in given if name not in ("q", "sort"))

    def search(self, queryset, name, value):
        return queryset.matching(value, self.asof)

    def flagged(self, queryset, name, value):
        for flag in value:
            queryset = queryset.flagged(flag, self.asof.day)
        return queryset

    def sorted(self, queryset, name, value):
        suffix = Language.of(get_language()).suffix
        orders = {
            "code": [F("code").asc()],
            "-code": [F("code").desc()],
            "title": [F(f"title_{suffix}").asc()],
            "due": [F("due_on").asc(nulls_last=True)],
            "-due": [F("due_on").desc(nulls_last=True)],
            "updated": [F("last_entry_on").asc()],
            "-updated": [F("last_entry_on").desc()],
        }
        return queryset.order_by(*orders[value], "code")


@dataclass(frozen=True)
class Asked:
    """What an address asks for: a day, and the pledges that fit as of it."""

    asof_form: AsOfForm
    filter: PledgeFilter

    @property
    def asof(self) -> AsOf:
        return self.filter.asof

    @cached_property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong with each parameter; nothing where it can be answered."""
        return self.asof_form.errors | (self.filter.errors or {})

    @property
    def pledges(self) -> QuerySet:
        """Those that fit; none where what was asked for cannot be answered."""
        return Pledge.objects.none() if self.errors else self.filter.qs


def asked(data: Mapping[str, Any], *, today: date) -> Asked:
    """What the parameters `data` ask for on the day `today`: the one way from them to pledges."""
    form = AsOfForm(data, today=today)
    asof = form.asof()
    return Asked(form, PledgeFilter(data, Pledge.objects.seen(asof), asof=asof))
