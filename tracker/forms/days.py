"""The days that readers ask for: one to look at, or the two ends of a period."""

from datetime import date, timedelta

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.rules.asof import AsOf


class DateInput(forms.DateInput):
    """A browser's own date field, which sends and wants ISO dates."""

    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)


class IsoDateField(forms.DateField):
    widget = DateInput
    default_error_messages = {"invalid": _("This is no date. Write it as YYYY-MM-DD.")}

    def __init__(self, **kwargs):
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)


class IsoDateFilter(django_filters.Filter):
    field_class = IsoDateField


class AsOfForm(forms.Form):
    """The day asked about and the day as of which the record is known: neither is to come."""

    as_of = IsoDateField(label=_("As it stood on"), required=False)
    known_on = IsoDateField(label=_("As known on"), required=False)

    def __init__(self, *args, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today

    def _not_to_come(self, name):
        day = self.cleaned_data[name]
        if day and day > self.today:
            raise forms.ValidationError(
                _("%(day)s is yet to come. Choose today or an earlier day."),
                params={"day": day.isoformat()},
            )
        return day

    def clean_as_of(self):
        return self._not_to_come("as_of")

    def clean_known_on(self):
        return self._not_to_come("known_on")

    def asof(self) -> AsOf:
        """What was asked for; today where it was not valid."""
        if not self.is_valid():
            return AsOf(self.today)
        return AsOf(self.today, self.cleaned_data["as_of"], self.cleaned_data["known_on"])


class PeriodForm(forms.Form):
    """The two days between which changes are told: the first one is outside, the last one inside.

    Neither comes after the day that the page is read for. Without them it is the last 90 days.
    """

    DAYS = 90

    def __init__(self, *args, asof: AsOf, **kwargs):
        super().__init__(*args, **kwargs)
        self.asof = asof
        # Named by what the address says: `from` cannot be the name of an attribute.
        self.fields["from"] = IsoDateField(label=_("From the end of"), required=False)
        self.fields["to"] = IsoDateField(label=_("To the end of"), required=False)

    def clean(self):
        for name in ("from", "to"):
            day = self.cleaned_data.get(name)
            if day and day > self.asof.day:
                self.add_error(
                    name,
                    forms.ValidationError(
                        _("%(day)s comes after %(last)s, the day that this page is read for."),
                        params={"day": day.isoformat(), "last": self.asof.day.isoformat()},
                    ),
                )
        if not self.errors and self.start > self.end:
            self.add_error(
                "from",
                forms.ValidationError(
                    _("%(start)s comes after %(end)s. Give the earlier day first."),
                    params={"start": self.start.isoformat(), "end": self.end.isoformat()},
                ),
            )
        return self.cleaned_data

    @property
    def end(self) -> date:
        return self.cleaned_data.get("to") or self.asof.day

    @property
    def start(self) -> date:
        days = min(self.DAYS, (self.end - date.min).days)
        return self.cleaned_data.get("from") or self.end - timedelta(days=days)
