"""Two people at once: whoever saves what was changed since they opened it is told, sees both
versions and loses nothing.

`VersionedAdmin` is for every model with a `version`. Its pages carry what they were opened with.
When they are sent, the row is locked and compared before anything is saved, in the transaction
that saves. Has it moved on, nothing is saved: the form comes back merged, with a table of what
differs, and can be saved again on purpose. The trigger `…_moves_on_by_one` is the second belt.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.admin.audited import AuditedAdmin
from tracker.admin.merging import (
    OPENED,
    Merge,
    Section,
    kept_text,
    part,
    read,
    row_snapshot,
    snapshot,
)
from tracker.admin.steps import seen_in
from tracker.models import User
from tracker.vocabulary import Refusal

CONFLICT = 409


@dataclass
class Conflict:
    """What stopped a save: who saved meanwhile, what differs, and the page's new beginning."""

    merge: Merge
    opened: str
    person: User | None
    at: datetime | None
    is_own: bool

    @property
    def sections(self) -> list[Section]:
        return self.merge.sections


def conflict_of(request: HttpRequest) -> Conflict | None:
    return getattr(request, "conflict", None)


class OpenedField(forms.CharField):
    """Carries what a page was opened with. While there is a conflict, no form is valid."""

    widget = forms.HiddenInput

    def __init__(self, *, conflict: Conflict | None = None) -> None:
        super().__init__(required=False)
        self.conflict = conflict

    def clean(self, value):
        if self.conflict:
            raise ValidationError(Refusal.CHANGED_MEANWHILE.label)
        return super().clean(value)

    def has_changed(self, initial, data) -> bool:
        return False


def is_versioned(model: type[models.Model]) -> bool:
    try:
        model._meta.get_field("version")
    except FieldDoesNotExist:
        return False
    return True


def last_saved(rows: Iterable[models.Model]) -> tuple[User | None, datetime | None]:
    """Who saved the last of `rows`, and when, as far as that is kept."""
    saved: list[tuple[datetime, User | None]] = []
    for row in rows:
        if hasattr(row, "history"):
            saved += [(entry.history_date, entry.history_user) for entry in row.history.all()[:1]]
            continue
        for moment in row._meta.get_fields():
            if isinstance(moment, models.DateTimeField) and getattr(row, moment.name):
                by = getattr(row, f"{moment.name.removesuffix('_at')}_by", None)
                saved.append((getattr(row, moment.name), by))
    if not saved:
        return None, None
    at, person = max(saved, key=lambda one: one[0])
    return person, at


class VersionedAdmin(AuditedAdmin):
    """A ModelAdmin of a model with a `version`: its form, its list, its deletions.

    An action or a step asks `seen` for the version that the person looked at.
    """

    delete_selected_confirmation_template = "admin/versioned_delete_selected.html"

    def lock(self, row: models.Model) -> None:
        """Holds the row until the transaction ends."""
        self.model._base_manager.select_for_update().filter(pk=row.pk).first()

    # --- the form --------------------------------------------------------------------------

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is not None and self.has_change_permission(request, obj):
            form.base_fields[OPENED] = OpenedField(conflict=conflict_of(request))
        return form

    def get_fields(self, request, obj=None):
        return [name for name in super().get_fields(request, obj) if name != OPENED]

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            row = self._locked(request, object_id)
            if row is not None and self.has_change_permission(request, row):
                request.conflict = self._conflict(request, row)
            elif OPENED in request.POST and self.has_change_permission(request):
                return self._too_late(request, row)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _locked(self, request, object_id):
        """The row as it stands once nobody else can change it; None where there is none."""
        to_field = request.POST.get(TO_FIELD_VAR, request.GET.get(TO_FIELD_VAR))
        if to_field and not self.to_field_allowed(request, to_field):
            return None
        row = self.get_object(request, unquote(object_id), to_field)
        if row is None:
            return None
        self.lock(row)
        return self.get_object(request, unquote(object_id), to_field)

    def _formsets(self, request, row):
        """The rows of the form that this person may change, as they stand now."""
        prefixes: dict[str, int] = {}
        for formset, inline in self.get_formsets_with_inlines(request, row):
            prefix = formset.get_default_prefix()
            prefixes[prefix] = prefixes.get(prefix, 0) + 1
            if prefixes[prefix] > 1:
                prefix = f"{prefix}-{prefixes[prefix]}"
            if not inline.has_change_permission(request, row):
                continue
            if is_versioned(formset.model):
                held = formset.model._base_manager.select_for_update()
                list(held.filter(**{formset.fk.name: row}).order_by("pk").values_list("pk"))
            yield formset(instance=row, prefix=prefix, queryset=inline.get_queryset(request))

    def _conflict(self, request, row) -> Conflict | None:
        """What stops this save; None where nothing was changed since the page was opened."""
        opened = read(request.POST.get(OPENED))
        formsets = list(self._formsets(request, row))
        moved = [
            *([row] if opened is None or opened.get("version") != row.version else []),
            *(other for formset in formsets for other in _moved(formset, opened)),
        ]
        if not moved:
            return None
        form = self.get_form(request, row, change=True, fields=self._flat_fields(request, row))
        now = form(instance=row)
        merge = Merge(request)
        merge.add_form(now, part(opened, "fields"), str(row))
        for formset in formsets:
            merge.add_rows(formset, part(opened, "rows", formset.prefix))
        return self._stopped(request, merge, snapshot(now, formsets), moved)

    def _flat_fields(self, request, row):
        return flatten_fieldsets(self.get_fieldsets(request, row))

    def _stopped(self, request, merge, opened, moved) -> Conflict:
        """Puts the merged data in place of what was sent."""
        merge.data[OPENED] = opened
        request.POST = merge.data
        # A browser would not send the files again with the form that comes back.
        request.FILES.clear()
        person, at = last_saved(moved)
        return Conflict(merge, opened, person, at, person == request.user)

    def render_change_form(self, request, context, add=False, change=False, obj=None, **kwargs):
        form = context["adminform"].form
        conflict = conflict_of(request)
        inlines = context["inline_admin_formsets"]
        formsets = [one.formset for one in inlines if one.has_change_permission]
        if conflict:
            context |= {"conflict": conflict, "errors": None}
            for one in [form, *(row for formset in formsets for row in formset.forms)]:
                _note(one, conflict)
        elif OPENED in form.fields and not form.is_bound:
            form.initial[OPENED] = snapshot(form, formsets)
        response = super().render_change_form(
            request, context, add=add, change=change, obj=obj, **kwargs
        )
        if conflict:
            response.status_code = CONFLICT
        return response

    def _too_late(self, request, row):
        """A page for copying what was typed, where it can no longer be saved."""
        may_view = row is not None and self.has_view_permission(request, row)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Not saved"),
            "opts": self.opts,
            "original": row if may_view else None,
            "kept": kept_text(self.model, request),
        }
        if may_view:
            context["person"], context["at"] = last_saved([row])
        return TemplateResponse(request, "admin/too_late.html", context, status=CONFLICT)

    # --- the list --------------------------------------------------------------------------

    def changelist_view(self, request, extra_context=None):
        if request.method == "POST" and "_save" in request.POST and self.list_editable:
            with transaction.atomic():
                if self.has_change_permission(request):
                    request.conflict = self._list_conflict(request)
                response = super().changelist_view(request, extra_context)
        else:
            response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        if "cl" in context:
            self._carry(request, response, context)
        return response

    def get_changelist_formset(self, request, **kwargs):
        formset = super().get_changelist_formset(request, **kwargs)
        if not conflict_of(request):
            return formset

        class Stopped(formset):
            def clean(self):
                raise ValidationError(Refusal.CHANGED_MEANWHILE.label)

        return Stopped

    def get_changelist_form(self, request, **kwargs):
        base = super().get_changelist_form(request, **kwargs)

        class Labelled(base):
            """The cells of one row. Each says its column and its row: it has no label to see."""

            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                for field in self.fields.values():
                    if not field.widget.is_hidden:
                        field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"

        return Labelled

    def _list_conflict(self, request) -> Conflict | None:
        """What stops the saving of a list; None where each typed row is as it was opened.

        Rows that only the others changed take their values: this person typed nothing in them.
        """
        opened = read(request.POST.get(OPENED))
        merge = Merge(request)
        form_class = self.get_changelist_form(request)
        pk_name = self.model._meta.pk.name
        prefix = self.get_changelist_formset(request).get_default_prefix()
        sent = merge.sent_rows(prefix)
        keys = [pk for row in sent.values() if _is_key(pk := row.get(pk_name, [""])[0])]
        self.lock_all(keys)
        there = {str(row.pk): row for row in self.get_queryset(request).filter(pk__in=keys)}
        rows, moved, now = [], [], {}
        stops = False
        for number, here in sent.items():
            pk = here.get(pk_name, [""])[0]
            row, was = there.get(pk), part(opened, pk)
            if row is None:
                stops |= merge.add_gone_row(form_class(), part(was, "fields"), f"{prefix}-{number}")
                continue
            form = form_class(instance=row)
            now[pk] = row_snapshot(form)
            if was is None or was.get("version") != row.version:
                moved.append(row)
                is_typed, theirs = merge.add_row(
                    form, part(was, "fields"), f"{prefix}-{number}", f"{prefix}-{len(rows)}"
                )
                here.update(theirs)
                stops |= is_typed
            rows.append(here)
        merge.put_rows(prefix, rows, len(rows))
        if stops:
            return self._stopped(request, merge, json.dumps(now, ensure_ascii=False), moved)
        request.POST = merge.data
        return None

    def lock_all(self, keys: list[str]) -> None:
        """Holds the rows of a list, in one order, until the transaction ends."""
        held = self.model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk")
        list(held.values_list("pk"))

    def _carry(self, request, response, context) -> None:
        """Lets the page of a list carry what its rows are opened with, and the conflict."""
        cl, conflict = context["cl"], conflict_of(request)
        formset = cl.formset
        if conflict:
            context |= {"conflict": conflict, OPENED: conflict.opened}
            response.status_code = CONFLICT
        elif formset and formset.is_bound:
            context[OPENED] = request.POST.get(OPENED, "")
        elif formset:
            rows = {str(form.instance.pk): row_snapshot(form) for form in formset.forms}
            context[OPENED] = json.dumps(rows, ensure_ascii=False)
        else:
            context[OPENED] = versions(cl.result_list)
        if formset and formset.is_bound:
            # The rows in the order in which they were sent, whatever the list would be now.
            cl.result_list = [form.instance for form in formset.forms]
            for form in formset.forms:
                if conflict:
                    _note(form, conflict)

    # --- steps, actions, deletions ----------------------------------------------------------

    def seen(self, request, row) -> int | None:
        """The version of `row` that the list showed to whoever chose an action."""
        carried = part(read(request.POST.get(OPENED)), str(row.pk))
        version = carried.get("version") if carried else None
        return version if isinstance(version, int) else None

    def get_actions(self, request):
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            _function, name, description = actions["delete_selected"]
            actions["delete_selected"] = (_delete_what_was_seen, name, description)
        return actions

    def delete_view(self, request, object_id, extra_context=None):
        if request.method != "POST":
            row = self.get_object(request, unquote(object_id))
            if row is None or "seen" in request.GET or not self.has_delete_permission(request, row):
                return super().delete_view(request, object_id, extra_context)
            # The page sends its form to its own address, which so says what was seen.
            asked = request.GET.copy()
            asked["seen"] = str(row.version)
            return redirect(f"{request.path}?{asked.urlencode()}")
        with transaction.atomic():
            row, seen = self._locked(request, object_id), seen_in(request.GET)
            if row is not None and seen not in {None, row.version}:
                messages.error(request, Refusal.CHANGED_MEANWHILE.label)
                return redirect(self.page_of(row))
            return super().delete_view(request, object_id, extra_context)

    def page_of(self, row) -> str:
        opts = self.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])


def _is_key(text: str) -> bool:
    """Whether it is a key that some row could have."""
    return text.isascii() and text.isdigit() and len(text) < 19


def versions(rows: Iterable[models.Model]) -> str:
    """The versions of `rows`, for a page to carry."""
    return json.dumps({str(row.pk): {"version": row.version} for row in rows})


def _delete_what_was_seen(desk: VersionedAdmin, request, queryset) -> HttpResponse | None:
    """Deletes the chosen rows, unless one of them was changed since the list showed it."""
    with transaction.atomic():
        desk.lock_all([str(pk) for pk in queryset.values_list("pk", flat=True)])
        moved = [
            row
            for row in queryset.all()
            if (seen := desk.seen(request, row)) is not None and seen != row.version
        ]
        if moved:
            for row in moved:
                messages.error(request, f"{row}: {Refusal.CHANGED_MEANWHILE.label}")
            return None
        response = delete_selected(desk, request, queryset)
    if response is not None:
        response.context_data[OPENED] = versions(queryset)
    return response


def _moved(formset, opened: dict | None) -> list[models.Model]:
    """The rows with a version of their own that were changed since the page was opened."""
    if not is_versioned(formset.model):
        return []
    rows = part(opened, "rows", formset.prefix)
    return [
        form.instance
        for form in formset.initial_forms
        if (row := part(rows, str(form.instance.pk)))
        and row.get("version") != form.instance.version
    ]


def _note(form, conflict: Conflict) -> None:
    """Says beside a field what the other person wrote there."""
    for name in list(form.fields):
        theirs = conflict.merge.notes.get(form.add_prefix(name))
        if theirs:
            said = _("Saving now replaces what was saved here meanwhile: “%s”")
            form.add_error(name, said % theirs)
        elif theirs is not None:
            form.add_error(name, _("Emptied meanwhile. Saving now puts yours here."))
