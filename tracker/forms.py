"""What readers may ask for: one filter for the list page, every report and the command.

Parameters are those of DESIGN, section 4.
"""

import django_filters
from django import forms
from django.db.models import F, Model, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tracker.models import Body, Pillar, Pledge, Programme, Sector
from tracker.rules.asof import AsOf
from tracker.vocabulary import Flag, Language, Status

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


class PledgeFilter(django_filters.FilterSet):
    """The public pledges that a reader asks for. Its queryset comes from `PledgeQuerySet.seen`."""

    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        max_length=MAX_SEARCH,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
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

    @property
    def qs(self) -> QuerySet:
        # Always in a stable order: files are compared by their bytes.
        found = super().qs
        return found if found.query.order_by else found.order_by("code")

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
