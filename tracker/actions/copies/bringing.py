"""What a copy says, row by row, into the tables of an empty site."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import count
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from django.db.models import Model

from tracker.actions import staff, updates
from tracker.actions.copies.archive import Archive, BadCopy
from tracker.actions.copies.past import remember, remember_pledge
from tracker.models import (
    Completion,
    Evidence,
    FrozenFile,
    Indicator,
    Measurement,
    Milestone,
    MilestoneChange,
    Period,
    Pledge,
    Reply,
    Responsibility,
    Sector,
    Source,
    Update,
)
from tracker.queries.chain import head
from tracker.queries.copies import GROUPS, TABLES, WITHIN, Table, table_of
from tracker.rules.copies import RECORD
from tracker.vocabulary import StaffRole

#: What must not be there: a copy is the beginning of a record, never a part of one.
EMPTY: tuple[type[Model], ...] = (*GROUPS, Source, Pledge, Update, Period)

Values = dict[str, Any]


def bring_in(archive: Archive) -> dict[str, int]:
    """Makes the record of a copy; gives how many rows of each member there were.

    Raises BadCopy where the site has a record already, or at the first thing that does not hold;
    then nothing is left of it.
    """
    bringer = _Bringer(archive)
    try:
        with transaction.atomic():
            for model in EMPTY:
                if model._default_manager.exists():
                    raise BadCopy(
                        "This site has a record already. Bring the copy into an empty one."
                    )
            bringer.bring()
    except BaseException:
        for name in bringer.files:
            default_storage.delete(name)
        raise
    return bringer.counts


class _Bringer:
    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.author = staff.account_of("record-author", StaffRole.EDITOR)
        self.reviewer = staff.account_of("record-reviewer", StaffRole.REVIEWER)
        self.counts: dict[str, int] = {}
        #: The files that were laid down, to be taken away again if it comes to nothing.
        self.files: list[str] = []
        #: The keys here, by the names in the copy.
        self.keys: defaultdict[type[Model], dict[Any, int]] = defaultdict(dict)
        #: Keys for what is gone, and is in the history only: no row ever has one below zero.
        self.free: Iterator[int] = count(-1, -1)

    def bring(self) -> None:
        for table in TABLES:
            if table.model is Evidence:
                self._entries()
            elif table.model is Reply:
                self._replies(table)
            elif table.model is Period:
                self._periods(table)
            elif table.model in GROUPS:
                self._groups(table)
            elif table.model is Pledge:
                self._pledges(table)
            else:
                self._others(table)
        end = head()
        if (end.number, end.digest) != (
            self.archive.manifest["head"]["number"],
            self.archive.manifest["head"]["digest"],
        ):
            raise BadCopy("The record does not end as the copy says. Take the copy anew.")

    # --- Rows, and what is said of one that does not hold ---------------------------------------

    @contextmanager
    def _line(self, member: str, number: int) -> Iterator[None]:
        where = f"{member}, line {number}"
        try:
            with transaction.atomic():
                yield
        except ValidationError as error:
            said = "; ".join(
                f"{name}: {' '.join(texts)}" if name != NON_FIELD_ERRORS else " ".join(texts)
                for name, texts in error.message_dict.items()
            )
            raise BadCopy(f"{where}: {said}") from error
        except updates.Refused as error:
            raise BadCopy(f"{where}: {error}") from error
        except KeyError as error:
            raise BadCopy(f"{where}: nothing in the copy is called {error}.") from error
        except (TypeError, ValueError, AttributeError, DatabaseError) as error:
            raise BadCopy(f"{where}: {error}") from error

    def _rows(self, table: Table) -> Iterator[tuple[Values, Any]]:
        number = 0
        for number, row in self.archive.rows(table.file):
            yield row, self._line(table.file, number)
        self.counts[table.name] = number

    def _values(self, model: type[Model], said: Values) -> Values:
        """What a row says, by column: names become keys, texts days, moments and numbers."""
        values = {}
        for name, value in said.items():
            field: Any = model._meta.get_field(name)
            if field.related_model:
                values[field.attname] = (
                    None if value is None else self.keys[field.related_model][value]
                )
            else:
                values[field.attname] = field.to_python(value)
        return values

    def _states(
        self, model: type[Model], row: Values, *without: str
    ) -> Iterator[tuple[date, Values | None]]:
        for state in row["then"]:
            says = state["says"]
            if says is not None:
                own = {name: value for name, value in says.items() if name not in without}
                says = self._values(model, own)
            yield date.fromisoformat(state["from"]), says

    # --- What pledges refer to ---------------------------------------------------------------

    def _groups(self, table: Table) -> None:
        model, keys = table.model, self.keys[table.model]
        # What is gone may name what is gone, and its past is told last: all have their keys then.
        waiting = []
        for row, line in self._rows(table):
            with line:
                if row["now"] is None:
                    instance, key = model(), next(self.free)
                else:
                    instance = _saved(model(**self._values(model, row["now"])))
                    key = instance.pk
                keys[row["key"]] = key
                waiting.append((instance, key, row))
        for number, (instance, key, row) in enumerate(waiting, 1):
            with self._line(table.file, number):
                remember(instance, key, self._states(model, row))

    # --- Pledges --------------------------------------------------------------------------------

    def _pledges(self, table: Table) -> None:
        parents = {}
        for row, line in self._rows(table):
            with line:
                now = dict(row["now"])
                sectors, named = now.pop("sectors"), now.pop("responsibilities")
                if parent := now.pop("parent"):
                    parents[now["code"]] = parent
                pledge = Pledge(**self._values(Pledge, now), published_by=self.reviewer)
                _saved(pledge)
                self.keys[Pledge][pledge.code] = pledge.pk
                Pledge.sectors.through.objects.bulk_create(
                    Pledge.sectors.through(pledge=pledge, sector_id=self.keys[Sector][slug])
                    for slug in sectors
                )
                for one in named:
                    _saved(Responsibility(pledge=pledge, **self._values(Responsibility, one)))
                remember_pledge(pledge, self._past(row), self.free)
        for code, parent in parents.items():
            Pledge.objects.filter(code=code).update(parent=self.keys[Pledge][parent])

    def _past(self, row: Values) -> Iterator[tuple[date, Values, list[int], list[Values]]]:
        for state in row["then"]:
            says = dict(state["says"])
            sectors = [self.keys[Sector][slug] for slug in says.pop("sectors")]
            named = [self._values(Responsibility, one) for one in says.pop("responsibilities")]
            yield date.fromisoformat(state["from"]), self._values(Pledge, says), sectors, named

    def _others(self, table: Table) -> None:
        """Sources and their parts, milestones, indicators and measurements."""
        model = table.model
        for row, line in self._rows(table):
            with line:
                values = self._values(model, row["now"])
                if model is Measurement:
                    values["published_by"] = self.reviewer
                instance = _saved(model(**values))
                if name := NAMES.get(model):
                    self.keys[model][row["now"][name]] = instance.pk
                if "then" in row:
                    remember(instance, instance.pk, self._states(model, row))

    # --- The entries ----------------------------------------------------------------------------

    def _entries(self) -> None:
        """Each entry in turn, with its evidence in the order of the page: submitted, published."""
        order: dict[str, tuple[int, str | None]] = {}
        table = table_of(Evidence)
        for row, line in self._rows(table):
            with line:
                order[row["now"]["uid"]] = len(order), row["now"]["file"]
        number = 0
        for number, row in self.archive.rows(RECORD):
            with self._line(RECORD, number):
                self._entry(row["content"], row["digest"], order)
        self.counts["entries"] = number

    def _entry(self, said: Values, digest: str, order: dict[str, tuple[int, str | None]]) -> None:
        own = {name: said[name] for name in _ENTRY}
        at = datetime.fromisoformat(said["published_at"])
        update = Update(
            **self._values(Update, own),
            pledge_id=self.keys[Pledge][said["pledge"]["code"]],
            corrects_id=said["corrects"] and self.keys[Update][said["corrects"]],
            created_at=at,
            created_by=self.author,
            edited_at=at,
            edited_by=self.author,
        )
        _saved(update)
        self.keys[Update][said["uid"]] = update.pk
        self.keys[Update][said["number"]] = update.pk
        for evidence in sorted(said["evidence"], key=lambda row: order[row["uid"]][0]):
            self._evidence(update, evidence, order[evidence["uid"]][1])
        for change in said["milestones"]:
            values = {name: change[name] for name in change if name != "uid"}
            milestone = self.keys[Milestone][change["uid"]]
            values = self._values(MilestoneChange, values)
            _saved(MilestoneChange(update=update, milestone_id=milestone, **values))
        updates.submit(update, by=self.author, at=at)
        published = updates.publish(update, by=self.reviewer, at=at)
        if published.digest != digest:
            raise ValueError("its digest is not what the copy says. Take the copy anew.")

    def _evidence(self, update: Update, said: Values, member: str | None) -> None:
        evidence = Evidence(update=update, **self._values(Evidence, said))
        if member:
            if not self.archive.has(member):
                raise KeyError(member)
            evidence.file = ContentFile(self.archive.content(member), name=member)
            evidence.clean()
        _saved(evidence)
        if evidence.file.name:
            self.files.append(evidence.file.name)

    # --- Beside the entries ---------------------------------------------------------------------

    def _replies(self, table: Table) -> None:
        for row, line in self._rows(table):
            with line:
                values = self._values(Reply, row["now"])
                at = values.pop("published_at")
                reply = _saved(Reply(**values, edited_at=at, edited_by=self.author))
                # Its guard looks at it as it becomes public.
                Reply.objects.filter(pk=reply.pk).update(
                    published_at=at, published_by=self.reviewer
                )

    def _periods(self, table: Table) -> None:
        for row, line in self._rows(table):
            with line:
                now = dict(row["now"])
                codes, files = now.pop("completions"), now.pop("files")
                values = self._values(Period, now)
                at = values.pop("closed_at")
                period = _saved(Period(**values, opened_at=at, opened_by=self.reviewer))
                Completion.objects.bulk_create(
                    Completion(
                        period=period,
                        pledge_id=self.keys[Pledge][code],
                        marked_at=at,
                        marked_by=self.author,
                    )
                    for code in codes
                )
                for said in files:
                    self._frozen(period, said)
                Period.objects.filter(pk=period.pk).update(closed_at=at, closed_by=self.reviewer)

    def _frozen(self, period: Period, said: Values) -> None:
        if not self.archive.has(said["content"]):
            raise KeyError(said["content"])
        own = {name: said[name] for name in WITHIN[FrozenFile] if name != "content"}
        content = self.archive.content(said["content"])
        values = self._values(FrozenFile, own)
        _saved(FrozenFile(period=period, content=content, made_by=self.reviewer, **values))


#: The name by which rows of other members call a row.
NAMES: dict[type[Model], str] = {Source: "slug", Indicator: "code", Milestone: "uid"}
_ENTRY = (
    "uid",
    "status",
    "effective_on",
    "reported_progress",
    "due_on",
    "due_precision",
    "narrative_en",
    "narrative_zh",
    "correction_reason_en",
    "correction_reason_zh",
)


def _saved(row: Any) -> Any:
    """A new row, after a look at each of its fields. Its history is the copy's, and so none is
    begun for it here."""
    row.clean_fields(exclude={field.name for field in row._meta.fields if field.related_model})
    row.skip_history_when_saving = True
    try:
        row.save(force_insert=True)
    finally:
        del row.skip_history_when_saving
    return row
