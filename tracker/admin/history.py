"""The history of a row and of what belongs to it: who, when, what, in one timeline."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _

from tracker.admin.audited import AuditedAdmin
from tracker.models import User

__all__ = ["HistoryAdmin"]

ENTRIES_ON_A_PAGE = 50

#: Columns that say nothing to a person.
UNSAID = {"id", "uid", "version"}


@dataclass(frozen=True)
class Change:
    """One field of one entry: what it held before and after."""

    label: str
    before: str
    after: str


@dataclass
class Entry:
    """One moment of a row: who did what to it."""

    record: Any
    before: Any = None
    changes: list[Change] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{self.record.instance_type._meta.verbose_name}: {_named(self.record)}"

    @property
    def verb(self) -> str:
        return {"+": _("Added"), "~": _("Changed"), "-": _("Removed")}[self.record.history_type]

    @property
    def at(self) -> datetime:
        return self.record.history_date

    @property
    def person(self) -> User | None:
        return self.record.history_user


class HistoryAdmin(AuditedAdmin):
    """A ModelAdmin of a model whose history is kept.

    `parts` names what belongs to a row, by the name of the relation: its history is told with it.
    """

    parts: tuple[str, ...] = ()

    def history_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        page = Paginator(_timeline(row, self.parts), ENTRIES_ON_A_PAGE).get_page(
            request.GET.get("p")
        )
        for entry in page:
            entry.changes = list(_changes(entry))
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %s") % row,
            "object": row,
            "opts": self.opts,
            "page": page,
            "is_popup": IS_POPUP_VAR in request.GET,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/tracker/history.html", context)


def _timeline(row: models.Model, parts: tuple[str, ...]) -> list[Entry]:
    """The moments of `row` and of its parts, those that are gone too, the latest first."""
    entries = list(_entries(type(row), {row._meta.pk.name: row.pk}))
    for name in parts:
        relation = row._meta.get_field(name)
        key = {relation.field.attname: row.pk}
        theirs = relation.related_model.history.filter(**key).values("id")
        # A part that was moved elsewhere has a history from before.
        entries += _entries(relation.related_model, {"id__in": theirs})
    return sorted(entries, key=lambda entry: (entry.at, entry.record.history_id), reverse=True)


def _entries(model: type[models.Model], wanted: dict) -> Iterator[Entry]:
    records = model.history.filter(**wanted).select_related("history_user")
    last: dict[Any, Any] = {}
    for record in records.order_by("history_date", "history_id"):
        yield Entry(record, last.get(record.id))
        last[record.id] = record


def _changes(entry: Entry) -> Iterator[Change]:
    """What an entry changed; of one that adds or removes a row, what the row held."""
    record, before = entry.record, entry.before
    fields = [one for one in record.tracked_fields if one.name not in UNSAID]
    many = [one for one in record._history_m2m_fields if one.name not in UNSAID]
    if record.history_type == "~" and before is not None:
        names = [one.name for one in [*fields, *many] if one.editable]
        delta = record.diff_against(before, included_fields=names, foreign_keys_are_objs=True)
        told = {change.field: (change.old, change.new) for change in delta.changes}
        # The library looks at what a form may change; steps write the rest.
        for one in fields:
            if not one.editable and getattr(record, one.attname) != getattr(before, one.attname):
                told[one.name] = (_held(before, one), _held(record, one))
    else:
        told = {one.name: (None, _held(record, one)) for one in fields}
        if record.history_type == "-":
            told = {name: (after, None) for name, (_before, after) in told.items()}
    for one in [*fields, *many]:
        if one.name in told:
            before_said, after_said = (_said(one, value) for value in told[one.name])
            if before_said != after_said:
                yield Change(str(one.verbose_name), before_said, after_said)


def _held(record, column: models.Field) -> Any:
    """What a record holds in a column; the key of a row that is gone since."""
    if isinstance(column, models.ForeignKey):
        there = column.related_model._base_manager.filter(pk=getattr(record, column.attname))
        return there.first() or getattr(record, column.attname)
    return getattr(record, column.attname)


def _said(column: models.Field, value: Any) -> str:
    """A value in the words that a reader knows."""
    if value is None or value == "":
        return ""
    if isinstance(column, models.ManyToManyField):
        return ", ".join(str(next(v for k, v in one.items() if k != "pledge")) for one in value)
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value if isinstance(value, str) else str(localize(value))


def _named(record) -> str:
    """The row as it was named then. What it names itself after may be gone since."""
    try:
        return str(record.instance)
    except models.ObjectDoesNotExist:
        return str(record.id)
