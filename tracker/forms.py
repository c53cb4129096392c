"""What readers may ask for: one filter for the list page, every report and the command; and what
they may send.

Parameters are those of DESIGN, section 4.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.core import signing
from django.core.validators import URLValidator
from django.db.models import F, Model, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.models import Body, Pillar, Pledge, Programme, Sector
from tracker.models.fields import ExactTextField
from tracker.rules.asked import Options
from tracker.rules.asof import AsOf
from tracker.vocabulary import FeedbackKind, Flag, Language, Status

MAX_SEARCH = 100


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


class SourceForm(forms.Form):
    """Which stretches of a source its page shows. What is no choice shows the whole text."""

    SHOWN = [
        ("", _("The whole text")),
        ("pledges", _("Only pledges")),
        ("others", _("Only what is no pledge")),
    ]

    show = forms.ChoiceField(choices=SHOWN, required=False)

    def shown(self) -> str:
        return self.cleaned_data["show"] if self.is_valid() else ""


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
    pledges = Pledge.objects.seen(last) if staff is None else staff
    return AskedOfReport(
        asof=asof,
        asof_form=asof_form,
        period=period,
        grouping=GroupingForm(data),
        filter=PledgeFilter(data, pledges, asof=last),
        takes=takes,
        of_today=staff is not None,
    )


class FeedbackForm(forms.Form):
    """What a reader writes about a pledge, with what keeps machines out: no third party is asked.

    A field that only machines fill in; a stamp, signed by us, of when the page was made, which
    is neither too young nor too old; and limits to length and links. Every refusal keeps the text.
    """

    SOONEST = timedelta(seconds=3)
    LATEST = timedelta(hours=24)
    MOST_LINKS = 3
    SALT = "tracker.feedback"

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=FeedbackKind.choices, widget=forms.RadioSelect
    )
    text = ExactTextField(
        label=_("Your message"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    url = forms.URLField(
        label=_("Web address (optional)"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address (optional)"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    homepage = forms.CharField(
        label=_("Leave this empty: it is here to catch machines"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, pledge: Pledge, at: datetime, **kwargs):
        super().__init__(data, **kwargs)
        self.pledge = pledge
        self.at = at
        self.initial["stamp"] = signing.dumps([pledge.code, at.isoformat()], salt=self.SALT)

    def clean_text(self):
        text = self.cleaned_data["text"].strip()
        if not text:
            raise forms.ValidationError(_("Write what is wrong, or what the evidence shows."))
        if len(re.findall(r"https?://|www\.", text, re.IGNORECASE)) > self.MOST_LINKS:
            raise forms.ValidationError(
                _("A message holds at most %(most)s web addresses. Send the others apart."),
                params={"most": self.MOST_LINKS},
            )
        return text

    def clean_homepage(self):
        if self.cleaned_data["homepage"]:
            raise forms.ValidationError(
                _("This field has to be empty. Empty it and send the message again.")
            )
        return ""

    def clean(self):
        made_at = self._made_at()
        if made_at is None or self.at - made_at > self.LATEST:
            self._stamp_anew()
            raise forms.ValidationError(
                _("This page was open for too long. Your text is kept below: send it again.")
            )
        if self.at - made_at < self.SOONEST:
            raise forms.ValidationError(
                _("That was faster than anybody writes. Wait a moment and send it again.")
            )
        return self.cleaned_data

    def _made_at(self) -> datetime | None:
        """When the page that sends this was made; None where the stamp is not ours."""
        try:
            code, made_at = signing.loads(self.cleaned_data.get("stamp", ""), salt=self.SALT)
        except (signing.BadSignature, ValueError):
            return None
        return datetime.fromisoformat(made_at) if code == self.pledge.code else None

    def _stamp_anew(self) -> None:
        self.data = self.data.copy()
        self.data[self.add_prefix("stamp")] = self.initial["stamp"]


def subject_code(subject: Model | None) -> str:
    """How a form and an address name what is followed."""
    if isinstance(subject, Pillar):
        return f"pillar:{subject.programme.slug}:{subject.order}"
    if isinstance(subject, Body):
        return f"body:{subject.slug}"
    if isinstance(subject, Pledge):
        return f"pledge:{subject.code}"
    return EVERYTHING


EVERYTHING = "all"


class FollowForm(forms.Form):
    """An address, and what it wants to be written to about.

    `pledge` (public, or None) is offered besides everything, the pillars and the bodies: a list
    of all pledges would be as long as the record.
    """

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    subject = forms.ChoiceField(label=_("What to follow"))
    # Hidden from people. Programs that fill in every field give themselves away here.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args, pledge: Pledge | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        pillars = Pillar.objects.with_public_pledges().select_related("programme")
        self.subjects = {
            subject_code(subject): subject
            for subject in (pledge, *pillars, *Body.objects.with_public_pledges())
            if subject
        }
        choices: list = [(EVERYTHING, _("Everything"))]
        for kind, name in ((Pledge, _("Pledge")), (Pillar, _("Pillar")), (Body, _("Body"))):
            of_kind = [(c, str(s)) for c, s in self.subjects.items() if isinstance(s, kind)]
            choices += [(name, of_kind)] if of_kind else []
        self.fields["subject"].choices = choices

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.data.get("website"))

    def clean_email(self) -> str:
        # One mailbox is one address, however it is typed: providers do not tell the case apart.
        return self.cleaned_data["email"].lower()

    def asked_subject(self) -> Model | None:
        """What is to be followed, once the form is valid; None for everything."""
        return self.subjects.get(self.cleaned_data["subject"])
