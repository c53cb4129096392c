"""What is asked of one report: the one way from an address or a command to its rows."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tracker.forms.days import AsOfForm, PeriodForm
from tracker.forms.pledges import PledgeFilter
from tracker.models import Pledge
from tracker.rules.asked import Options
from tracker.rules.asof import AsOf


class GroupingForm(forms.Form):
    """By what a summary counts."""

    by = forms.ChoiceField(
        label=_("Count by"), choices=[("pillar", _("Pillar")), ("body", _("Body"))], required=False
    )


@dataclass(frozen=True)
class AskedOfReport:
    """What is asked of one report: the day, the pledges that fit, and its own parameters.

    `takes` are the parameters of its own that it has. One that is `of_today` answers for no other.
    """

    asof: AsOf
    asof_form: AsOfForm
    period: PeriodForm
    grouping: GroupingForm
    filter: PledgeFilter
    takes: Collection[str]
    of_today: bool

    @property
    def pledges(self) -> QuerySet:
        """Those that fit; none where what was asked for cannot be answered."""
        return Pledge.objects.none() if self.errors else self.filter.qs

    @cached_property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong with each parameter; nothing where it can be answered."""
        found = self.asof_form.errors | (self.filter.errors or {})
        for form in (self.period, self.grouping):
            found |= form.errors
            for name in form.fields:
                if name not in self.takes and form.data.get(name):
                    found |= {name: [_("This report does not take it. Leave it out.")]}
        if self.of_today and not self.asof.is_now:
            asked = "as_of" if self.asof.on else "known_on"
            found |= {asked: [_("This report is of today. Leave the day out.")]}
        return found

    @property
    def options(self) -> Options:
        """The parameters of its own, and the filters as given."""
        start = end = None
        if "from" in self.takes and self.period.is_valid():
            start, end = self.period.cleaned_data["from"], self.period.end
        by = self.grouping.cleaned_data.get("by") if self.grouping.is_valid() else ""
        given = tuple(
            (name, value)
            for name in self.filter.form.fields
            for value in self.filter.data.getlist(name)
            if value and name != "sort"
        )
        sort = self.filter.data.get("sort", "")
        return Options(start, end, by or "pillar", given, sort)


def asked_of_report(
    data, *, today: date, takes: Collection[str] = (), staff: QuerySet | None = None
) -> AskedOfReport:
    """What the parameters `data` ask of a report on the day `today`: the one way from them to rows.

    `staff` are the pledges to choose from for those who see more than is public.
    """
    asof_form = AsOfForm(data, today=today)
    asof = last = asof_form.asof()
    period = PeriodForm(data, asof=asof)
    if "to" in takes and period.is_valid():
        # A period's pledges are those of its end, as published then, as on the page of changes.
        asof = replace(asof, on=period.end)
        last = replace(asof, known_on=asof.known_on or asof.day)

    def pledges() -> QuerySet:
        return Pledge.objects.seen(last) if staff is None else staff

    return AskedOfReport(
        asof=asof,
        asof_form=asof_form,
        period=period,
        grouping=GroupingForm(data),
        filter=PledgeFilter(data, pledges, asof=last, worded_on=asof.known_on),
        takes=takes,
        of_today=staff is not None,
    )
