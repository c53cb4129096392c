"""The milestones in an update's form: a row for each of the pledge's, ready to be ticked off."""

import json
from datetime import date

from django import forms
from django.contrib import admin
from django.core.serializers.json import DjangoJSONEncoder
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from tracker.admin.update_form import PartInline, asked_pledge, due_pair, is_number
from tracker.models import Milestone, MilestoneChange
from tracker.rules.dates import day_of
from tracker.vocabulary import DatePrecision, MilestoneState


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
            self.add_error("due_precision" if data["due_on"] else "due_on", due_pair())
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
            shown = _shown_of(milestone)
            if self.is_bound:
                shown = _read(self.data.get(f"{self.add_prefix(i)}-shown")) or shown
            kwargs["initial"] = {"milestone": milestone.pk, **shown}
        form = super()._construct_form(i, **kwargs)
        form.parent = self.instance
        form.step = milestone or self.milestones.get(form.instance.milestone_id)
        if milestone is not None:
            form.fields["state"].required = False
            form.fields["shown"] = Shown(initial=json.dumps(shown, cls=DjangoJSONEncoder))
        return form

    def _milestone(self, i: int) -> Milestone | None:
        """The milestone of row `i`: the one that it was sent with, where the form was sent."""
        if self.is_bound:
            sent = self.data.get(f"{self.add_prefix(i)}-milestone", "")
            return self.milestones.get(int(sent)) if is_number(sent) else None
        place = i - self.initial_form_count()
        return self.milestones[self._others[place]] if place < len(self._others) else None


class Shown(forms.CharField):
    """What a row showed when it was opened. It is sent along: where the record has moved on
    meanwhile, a row that nobody touched is still one that nobody touched."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs):
        super().__init__(required=False, **kwargs)

    def has_changed(self, initial, data):
        return False


def _shown_of(milestone: Milestone) -> dict:
    """How a milestone stands, as its row begins with it. `state` is None before it is public."""
    is_known = milestone.state is not None
    return {
        "state": milestone.state,
        "due_on": milestone.due_on if is_known else milestone.original_due_on,
        "due_precision": (
            milestone.due_precision if is_known else milestone.original_due_precision
        ),
        "done_on": milestone.done_on,
    }


def _read(text: str | None) -> dict | None:
    """What a page says that its row showed; None where that cannot be read."""
    try:
        said = json.loads(text or "")
        days = {name: said[name] and date.fromisoformat(said[name]) for name in _DAYS}
        return {name: said[name] for name in ("state", "due_precision")} | days
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


_DAYS = ("due_on", "done_on")


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
        pledge = obj.pledge_id if obj else asked_pledge(request)
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
            row.due_precision = DatePrecision.NONE
        found[milestone.pk] = row
    return found
