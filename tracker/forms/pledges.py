"""The pledges that readers ask for: one filter for the list page, every report, API and command."""

from collections.abc import Callable, Mapping
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
from tracker.models import Pledge
from tracker.queries.belonging import GROUPS, Belonging, address_of
from tracker.queries.facet_sets import Day, Facets, Wanted
from tracker.queries.facets import facets, facets_on
from tracker.queries.search import found, matching
from tracker.rules.asof import AsOf
from tracker.vocabulary import Flag, Language, Status

MAX_SEARCH = 100


SORTS = {
    "code": _("Code"),
    "-code": _("Code, backwards"),
    "title": _("Title"),
    "due": _("Due date, earliest first"),
    "-due": _("Due date, latest first"),
    "updated": _("Longest without an update first"),
    "-updated": _("Latest update first"),
}


class GroupFilter(django_filters.ChoiceFilter):
    """One of the groups that a public pledge belongs to. Which there are is asked once for all."""

    def __init__(self, **kwargs) -> None:
        messages = {
            "invalid_choice": forms.ModelChoiceField.default_error_messages["invalid_choice"]
        }
        super().__init__(method="within", choices=[], error_messages=messages, **kwargs)


@dataclass(frozen=True)
class Option:
    """One choice of a filter. `count` is None where what was asked for cannot be answered."""

    value: str
    label: Any
    count: int | None
    is_chosen: bool


class PledgeFilter(django_filters.FilterSet):
    """The public pledges that a reader asks for, among what `pledges` gives: what comes from
    `PledgeQuerySet.seen`. Lists take them from sets and never ask: a past day's question would take
    a fifth of the page to put together.

    Groups, words and titles are those of the end of `worded_on`, which is the day as of which the
    record is known, else today.
    """

    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        max_length=MAX_SEARCH,
        # On the page it stands apart from the other filters, and yet belongs to their form.
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "form": "filter"}),
    )
    programme = GroupFilter(
        label=_("Programme"),
        empty_label=_("All programmes"),
    )
    pillar = GroupFilter(
        label=_("Pillar"),
        empty_label=_("All pillars"),
    )
    sector = GroupFilter(
        label=_("Sector"),
        empty_label=_("All sectors"),
    )
    body = GroupFilter(
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

    def __init__(
        self, data, pledges: Callable[[], QuerySet], *, asof: AsOf, worded_on: date | None
    ) -> None:
        super().__init__(data, Pledge.objects.none())
        self.pledges = pledges
        self.asof = asof
        self.belonging = Belonging(worded_on)
        for name in GROUPS:
            self.filters[name].extra["choices"] = self._asked_for(name)

    @cached_property
    def now(self) -> Facets:
        """The public pledges as they stand now, as sets."""
        return facets()

    @cached_property
    def day(self) -> Day:
        """The public pledges as of the day asked about, as sets."""
        return self.now.on(self.asof) if self.asof.is_now else facets_on(self.asof)

    @cached_property
    def groups(self) -> dict[str, list[Any]]:
        """The groups that each filter offers: those of a public pledge. In the words of a past day
        those, too, of a pledge that was public then."""
        if not self.belonging.known_on:
            return {name: self.now.groups(name) for name in GROUPS}
        then, now = self.day.facets, self.now.sets
        return {
            name: [
                group
                for group in self.belonging.groups(name)
                if now[name].get(group.pk) or then.sets[name].get(group.pk)
            ]
            for name in GROUPS
        }

    def _asked_for(self, name: str) -> Callable[[], list[tuple[str, str]]]:
        """A filter's choices, when they are needed: those of a past day are read from the record.

        A function, for forms copy their fields with all that is in them: of a method they would
        copy this whole filter, and each copy would read everything anew.
        """
        return lambda: self._choices[name]

    @property
    def _choices(self) -> dict[str, list[tuple[str, str]]]:
        """What each filter of groups offers. Today's hold for an edition, in each language."""
        if self.belonging.known_on:
            return self._offered
        kept, language = self.now.offered, get_language()
        if language not in kept:
            kept[language] = self._offered
        return kept[language]

    @cached_property
    def _offered(self) -> dict[str, list[tuple[str, str]]]:
        return {
            name: [(address_of(name, group), str(group)) for group in groups]
            for name, groups in self.groups.items()
        }

    @cached_property
    def wanted(self) -> Wanted:
        """What is asked for, where it can be answered."""
        given = self.form.cleaned_data
        return Wanted(
            **{name: given[name] for name in (*GROUPS, "due_after", "due_before")},
            status=tuple(given["status"]),
            flag=tuple(given["flag"]),
            found=found(given["q"], self.asof, self.day) if given["q"] else None,
        )

    @cached_property
    def options(self) -> dict[str, list["Option"]]:
        """What each filter with a choice offers, and how many pledges that would give.

        A filter's own choice does not count against its other options; but flags add up, and so
        each is counted together with those chosen already.
        """
        names = (*GROUPS, "status", "flag")
        if not self.is_valid():
            return {name: self._options(name, None) for name in names}
        counts = self.day.counts(self.wanted)
        return {name: self._options(name, counts[name]) for name in names}

    def _options(self, name: str, counts: Mapping | None) -> list["Option"]:
        field = self.form[name]
        given = field.value() or ""
        chosen = {str(each) for each in (given if isinstance(given, list) else [given])}
        return [
            Option(
                value=str(value),
                label=label,
                count=None if counts is None else counts.get(str(value), 0),
                is_chosen=str(value) in chosen,
            )
            for value, label in field.field.choices
            if str(value)
        ]

    @property
    def qs(self) -> QuerySet:
        self.queryset = self.pledges()
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

    @cached_property
    def listed(self) -> "Listed":
        """The pledges that fit, in the order asked for, to be read page by page."""
        sort = self.form.cleaned_data["sort"] or "code"
        if sort == "title":
            sort = f"title_{Language.of(get_language()).suffix}"
        return Listed(self.day, self.day.fitting(self.wanted), sort)

    def search(self, queryset, name, value):
        return matching(queryset, value, self.asof, self.belonging)

    def within(self, queryset, name, value):
        """Those of a group; of several, where two programmes have a pillar of that number."""
        chosen = [group.pk for group in self.groups[name] if address_of(name, group) == value]
        return queryset.filter(self.belonging.within(name, chosen))

    def flagged(self, queryset, name, value):
        for flag in value:
            queryset = queryset.flagged(flag, self.asof.day)
        return queryset

    def sorted(self, queryset, name, value):
        if value == "title":
            suffix = Language.of(get_language()).suffix
            return self.belonging.by_title(queryset, suffix)
        orders = {
            "code": [F("code").asc()],
            "-code": [F("code").desc()],
            "due": [F("due_on").asc(nulls_last=True)],
            "-due": [F("due_on").desc(nulls_last=True)],
            "updated": [F("last_entry_on").asc()],
            "-updated": [F("last_entry_on").desc()],
        }
        return queryset.order_by(*orders[value], "code")


@dataclass(frozen=True)
class Listed:
    """The keys of the pledges that fit, in an order: what a paginator takes."""

    day: Day
    fits: int
    sort: str

    def __len__(self) -> int:
        return self.fits.bit_count()

    def __getitem__(self, part: slice) -> list[int]:
        return self.day.page(self.fits, self.sort, part.start, part.stop - part.start)


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

    def seen() -> QuerySet:
        return Pledge.objects.seen(asof)

    return Asked(form, PledgeFilter(data, seen, asof=asof, worded_on=asof.known_on))
