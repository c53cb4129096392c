"""The form of an update: what it says and what that rests on. Its milestones: `milestone_rows`."""

from urllib.parse import urlsplit

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.forms.scanning import scanned
from tracker.models import Evidence, Pledge
from tracker.vocabulary import DatePrecision, EvidenceKind

TEXT = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 8, "cols": 60})}}
SHORT_TEXT = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2, "cols": 40})}}


def is_number(text: str) -> bool:
    """Whether an address gives a key that some row could have."""
    return text.isascii() and text.isdigit() and len(text) < 19


def pledge_of(request, update=None) -> Pledge | None:
    """The pledge that a form is about, if it is in this person's care, as it stands today."""
    asked = str(update.pledge_id if update else asked_pledge(request))
    mine = Pledge.objects.in_care_of(request.user).as_of()
    return mine.filter(pk=asked).first() if is_number(asked) else None


def asked_pledge(request) -> str:
    """The key of the pledge that a form was sent with, or that its address names."""
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
            self.add_error("due_precision" if data["due_on"] else "due_on", due_pair())
        self._clean_new_milestone(data)
        return data

    def _clean_new_milestone(self, data) -> None:
        exactly = data.get("new_milestone_due_precision") or DatePrecision.NONE
        due_on = data.get("new_milestone_due_on")
        titles = [data.get("new_milestone_en"), data.get("new_milestone_zh")]
        if bool(due_on) != (exactly != DatePrecision.NONE):
            field = "new_milestone_due_precision" if due_on else "new_milestone_due_on"
            self.add_error(field, due_pair())
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


def due_pair() -> str:
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

    def clean_file(self):
        file = self.cleaned_data["file"]
        # What is there already was looked into when it came.
        return scanned(file) if isinstance(file, UploadedFile) else file

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

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if self._is_open(request, obj):
            return fieldsets
        # Who only reads needs no word on how to write.
        return [
            (name, {key: value for key, value in options.items() if key != "description"})
            for name, options in fieldsets
        ]

    def get_extra(self, request, obj=None, **kwargs):
        # One open row to begin with; more are a click away.
        return 0 if obj and obj.evidence.exists() else 1
