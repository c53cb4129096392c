"""What an import would do, row by row. The preview shows it; applying makes it anew and does it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import translation
from django.utils.translation import gettext as _

from tracker.actions.imports.columns import DATE_ORDER, Choices, Matching
from tracker.models import User
from tracker.rules import readings, synonyms
from tracker.rules.cells import unguarded
from tracker.rules.dates import last_day
from tracker.rules.readings import between, key, same
from tracker.rules.tables import Misread, Row, Table
from tracker.vocabulary import (
    DatePrecision,
    EvidenceKind,
    ImportOutcome,
    Language,
    MilestoneState,
    Status,
)

Read = TypeVar("Read")
#: Hears how many rows are written, of how many.
Tell = Callable[[int, int], None]
#: So many new rows are written at once.
BATCH = 500
#: A due date as it is stored: its last day, and how exactly it is stated.
Due = tuple[date | None, str]


@dataclass(frozen=True)
class Change:
    """One field that a row changes: what the record says, and what the file says."""

    label: str
    old: str
    new: str

    def __str__(self) -> str:
        old, new = between(self.old, self.new)
        empty = _("(empty)")
        return f"{self.label} {old or empty} → {new or empty}"


@dataclass
class RowPlan:
    """What would become of one row. `work` is what is written, `version` what was read of it."""

    number: int
    about: str = ""
    is_new: bool = False
    changes: list[Change] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    version: int = 0
    work: Any = None
    #: Whether it could not be told what the row is about: the file lacks the column that says it.
    is_nameless: bool = False

    @property
    def outcome(self) -> ImportOutcome:
        if self.faults or self.is_nameless:
            return ImportOutcome.WRONG
        if self.is_new:
            return ImportOutcome.NEW
        return ImportOutcome.CHANGED if self.changes else ImportOutcome.UNCHANGED

    @property
    def said(self) -> list[str]:
        """What is said of the row, beside its outcome: what is wrong, or what changes."""
        if self.faults:
            where = _("row %d") % self.number
            return [
                f"{where}, {name}: {text}" if name else f"{where}: {text}"
                for name, text in self.faults
            ]
        return [str(change) for change in self.changes]

    def __str__(self) -> str:
        said = "; ".join([*self.said, *(f"({note})" for note in self.notes)])
        return f"{self.outcome.label}: {said}" if said else str(self.outcome.label)


@dataclass
class Plan:
    """What would become of a whole file."""

    matching: Matching
    table: Table
    rows: list[RowPlan]
    faults: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    unknown_words: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(ImportOutcome.values, 0)
        for row in self.rows:
            counts[row.outcome.value] += 1
        return counts

    def example(self, place: int) -> str:
        """The first value in one of the file's columns."""
        cells = (row.cells[place] for row in self.table.rows if row.fault is None)
        return next((cell for cell in cells if cell.strip()), "")

    @property
    def is_wrong(self) -> bool:
        """Whether something is wrong with it: then none of it is applied."""
        return bool(self.faults) or any(row.faults for row in self.rows)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do."""
        return not any(row.is_new or row.changes for row in self.rows)

    @property
    def digest(self) -> str:
        """Of what would be written and of the versions that it rests on."""
        return sha256(json.dumps([*self.seen().items()], ensure_ascii=False).encode()).hexdigest()

    def seen(self) -> dict[str, list[Any]]:
        """What each row that would be written does, and on which version of the record."""
        return {
            str(row.number): [row.version, str(row)]
            for row in self.rows
            if row.outcome != ImportOutcome.UNCHANGED
        }


class Cells:
    """One row's cells by the names of our columns. What cannot be read is noted as a fault."""

    def __init__(
        self,
        row: Row,
        matching: Matching,
        choices: Choices,
        demands: dict[str, str],
        *,
        is_workbook: bool,
    ) -> None:
        self.row, self.matching, self.choices = row, matching, choices
        self.is_workbook = is_workbook
        #: What new rows lack because the file does, by column; shared by all rows.
        self.demands = demands
        self.plan = RowPlan(row.number)
        self.is_new = False

    def has(self, name: str) -> bool:
        """Whether the file has this column."""
        return name in self.matching.places

    def text(self, name: str) -> str:
        """The text in a column; for a new row that lacks it, what was given for all rows."""
        place = self.matching.places.get(name)
        text = self._cell(place) if place is not None else ""
        return text or (self.choices.given.get(name, "") if self.is_new else "")

    def missing(self, name: str, remedy: str = "") -> None:
        """A new row lacks `name`: said once where the file has no such column."""
        if self.has(name):
            self.wrong(name, _("it is missing; give it") + (f" ({remedy})" if remedy else ""))
            return
        if name in self.matching.shape.given:
            fault = _("No column holds %s. Say which one does, or give it once for all new rows.")
        else:
            fault = _("No column holds %s. Say which one does.")
        fault %= name
        self.demands[name] = f"{fault} ({remedy})" if remedy else fault

    def label(self, name: str) -> str:
        """The text of a label column of the reports, where the file has it."""
        header = self.matching.header
        place = next((at for at, text in enumerate(header) if key(text) == key(name)), None)
        return self._cell(place) if place is not None else ""

    def _cell(self, place: int) -> str:
        """The text in a cell. Only a file of text marks with an apostrophe what is no formula."""
        cell = self.row.cells[place]
        return (cell if self.is_workbook else unguarded(cell)).strip()

    def wrong(self, name: str, text: str) -> None:
        self.plan.faults.append((self.matching.name_of(name) if name else "", text))

    def read(self, name: str, reading: Callable[[str], Read]) -> Read | None:
        """What `reading` makes of the cell; None where it is empty or wrong."""
        text = self.text(name)
        if not text:
            return None
        try:
            return reading(text)
        except Misread as misread:
            self.wrong(name, str(misread))
            return None

    def day(self, name: str) -> date | None:
        order = self.choices.given.get(DATE_ORDER, "")
        return self.read(name, lambda text: readings.day(text, order))

    def due(self, name: str, precision_name: str, now: Due | None = None) -> Due | None:
        """A due date with its precision; None where it is wrong.

        Where the file says the same day as `now` and no precision, that of `now` stays.
        """
        faults = len(self.plan.faults)
        order = self.choices.given.get(DATE_ORDER, "")
        read = self.read(name, lambda text: readings.due(text, order))
        stated = self.word(precision_name, PRECISIONS)
        if len(self.plan.faults) > faults:
            return None
        if read is None:
            if stated and stated != DatePrecision.NONE:
                self.wrong(name, _("the date is missing; give it, or say that none is stated"))
                return None
            return None, DatePrecision.NONE.value
        on, precision = read
        if not stated:
            return now if now and now[0] == on else (on, precision.value)
        if stated == DatePrecision.NONE or precision not in {DatePrecision.DAY, stated}:
            self.wrong(
                precision_name,
                _("'%s' does not fit the date; leave it empty, or mend one of them")
                % self.text(precision_name),
            )
            return None
        return last_day(on, stated), stated

    def word(self, name: str, words: "Words") -> str | None:
        return self.read(name, lambda text: words.read(text, self.choices))

    def in_its_language(self, name: str) -> dict[str, str]:
        """The texts `name_en` and `name_zh` that the file has; `name` alone by its letters."""
        texts = {
            f"{name}_{language.suffix}": self.text(f"{name}_{language.suffix}")
            for language in Language
            if self.has(f"{name}_{language.suffix}") or self.is_new
        }
        if self.has(name) and (text := self.text(name)):
            column = f"{name}_{'zh' if readings.is_chinese(text) else 'en'}"
            texts[column] = texts.get(column) or text
        return texts

    def same_version(self, version: int) -> None:
        """A row that gives the version that it was exported with is refused once that moved on."""
        given = self.read("version", readings.whole_number)
        if given is not None and given != version:
            self.wrong(
                "version",
                _(
                    "it was changed since: the file has version %(old)d, the record %(new)d; "
                    "export it again"
                )
                % {"old": given, "new": version},
            )

    def check(self, row: Model, names: Iterable[str], column: str = "") -> None:
        """Notes what is wrong with the values of the fields `names` of `row`, each under its own
        name or under that of the `column` that they all come from."""
        names = set(names)
        other = {field.name for field in row._meta.fields if field.name not in names}
        try:
            row.clean_fields(exclude=other)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self.wrong(column or name, " ".join(messages))


class Words:
    """A controlled word as files write it: its code, its label in each language, synonyms."""

    def __init__(self, choices: Any, synonyms: Mapping[Any, Iterable[str]]) -> None:
        self.choices = choices
        self.known: dict[str, str] = {}
        for choice in choices:
            for name in (choice.value, *synonyms.get(choice, ())):
                self.known[key(name)] = choice.value
            for language in Language:
                with translation.override(language.value):
                    self.known[key(str(choice.label))] = choice.value

    def read(self, text: str, choices: Choices) -> str:
        code = choices.words.get(key(text))
        if code in self.choices.values:
            return str(code)
        return readings.word(text, self.known, ", ".join(self.choices.values))

    def knows(self, text: str) -> bool:
        return key(text) in self.known


STATUSES = Words(Status, synonyms.STATUSES)
STATES = Words(MilestoneState, synonyms.MILESTONE_STATES)
PRECISIONS = Words(DatePrecision, synonyms.PRECISIONS)
EVIDENCE_KINDS = Words(EvidenceKind, synonyms.EVIDENCE_KINDS)


def differs(plan: RowPlan, row: Model, name: str, new: Any) -> bool:
    """Sets a text or number of `row` where it differs, and notes the change; whether it does."""
    old = getattr(row, name)
    if same(old, new) if isinstance(new, str) else old == new:
        return False
    label = str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    plan.changes.append(Change(label, shown(old), shown(new)))
    setattr(row, name, new)
    return True


def shown(value: Any) -> str:
    """A value as the preview writes it."""
    return "" if value is None else str(value)


def shown_due(due: Due) -> str:
    """A due date as exactly as it is stated."""
    on, precision = due
    if on is None:
        return str(DatePrecision.NONE.label)
    return {"month": on.strftime("%Y-%m"), "year": str(on.year)}.get(precision, on.isoformat())


def uids(cells: Iterable[Cells]) -> Iterator[UUID]:
    """The identifiers that rows give, as far as they are any."""
    for row in cells:
        try:
            yield UUID(row.text("uid"))
        except ValueError:
            continue


class Planner:
    """Plans and writes the rows of one kind of file. Rows are planned one by one, without a query:
    `prepare` reads what all of them need.
    """

    def __init__(self, by: User, on: date, choices: Choices) -> None:
        self.by, self.on, self.choices = by, on, choices
        self.assumed: list[str] = []
        self.added: list[str] = []

    def prepare(self, rows: list[Cells]) -> None:
        raise NotImplementedError

    def plan(self, cells: Cells) -> None:
        """Fills the row's plan."""
        raise NotImplementedError

    def finish(self) -> None:
        """Adds what can be said once every row is planned."""

    def write(self, plans: list[RowPlan], *, at: datetime, why: str, tell: Tell) -> None:
        """Writes what the plans say, inside of a transaction. New rows are written many at once,
        for a file of thousands would keep all others waiting. Each change is saved by itself.
        """
        new = [plan for plan in plans if plan.is_new]
        changed = [plan for plan in plans if not plan.is_new]
        done = 0
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            self.add([plan.work for plan in batch if plan.work is not None], at=at, why=why)
            done += len(batch)
            tell(done, len(plans))
        for plan in changed:
            if plan.work is not None:
                self.change(plan, at=at, why=why)
            done += 1
            tell(done, len(plans))

    def add(self, works: list[Any], *, at: datetime, why: str) -> None:
        """Writes new rows, with their history."""
        raise NotImplementedError

    def change(self, plan: RowPlan, *, at: datetime, why: str) -> None:
        """Saves one row as changed, with its history, unless the record moved on."""
        raise NotImplementedError

    def begin(self, at: datetime, why: str) -> None:
        """Writes what all rows need before the first of them is written."""

    def sign(self, row: Any, at: datetime, why: str) -> None:
        """Tells the history of `row` who changes it, when, and from what file."""
        row._history_user, row._history_date, row._change_reason = self.by, at, why

    def assume(self, text: str) -> None:
        if text not in self.assumed:
            self.assumed.append(text)

    def may(self, cells: Cells, permission: str) -> bool:
        """Whether the person has a permission; else the row is wrong."""
        if self.by.has_perm(f"tracker.{permission}"):
            return True
        cells.wrong("", _("your role does not allow this (%s); ask a colleague") % permission)
        return False
