"""A file that staff bring in: kept as it came, previewed as often as they like, applied once."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from tracker.actions.imports.columns import SHAPES, Choices, match, shape_for
from tracker.actions.imports.milestones import MilestonePlanner
from tracker.actions.imports.plan import STATUSES, Cells, Plan, Planner, Tell
from tracker.actions.imports.pledges import PledgePlanner
from tracker.actions.imports.updates import UpdatePlanner
from tracker.models import ImportFile, User
from tracker.rules.readings import key
from tracker.rules.tables import Table, table
from tracker.vocabulary import ImportKind, ImportOutcome, Language

PLANNERS: dict[str, type[Planner]] = {
    ImportKind.PLEDGES.value: PledgePlanner,
    ImportKind.MILESTONES.value: MilestonePlanner,
    ImportKind.UPDATES.value: UpdatePlanner,
}


class Wrong(Exception):
    """A file was not applied, for something is wrong with it. `plan` says what."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(_("Nothing was imported: mend what is wrong first."))


class Moved(Exception):
    """A file was not applied, for the record moved on since its preview.

    `plan` is the new preview; `rows` gives each row that moved, as it was and as it is now.
    """

    def __init__(self, plan: Plan, rows: list[tuple[int, str, str]]) -> None:
        self.plan, self.rows = plan, rows
        super().__init__(_("Nothing was imported: the record changed since the preview."))


class Applied(Exception):
    """A file was applied before, and is not applied twice."""

    def __init__(self) -> None:
        super().__init__(_("This file was imported already. Nothing was done twice."))


def keep(*, content: bytes, filename: str, choices: Choices, by: User, at: datetime) -> ImportFile:
    """Keeps a file for its preview. Raises Unreadable where it is no table."""
    _may_import(by)
    shape = shape_for(read(content), choices)
    return ImportFile.objects.create(
        kind=shape.kind.value if shape else ImportKind.PLEDGES.value,
        filename=filename[-200:] or "file",
        content=content,
        sha256=sha256(content).hexdigest(),
        uploaded_at=at,
        uploaded_by=by,
        outcome={"choices": asdict(choices), "is_sure": shape is not None},
    )


def choose(file: ImportFile, *, choices: Choices, by: User) -> ImportFile:
    """Keeps what its owner says of a file: which column is which, what new rows lack."""
    _may_apply(file, by)
    if choices.kind:
        file.kind = choices.kind
    file.outcome = {"choices": asdict(choices), "is_sure": True}
    file.save(update_fields=["kind", "outcome"])
    return file


def preview(file: ImportFile, *, by: User, on: date) -> Plan:
    """What applying the file on day `on` would do."""
    choices = Choices(**file.outcome["choices"])
    return plan(
        bytes(file.content), Choices(**{**asdict(choices), "kind": file.kind}), by=by, on=on
    )


def remember(file: ImportFile, plan: Plan) -> None:
    """Keeps what a preview showed, so that a later one can say what moved since."""
    shown = plan.seen()
    if file.outcome.get("shown") != shown:
        file.outcome = {**file.outcome, "shown": shown}
        file.save(update_fields=["outcome"])


def read(content: bytes) -> Table:
    return table(content, _sheet_names())


def plan(content: bytes, choices: Choices, *, by: User, on: date) -> Plan:
    """What bringing `content` in on day `on` would do. Writes nothing."""
    return _planned(content, choices, by=by, on=on)[0]


def _planned(content: bytes, choices: Choices, *, by: User, on: date) -> tuple[Plan, Planner]:
    found = read(content)
    shape = shape_for(found, choices) or SHAPES[ImportKind.PLEDGES.value]
    matching = match(found.header, shape, choices)
    planner = PLANNERS[shape.kind.value](by, on, choices)
    made = Plan(matching, found, [], faults=list(matching.unclear))
    if not made.faults and not set(shape.keys) & set(matching.places):
        made.faults.append(
            _("No column says what a row is about. Say which of the columns is %s.")
            % _(" or ").join(shape.keys)
        )
    if made.faults:
        return made, planner
    demands: dict[str, str] = {}
    rows = [
        Cells(row, matching, choices, demands, is_workbook=found.is_workbook) for row in found.rows
    ]
    planner.prepare([cells for cells in rows if cells.row.fault is None])
    for cells in rows:
        if cells.row.fault is not None:
            cells.wrong("", str(cells.row.fault))
        else:
            planner.plan(cells)
        made.rows.append(cells.plan)
    planner.finish()
    made.faults += demands.values()
    made.assumed, made.added = planner.assumed, planner.added
    made.unknown_words = _unknown_words(rows)
    return made, planner


def apply(
    file: ImportFile,
    *,
    digest: str,
    by: User,
    at: datetime,
    on: date,
    tell: Tell = lambda done, of: None,
) -> Plan:
    """Does what the preview with `digest` said, all of it or nothing, and once.

    Raises Wrong where something is wrong with the file, Moved where the record changed since that
    preview, Applied where it was done before. `tell` hears of rows
    done, of how many.
    """
    try:
        with transaction.atomic():
            return _apply(file, digest=digest, by=by, at=at, on=on, tell=tell)
    except IntegrityError:
        # Someone wrote between our reading and our writing; the database refused ours.
        now = preview(file, by=by, on=on)
        if now.digest == digest:
            raise
        raise Moved(now, _moved(file, now)) from None


def _apply(
    file: ImportFile,
    *,
    digest: str,
    by: User,
    at: datetime,
    on: date,
    tell: Tell,
) -> Plan:
    _may_apply(file, by)
    kept = ImportFile.objects.select_for_update().get(pk=file.pk)
    if kept.applied_at is not None:
        raise Applied
    choices = Choices(**{**kept.outcome["choices"], "kind": kept.kind})
    made, planner = _planned(bytes(kept.content), choices, by=by, on=on)
    if made.digest != digest:
        raise Moved(made, _moved(kept, made))
    if made.is_wrong:
        raise Wrong(made)
    todo = [row for row in made.rows if row.is_new or row.changes]
    why = f"{kept.filename[:60]}, {kept.sha256[:8]}"
    planner.begin(at, why)
    planner.write(todo, at=at, why=why, tell=tell)
    kept.applied_at, kept.applied_by = at, by
    outcome = {"counts": made.counts, "added": made.added}
    kept.outcome = {"choices": kept.outcome["choices"], "is_sure": True, **outcome}
    kept.save(update_fields=["applied_at", "applied_by", "outcome"])
    return made


def _moved(file: ImportFile, now: Plan) -> list[tuple[int, str, str]]:
    """The rows of which the last preview said something else than what would be done now."""
    shown: dict[str, list[object]] = file.outcome.get("shown", {})
    current = now.seen()
    nothing: list[object] = [0, str(ImportOutcome.UNCHANGED.label)]
    return [
        (int(row), str(shown.get(row, nothing)[1]), str(current.get(row, nothing)[1]))
        for row in sorted({*shown, *current}, key=int)
        if shown.get(row) != current.get(row)
    ]


def _unknown_words(rows: Iterable[Cells]) -> list[str]:
    """The words for a status that are neither known nor explained, each once."""

    def words() -> Iterator[str]:
        for cells in rows:
            if cells.row.fault is None and cells.has("status"):
                text = cells.text("status")
                if text and not STATUSES.knows(text) and key(text) not in cells.choices.words:
                    yield text

    return list(dict.fromkeys(words()))


def _sheet_names() -> set[str]:
    """What a sheet may be called that holds what we look for."""
    names = set(ImportKind.values)
    for language in Language:
        with translation.override(language.value):
            names |= {str(kind.label).casefold() for kind in ImportKind}
    return names


def _may_import(by: User) -> None:
    if not by.has_perm("tracker.add_importfile"):
        raise PermissionDenied


def _may_apply(file: ImportFile, by: User) -> None:
    _may_import(by)
    if file.uploaded_by_id != by.pk and not by.is_superuser:
        raise PermissionDenied
