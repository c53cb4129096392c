"""One form in three versions: as it was opened, as the row stands now, as it was typed.

A page carries what it was opened with (`snapshot`), so that the three can be told apart, field by
field and row by row, when somebody else saved in between. `Merge` puts into the form what only the
others changed, keeps what only this person typed, and says where both did.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME
from django.http import HttpRequest, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

OPENED = "opened"

#: A value as a page carries it: a text, or the keys of what is chosen.
Plain = str | list[str]


class Outcome(Enum):
    """What saving the merged form will do with a field or a row, in words."""

    YOURS = _("Only you changed it. Saving now keeps yours.")
    THEIRS = _("Only the other person changed it. Saving now keeps theirs.")
    BOTH = _("You both changed it. Saving now replaces theirs with yours.")
    CLOSED = _("It can no longer be changed here. Copy yours if you still need it.")
    FILE = _("A browser does not keep a chosen file. Choose it again before you save.")
    ADDED = _("The other person added it. Saving now keeps it.")
    REMOVED = _("The other person removed it. It stays removed.")
    REVIVED = _(
        "The other person removed it while you changed it. It is kept below as a new row: "
        "saving now adds it again."
    )
    SPARED = _(
        "You removed it while the other person changed it. It stays, unless you remove it again."
    )
    YOU_ADD = _("You added it. Saving now adds it.")
    YOU_REMOVE = _("You removed it. Saving now removes it.")
    GONE = _("The row is no longer there. Copy yours if you still need it.")

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True)
class Difference:
    """One field in which the three versions are not all the same. None: not known, or not there."""

    label: str
    opened: str | None
    now: str | None
    typed: str | None
    outcome: Outcome


@dataclass(frozen=True)
class Section:
    """The form itself, or one of its rows: what differs in it."""

    title: str
    differences: list[Difference]
    outcome: Outcome | None = None


# --- values -----------------------------------------------------------------------------


def plain(formfield: forms.Field, value: Any) -> Plain:
    """`value`, as Python has it, as a page carries it."""
    if isinstance(formfield, forms.ModelMultipleChoiceField | forms.MultipleChoiceField):
        return sorted(str(getattr(one, "pk", one)) for one in value or [])
    value = getattr(value, "pk", value)
    if value is None or value is False:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).replace("\r\n", "\n")
    return text.strip() if getattr(formfield, "strip", True) else text


def typed(formfield: forms.Field, key: str, request: HttpRequest) -> Plain | None:
    """What was sent under `key`; None where nothing was."""
    if isinstance(formfield, forms.FileField):
        upload = request.FILES.get(key)
        return upload.name if upload else None
    widget = formfield.widget
    if widget.value_omitted_from_data(request.POST, request.FILES, key):
        return None
    sent = widget.value_from_datadict(request.POST, request.FILES, key)
    if isinstance(formfield, forms.ModelChoiceField):
        return plain(formfield, sent or None)
    try:
        return plain(formfield, formfield.to_python(sent))
    except ValidationError:
        return plain(formfield, sent)


def shown(formfield: forms.Field | None, value: Plain | None) -> str | None:
    """A carried value in the words that the form has for it."""
    if value is None or formfield is None:
        return None if value is None else str(value)
    if isinstance(value, list):
        kept = getattr(formfield, "queryset", None)
        keys = [key for key in value if key.isdecimal() and len(key) < 19]
        names = value if kept is None else [str(one) for one in kept.filter(pk__in=keys)]
        return ", ".join(names)
    if isinstance(formfield, forms.ModelChoiceField):
        try:
            return str(formfield.to_python(value) or "")
        except ValidationError:
            return value
    if isinstance(formfield, forms.ChoiceField):
        return str(dict(formfield.choices).get(value, value))
    if isinstance(formfield, forms.DateField) and value:
        try:
            return date_format(date.fromisoformat(value))
        except ValueError:
            return value
    if isinstance(formfield, forms.BooleanField):
        return str(_("Yes") if value else _("No"))
    return value


def _as_sent(formfield: forms.Field, value: Plain) -> list[str]:
    """A carried value as a browser sends it; nothing for a box without a tick, and for a file."""
    if isinstance(value, list):
        return value
    if isinstance(formfield, forms.FileField):
        return []
    if isinstance(formfield, forms.BooleanField):
        return ["on"] if value else []
    return [value]


def label_of(form: forms.BaseForm, name: str) -> str:
    return str(form.fields[name].label or name)


# --- what a page was opened with ----------------------------------------------------------


def names_of(form: forms.BaseForm) -> list[str]:
    """The fields that a person fills in."""
    return [
        name
        for name, formfield in form.fields.items()
        if name not in {OPENED, DELETION_FIELD_NAME}
        and not isinstance(formfield, forms.models.InlineForeignKeyField)
        and not formfield.disabled
        # What a page carries besides, for itself.
        and not (formfield.widget.is_hidden and not _is_column(form, name))
        and not (isinstance(form, forms.ModelForm) and name == form._meta.model._meta.pk.name)
    ]


def _is_column(form: forms.BaseForm, name: str) -> bool:
    model = getattr(getattr(form, "_meta", None), "model", None)
    return model is not None and name in {column.name for column in model._meta.get_fields()}


def values_of(form: forms.BaseForm) -> dict[str, Plain]:
    """What the row behind a form holds now."""
    return {
        name: plain(form.fields[name], form.get_initial_for_field(form.fields[name], name))
        for name in names_of(form)
    }


def row_snapshot(form: forms.ModelForm) -> dict:
    return {"version": getattr(form.instance, "version", None), "fields": values_of(form)}


def snapshot(form: forms.ModelForm, formsets: list) -> str:
    """What a form and its rows hold now, for the page to carry."""
    rows = {
        formset.prefix: {str(one.instance.pk): row_snapshot(one) for one in formset.initial_forms}
        for formset in formsets
    }
    return json.dumps(row_snapshot(form) | {"rows": rows}, ensure_ascii=False)


def read(text: str | None) -> dict | None:
    """What a page says that it was opened with; None where it says nothing that can be read."""
    try:
        carried = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return carried if isinstance(carried, dict) else None


def part(carried: dict | None, *names: str) -> dict | None:
    """A part of what a page carries; None where it is not there."""
    for name in names:
        carried = carried.get(name) if isinstance(carried, dict) else None
    return carried if isinstance(carried, dict) else None


def _carried(was: dict | None, name: str) -> Plain | None:
    """The value that a page was opened with. What a page says is to be doubted."""
    value = was.get(name) if was is not None else None
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    return value if isinstance(value, str) else None


# --- merging --------------------------------------------------------------------------------


@dataclass
class Merge:
    """The data of a form, merged. `notes` says beside which sent field what stands now."""

    request: HttpRequest
    data: QueryDict = field(init=False)
    sections: list[Section] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = self.request.POST.copy()

    def add_form(self, form: forms.ModelForm, was: dict | None, title: str) -> None:
        """Merges the form itself. `form` is unbound and of the row as it stands now."""
        differences, changed = self._fields(form, was, lambda name: name)
        for name, value in changed.items():
            self._write(name, _as_sent(form.fields[name], value))
        for name in sorted(set(was or {}) - set(form.fields)):
            # Since the page was opened the field has been closed.
            then, mine = _carried(was, name), self.request.POST.get(name)
            if mine is not None and mine.replace("\r\n", "\n").strip() != then:
                label = _model_label(form._meta.model, name)
                differences.append(Difference(label, shown(None, then), None, mine, Outcome.CLOSED))
        if differences:
            self.sections.append(Section(title, differences))

    def add_rows(self, formset, was: dict | None) -> None:
        """Merges the rows of `formset`, which is unbound and holds the rows as they stand now."""
        pk_name = formset.model._meta.pk.name
        sent = self.sent_rows(formset.prefix)
        numbers = {row[pk_name][0]: n for n, row in sent.items() if row.get(pk_name, [""])[0]}
        new = {n: row for n, row in sent.items() if not row.get(pk_name, [""])[0]}
        as_sent = self._as_sent(formset)
        touched = {number: form.changed_data for number, form in as_sent.items()}
        rows: list[dict[str, list[str]]] = []
        for form in formset.initial_forms:
            pk = str(form.instance.pk)
            number = numbers.pop(pk, None)
            then = part(was, pk, "fields")
            if number is None:
                # Both may have begun a row about the same thing: that is one row.
                number = _about_the_same(formset, form, new)
                here = new.pop(number, None)
                if here is not None:
                    here[pk_name] = [pk]
                    then = _shown_by(as_sent.get(number))
                    number = number if touched.get(number, ["?"]) else None
            place = f"{formset.prefix}-{len(rows)}"
            here = None if number is None else (number, sent[number])
            is_new = part(was, pk) is None
            rows.append(self._row(formset, form, here, then, place, is_new=is_new))
        kept = len(rows)
        for pk, number in numbers.items():
            rows += self._removed(formset, number, sent[number], part(was, pk, "fields"))
        for number, row in new.items():
            self._added(formset, number, touched.get(number))
            rows.append(row)
        self.put_rows(formset.prefix, rows, kept)

    def _as_sent(self, formset) -> dict[int, forms.ModelForm]:
        """The rows as they were sent, by their number."""
        bound = type(formset)(
            self.request.POST,
            self.request.FILES,
            instance=formset.instance,
            prefix=formset.prefix,
            queryset=formset.queryset,
        )
        return dict(enumerate(bound.forms))

    def sent_rows(self, prefix: str) -> dict[int, dict[str, list[str]]]:
        """The rows that were sent under `prefix`, by their number."""
        rows: dict[int, dict[str, list[str]]] = {}
        for key, values in self.request.POST.lists():
            if found := re.fullmatch(rf"{re.escape(prefix)}-([0-9]{{1,5}})-(.+)", key):
                rows.setdefault(int(found[1]), {})[found[2]] = values
        return dict(sorted(rows.items()))

    def put_rows(self, prefix: str, rows: list[dict[str, list[str]]], initial: int) -> None:
        """Writes `rows` in place of those that were sent; the first `initial` ones exist."""
        for number, row in self.sent_rows(prefix).items():
            for name in row:
                del self.data[f"{prefix}-{number}-{name}"]
        for number, row in enumerate(rows):
            for name, values in row.items():
                self._write(f"{prefix}-{number}-{name}", values)
        self.data[f"{prefix}-TOTAL_FORMS"] = str(len(rows))
        self.data[f"{prefix}-INITIAL_FORMS"] = str(initial)

    def _write(self, key: str, values: list[str]) -> None:
        if values:
            self.data.setlist(key, values)
        else:
            self.data.pop(key, None)

    def _fields(self, form, was: dict | None, key_of, place_of=None):
        """The differences in `form`, and the values that only the others changed."""
        differences: list[Difference] = []
        theirs: dict[str, Plain] = {}
        for name, now in values_of(form).items():
            formfield = form.fields[name]
            mine = typed(formfield, key_of(name), self.request)
            then = _carried(was, name)
            if isinstance(formfield, forms.FileField):
                outcome = Outcome.FILE if mine else Outcome.THEIRS
                mine = mine or then
            else:
                mine = (now if then is None else then) if mine is None else mine
                outcome = _outcome(then, now, mine)
            if mine == now or (then is None and mine is None):
                continue
            if outcome is Outcome.THEIRS:
                theirs[name] = now
            words = [shown(formfield, value) for value in (then, now, mine)]
            differences.append(Difference(label_of(form, name), *words, outcome))
            if outcome is Outcome.BOTH:
                self.notes[(place_of or key_of)(name)] = words[1] or ""
        return differences, theirs

    def _row(
        self, formset, form, sent, then: dict | None, place: str, *, is_new: bool
    ) -> dict[str, list[str]]:
        """A row that is there now, as the merged form sends it at `place`.

        `sent` is the number and the data under which it came, None where it did not; `then` is
        what it held when the page was opened. `is_new`: it was not there yet.
        """
        pk = str(form.instance.pk)
        title = f"{form._meta.model._meta.verbose_name}: {form.instance}"
        pk_name = formset.model._meta.pk.name
        if sent is None:
            now = values_of(form)
            if is_new:
                words = [
                    Difference(
                        label_of(form, n), None, shown(form.fields[n], v), None, Outcome.ADDED
                    )
                    for n, v in now.items()
                    if v
                ]
                self.sections.append(Section(title, words, Outcome.ADDED))
            return {pk_name: [pk]} | {n: _as_sent(form.fields[n], v) for n, v in now.items()}
        number, here = sent
        differences, theirs = self._fields(
            form,
            then,
            lambda name: f"{formset.prefix}-{number}-{name}",
            lambda name: f"{place}-{name}",
        )
        for name, value in theirs.items():
            here[name] = _as_sent(form.fields[name], value)
        outcome = None
        if here.get(DELETION_FIELD_NAME):
            # Nobody removes what they have not seen.
            changed = then is None or values_of(form) != then
            outcome = Outcome.SPARED if changed else Outcome.YOU_REMOVE
            if changed:
                del here[DELETION_FIELD_NAME]
        if differences or outcome:
            self.sections.append(Section(title, differences, outcome))
        return here

    def _removed(self, formset, number, here, then) -> list[dict[str, list[str]]]:
        """A row that was sent and is no longer there: kept as a new one if it was changed."""
        form = formset.empty_form
        prefix = f"{formset.prefix}-{number}"
        changed = self._changed_in(form, then, prefix, Outcome.REVIVED)
        if here.get(DELETION_FIELD_NAME):
            changed = []
        title = str(form._meta.model._meta.verbose_name)
        told = changed or self._changed_in(form, {}, prefix, Outcome.REMOVED)
        outcome = Outcome.REVIVED if changed else Outcome.REMOVED
        self.sections.append(Section(title, told, outcome))
        if not changed:
            return []
        pk_name = formset.model._meta.pk.name
        return [{name: values for name, values in here.items() if name != pk_name}]

    def _changed_in(self, form, then, prefix, outcome) -> list[Difference]:
        """What was typed in a row that is not there."""
        differences = []
        for name in names_of(form):
            formfield = form.fields[name]
            mine, before = typed(formfield, f"{prefix}-{name}", self.request), _carried(then, name)
            if mine is not None and mine != (before or ""):
                words = shown(formfield, before), None, shown(formfield, mine)
                is_file = isinstance(formfield, forms.FileField)
                does = Outcome.FILE if is_file else outcome
                differences.append(Difference(label_of(form, name), *words, does))
        return differences

    def _added(self, formset, number, touched: list[str] | None) -> None:
        """A row that this person added. One that was left as it came is none."""
        form = formset.empty_form
        told = self._changed_in(form, None, f"{formset.prefix}-{number}", Outcome.YOU_ADD)
        labels = (
            None if touched is None else {label_of(form, n) for n in touched if n in form.fields}
        )
        differences = [one for one in told if labels is None or one.label in labels]
        if differences:
            title = str(form._meta.model._meta.verbose_name)
            self.sections.append(Section(title, differences, Outcome.YOU_ADD))

    # --- the rows of a list

    def add_row(self, form, was: dict | None, sent: str, place: str) -> tuple[bool, dict]:
        """Merges one row of a list, sent under the prefix `sent`, that will stand at `place`.

        Answers whether this person typed something in it, and what only the others changed.
        """
        differences, theirs = self._fields(
            form, was, lambda name: f"{sent}-{name}", lambda name: f"{place}-{name}"
        )
        if differences:
            self.sections.append(Section(str(form.instance), differences))
        is_typed = any(one.outcome is not Outcome.THEIRS for one in differences)
        return is_typed, {name: _as_sent(form.fields[name], v) for name, v in theirs.items()}

    def add_gone_row(self, form, was: dict | None, sent: str) -> bool:
        """Shows what this person typed in a row of a list that is no longer there, if anything."""
        differences = self._changed_in(form, was, sent, Outcome.GONE)
        if differences:
            title = str(form._meta.model._meta.verbose_name)
            self.sections.append(Section(title, differences, Outcome.GONE))
        return bool(differences)


def _about_the_same(formset, form, new: dict[int, dict[str, list[str]]]) -> int | None:
    """The number of a sent new row about what `form`, which is there now, is about.

    A row is about what its parent may have one row for only, such as a milestone or a body.
    """
    for constraint in formset.model._meta.constraints:
        names = set(getattr(constraint, "fields", ())) - {formset.fk.name}
        if len(names) != 1 or formset.fk.name not in constraint.fields:
            continue
        (name,) = names
        about = plain(form.fields[name], form.get_initial_for_field(form.fields[name], name))
        for number, row in new.items():
            if row.get(name) == [about]:
                return number
    return None


def _shown_by(form: forms.ModelForm | None) -> dict[str, Plain] | None:
    """What a row that was none yet showed when the page was opened, where it showed something:
    so a milestone's row begins with how the milestone stands."""
    return values_of(form) if form is not None and form.initial else None


def _outcome(then: Plain | None, now: Plain, mine: Plain) -> Outcome:
    if then is None:
        return Outcome.BOTH
    if mine == then:
        return Outcome.THEIRS
    return Outcome.YOURS if then == now else Outcome.BOTH


def _model_label(model: type[Model], name: str) -> str:
    try:
        return str(model._meta.get_field(name).verbose_name)
    except LookupError:
        return name


def kept_text(model: type[Model], request: HttpRequest) -> list[Difference]:
    """Every text that was sent for a row of `model` and for rows that belong to it."""
    found = [(forms.fields_for_model(model), name, name) for name in request.POST]
    for relation in model._meta.related_objects:
        prefix = relation.get_accessor_name()
        fields = forms.fields_for_model(relation.related_model)
        for key in request.POST:
            if match := re.fullmatch(rf"{re.escape(prefix or '-')}-[0-9]{{1,5}}-(.+)", key):
                found.append((fields, match[1], key))
    kept = []
    for fields, name, key in found:
        formfield = fields.get(name)
        # What was chosen among other rows is no text; those may be in nobody's care here.
        if formfield is None or hasattr(formfield, "queryset"):
            continue
        said = shown(formfield, typed(formfield, key, request))
        if said:
            kept.append(Difference(str(formfield.label), None, None, said, Outcome.GONE))
    return kept
