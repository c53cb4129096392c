"""The form of an update: what it says, what that rests on, and what becomes of the milestones."""

from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.models import Evidence, Milestone, MilestoneChange, Pledge
from tracker.rules.dates import day_of
from tracker.vocabulary import DatePrecision, EvidenceKind, MilestoneState

TEXT = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 8, "cols": 60})}}
SHORT_TEXT = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2, "cols": 40})}}


def is_number(text: str) -> bool:
    """Whether an address gives a key that some row could have."""
    return text.isascii() and text.isdigit() and len(text) < 19


def pledge_of(request, update=None) -> Pledge | None:
    """The pledge that a form is about, if it is in this person's care, as it stands today."""
    asked = str(update.pledge_id if update else _asked(request))
    mine = Pledge.objects.in_care_of(request.user).as_of()
    return mine.filter(pk=asked).first() if is_number(asked) else None


def _asked(request) -> str:
    return request.POST.get("pledge") or request.GET.get("pledge", "")


class UpdateForm(forms.ModelForm):
    """An update, and a milestone that may be begun with it."""

    new_milestone_en = forms.CharField(
        label=gettext_lazy("Title (English)"), max_length=200, required=False
    )
    new_milestone_zh = forms.CharField(
        label=gettext_lazy("Title (Chinese)"), max_length=200, required=False
    )
    new_milestone_due_on = forms.DateField(
        label=gettext_lazy("First due date"), widget=AdminDateWidget, required=False
    )
    new_milestone_due_precision = forms.ChoiceField(
        label=gettext_lazy("How exactly it is stated"),
        choices=DatePrecision.choices,
        initial=DatePrecision.NONE,
        required=False,
    )

    def clean(self):
        data = super().clean()
        if (data.get("reported_progress") or 0) > 100:
            self.add_error("reported_progress", _("Progress is a whole number from 0 to 100."))
        exactly = data.get("due_precision")
        if "due_on" in data and bool(data["due_on"]) != (
            exactly not in ("", None, DatePrecision.NONE)
        ):
            self.add_error("due_precision" if data["due_on"] else "due_on", _due_pair())
        self._clean_new_milestone(data)
        return data

    def _clean_new_milestone(self, data) -> None:
        exactly = data.get("new_milestone_due_precision") or DatePrecision.NONE
        due_on = data.get("new_milestone_due_on")
        titles = [data.get("new_milestone_en"), data.get("new_milestone_zh")]
        if bool(due_on) != (exactly != DatePrecision.NONE):
            field = "new_milestone_due_precision" if due_on else "new_milestone_due_on"
            self.add_error(field, _due_pair())
        elif due_on and not any(titles):
            self.add_error(
                "new_milestone_en", _("Give the new milestone a title, or take its date out.")
            )

    def new_milestone(self) -> dict | None:
        """What was typed of a new milestone, as `actions.milestones.begin` takes it."""
        data = self.cleaned_data
        if not (data.get("new_milestone_en") or data.get("new_milestone_zh")):
            return None
        return {
            "title_en": data["new_milestone_en"],
            "title_zh": data["new_milestone_zh"],
            "due_on": data["new_milestone_due_on"],
            "due_precision": data["new_milestone_due_precision"] or DatePrecision.NONE,
        }


def _due_pair() -> str:
    return _("Give a date together with how exact it is, or neither.")


class PartInline:
    """Rows that belong to an update: they can be changed just while the update can."""

    def _is_open(self, request, obj):
        return obj is None or obj.allows("edit")

    def has_add_permission(self, request, obj):
        return super().has_add_permission(request, obj) and self._is_open(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._is_open(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._is_open(request, obj)


class EvidenceForm(forms.ModelForm):
    """One piece of evidence. A web address is enough to begin: it stands for the title and names
    the publisher until somebody writes them."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("kind", "title", "publisher"):
            if name in self.fields:
                self.fields[name].required = False

    def clean(self):
        data = super().clean()
        address = data.get("url")
        proposed = {"kind": EvidenceKind.OTHER, "title": address, "publisher": _host(address)}
        for name, value in proposed.items():
            if name in data and not data[name]:
                if address:
                    data[name] = value
                else:
                    self.add_error(name, _("Fill this in, or give a web address to begin with."))
        return data


def _host(address: str | None) -> str:
    return (urlsplit(address or "").hostname or "").removeprefix("www.")


class EvidenceInline(PartInline, admin.StackedInline):
    model = Evidence
    form = EvidenceForm
    verbose_name_plural = gettext_lazy("Evidence: what this rests on")
    view_on_site = False
    formfield_overrides = SHORT_TEXT
    fieldsets = (
        (
            None,
            {
                "description": gettext_lazy(
                    "Paste the address; the rest can follow until you submit. Without a title the"
                    " address stands for it, without a publisher its host."
                ),
                "fields": (
                    "url",
                    "title",
                    "publisher",
                    ("kind", "language"),
                    ("published_on", "seen_on"),
                    "quotation",
                ),
            },
        ),
        (
            gettext_lazy("A file, and what it shows"),
            {"classes": ["collapse"], "fields": ("file", ("note_en", "note_zh"))},
        ),
    )

    def get_extra(self, request, obj=None, **kwargs):
        # One open row to begin with; more are a click away.
        return 0 if obj and obj.evidence.exists() else 1


class MilestoneRow(forms.ModelForm):
    """What the update says of one milestone. A row that is left as it stands says nothing."""

    class Meta:
        widgets = {"milestone": forms.HiddenInput, "state": forms.RadioSelect}

    def clean(self):
        data = super().clean()
        # A milestone that readers do not see yet has no state: touched, it enters the record open.
        data["state"] = data.get("state") or MilestoneState.OPEN
        if data["state"] == MilestoneState.DONE:
            # Proposed: it was done on the day from which the update holds.
            data["done_on"] = data.get("done_on") or self.parent.effective_on
        elif "done_on" not in self.changed_data or not data.get("done_on"):
            data["done_on"] = None
        if "due_on" in data and bool(data["due_on"]) == (
            data.get("due_precision") == DatePrecision.NONE
        ):
            self.add_error("due_precision" if data["due_on"] else "due_on", _due_pair())
        return data


class MilestoneRows(BaseInlineFormSet):
    """A row for each milestone of the pledge: first those of which the update speaks already."""

    def __init__(self, *args, instance=None, **kwargs):
        super().__init__(*args, instance=instance, **kwargs)
        spoken_of = {change.milestone_id for change in self.get_queryset()}
        self._others = [pk for pk in self.milestones if pk not in spoken_of]
        self.extra = len(self._others)

    def _construct_form(self, i, **kwargs):
        is_new = i >= self.initial_form_count()
        milestone = self._milestone(i) if is_new else None
        if milestone is not None:
            kwargs["initial"] = {
                "milestone": milestone.pk,
                "state": milestone.state,
                "due_on": milestone.due_on if milestone.state else milestone.original_due_on,
                "due_precision": milestone.due_precision or milestone.original_due_precision,
                "done_on": milestone.done_on,
            }
        form = super()._construct_form(i, **kwargs)
        form.parent = self.instance
        form.step = milestone or self.milestones.get(form.instance.milestone_id)
        if is_new:
            # What the row showed is sent along: where the record has moved on meanwhile, a row
            # that nobody touched is still one that nobody touched.
            form.fields["state"].required = False
            for name in ("state", "due_on", "due_precision", "done_on"):
                form.fields[name].show_hidden_initial = True
        return form

    def _milestone(self, i: int) -> Milestone | None:
        """The milestone of row `i`: the one that it was sent with, where the form was sent."""
        if self.is_bound:
            sent = self.data.get(f"{self.add_prefix(i)}-milestone", "")
            return self.milestones.get(int(sent)) if is_number(sent) else None
        place = i - self.initial_form_count()
        return self.milestones[self._others[place]] if place < len(self._others) else None


class MilestoneChangeInline(PartInline, admin.TabularInline):
    model = MilestoneChange
    form = MilestoneRow
    formset = MilestoneRows
    extra = 0
    template = "admin/tracker/update/milestones.html"
    verbose_name_plural = gettext_lazy("Milestones: tick off, or move")
    fields = ("milestone", "state", "due_on", "due_precision", "done_on")

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        pledge = obj.pledge_id if obj else _asked(request)
        formset.milestones = _with_state(pledge) if is_number(str(pledge)) else {}
        own = Milestone.objects.filter(pk__in=formset.milestones)
        if "milestone" in formset.form.base_fields:
            # Hidden, and with no choice beside the pledge's own.
            formset.form.base_fields["milestone"] = forms.ModelChoiceField(
                own, widget=forms.HiddenInput
            )
        return formset

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name == "state":
            kwargs |= {"widget": forms.RadioSelect, "choices": MilestoneState.choices}
        return super().formfield_for_choice_field(db_field, request, **kwargs)


def _with_state(pledge_id) -> dict[int, Milestone]:
    """The pledge's milestones, each as it stands today; `state` is None before it is public."""
    own = Milestone.objects.filter(pledge=pledge_id)
    known = {one.pk: one for one in own.as_of(day_of(timezone.now()))}
    found = {}
    for milestone in own:
        row = known.get(milestone.pk, milestone)
        if row is milestone:
            row.state = row.due_on = row.done_on = None
            row.due_precision = ""
        found[milestone.pk] = row
    return found
