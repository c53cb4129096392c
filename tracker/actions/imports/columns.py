"""The columns of each kind of file: those of the reports, by their names, labels and synonyms."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.models import Evidence, Milestone, Pledge, Update
from tracker.rules.codes import CODE_PATTERN
from tracker.rules.readings import key
from tracker.rules.synonyms import HEADERS
from tracker.rules.tables import Table
from tracker.vocabulary import ImportKind, Language


@dataclass(frozen=True)
class Column:
    """One column that is read: its name for ever, and what people call it."""

    name: str
    label: Any


@dataclass(frozen=True)
class Shape:
    """The columns of one kind of file.

    `computed` ones stand in the report and follow from the record. `labels` are read in place of
    the column that they label, where that one is missing. `keys` tell which row is meant: a file
    of this kind has one of them. `given` can be said once for all new rows. With `of_evidence`,
    what Evidence holds may stand in `evidence_…` and, for a second piece, in `evidence_2_…`.
    """

    kind: ImportKind
    keys: tuple[str, ...]
    columns: tuple[Column, ...]
    computed: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    of_evidence: bool = False

    @property
    def label_of(self) -> dict[str, Any]:
        return {column.name: column.label for column in self.columns}


def _of(model: Any, *names: str) -> tuple[Column, ...]:
    """Columns that are fields of a model, called as it calls them."""
    return tuple(Column(name, model._meta.get_field(name).verbose_name) for name in names)


def _labels_of(*names: str) -> dict[str, str]:
    return {f"{name}_{language.suffix}": name for name in names for language in Language}


EVIDENCE = (
    "kind",
    "title",
    "language",
    "publisher",
    "url",
    "published_on",
    "seen_on",
    "quotation",
    "note_en",
    "note_zh",
)
_VERSION = Column("version", gettext_lazy("version"))

PLEDGES = Shape(
    kind=ImportKind.PLEDGES,
    keys=("code", "wording", "title", "title_en", "title_zh"),
    columns=(
        *_of(Pledge, "code", "programme", "pillar", "title_en", "title_zh"),
        Column("title", gettext_lazy("title")),
        *_of(Pledge, "summary_en", "summary_zh"),
        Column("summary", gettext_lazy("summary")),
        *_of(Pledge, "wording", "wording_language", "yardstick_en", "yardstick_zh"),
        *_of(Pledge, "wording_note_en", "wording_note_zh", "speaker_en", "speaker_zh"),
        Column("speaker", gettext_lazy("speaker")),
        *_of(Pledge, "announced_on", "original_due_on"),
        Column("original_due_precision", gettext_lazy("how exactly the original date is stated")),
        Column("leads", gettext_lazy("leading bodies")),
        Column("supporters", gettext_lazy("supporting bodies")),
        *_of(Pledge, "sectors"),
        Column("status", gettext_lazy("status")),
        Column("last_entry_on", gettext_lazy("status holds from")),
        Column("due_on", gettext_lazy("due on")),
        Column("due_precision", gettext_lazy("how exactly it is stated")),
        _VERSION,
    ),
    computed=(
        "progress",
        "progress_basis",
        "milestones_done",
        "milestones_total",
        "late",
        "stale",
        "no_evidence",
        "published_on",
    ),
    labels=_labels_of("pillar", "status", "leads", "supporters", "sectors"),
    given=(
        "programme",
        "code_prefix",
        "announced_on",
        "wording_language",
        "pillar",
        "leads",
        "supporters",
        "sectors",
    ),
)

MILESTONES = Shape(
    kind=ImportKind.MILESTONES,
    keys=("uid", "pledge"),
    columns=(
        *_of(Milestone, "uid", "pledge", "order", "title_en", "title_zh"),
        Column("title", gettext_lazy("title")),
        *_of(Milestone, "original_due_on"),
        Column("original_due_precision", gettext_lazy("how exactly the original date is stated")),
        Column("state", gettext_lazy("state")),
        Column("due_on", gettext_lazy("due on")),
        Column("due_precision", gettext_lazy("how exactly it is stated")),
        Column("done_on", gettext_lazy("done on")),
        _VERSION,
    ),
    computed=("pledge_title_en", "pledge_title_zh"),
    labels=_labels_of("state"),
)

UPDATES = Shape(
    kind=ImportKind.UPDATES,
    keys=("uid", "pledge"),
    columns=(
        *_of(Update, "uid", "pledge", "status", "effective_on", "reported_progress"),
        *_of(Update, "due_on", "due_precision", "narrative_en", "narrative_zh"),
        Column("narrative", gettext_lazy("narrative")),
        *_of(Update, "corrects", "correction_reason_en", "correction_reason_zh"),
        *(Column(f"evidence_{column.name}", column.label) for column in _of(Evidence, *EVIDENCE)),
        _VERSION,
    ),
    computed=(
        "number",
        "pledge_title_en",
        "pledge_title_zh",
        "published_on",
        "evidence_count",
        "corrected_by",
        "digest",
    ),
    labels=_labels_of("status"),
    given=(
        "status",
        "effective_on",
        "evidence_kind",
        "evidence_language",
        "evidence_publisher",
    ),
    of_evidence=True,
)

SHAPES: dict[str, Shape] = {shape.kind.value: shape for shape in (PLEDGES, MILESTONES, UPDATES)}

#: What may be said once for all new rows, beside the columns themselves.
CODE_PREFIX, DATE_ORDER = "code_prefix", "date_order"


@dataclass(frozen=True)
class Choices:
    """What whoever brings a file in says about it.

    `columns` gives for a header of the file the column that it is, or "" for one not to be read;
    `given` values for what new rows lack; `words` for a word of the file our code. With `adds`,
    programmes, pillars, sectors and bodies that are not known are added.
    """

    kind: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    adds: bool = False


@dataclass
class Matching:
    """Which of a file's columns is which of ours; what is not read, and why; what is unclear."""

    shape: Shape
    header: tuple[str, ...]
    places: dict[str, int] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    is_foreign: bool = False

    def name_of(self, column: str) -> str:
        """The column as the file calls it."""
        place = self.places.get(column)
        return column if place is None else self.header[place]

    @property
    def by_place(self) -> dict[int, str]:
        return {place: column for column, place in self.places.items()}

    @property
    def left_out(self) -> dict[str, list[str]]:
        """The headers that are not read, by the reason."""
        reasons: dict[str, list[str]] = {}
        for header, why in self.unread:
            reasons.setdefault(why, []).append(header)
        return reasons


def shape_for(table: Table, choices: Choices) -> Shape | None:
    """The kind of file that a table is: the one chosen, else the one that its header fits best."""
    if choices.kind:
        return SHAPES[choices.kind]

    def fit(shape: Shape) -> int:
        known = _known(shape)
        found = {}
        for place, name in enumerate(table.header):
            candidate = _candidate(name, known, shape, choices)
            if candidate is not None:
                found[place] = candidate
        keys = {column for _rank, column, _why in found.values()} & set(shape.keys)
        if keys == {"pledge"}:
            # Others call the text of a pledge so. Ours is a code.
            place = next(at for at, (_rank, name, _why) in found.items() if name == "pledge")
            keys = keys if _has_codes(table, place) else set()
        # Our own names say more than synonyms do.
        weight = sum(1 if rank == _SYNONYM else 2 for rank, _column, _why in found.values())
        return weight if keys else 0

    best = max(SHAPES.values(), key=fit)
    return best if fit(best) > 1 else None


def _has_codes(table: Table, place: int) -> bool:
    cells = [row.cells[place] for row in table.rows[:20] if row.fault is None]
    return any(re.fullmatch(CODE_PATTERN, cell.strip().upper()) for cell in cells)


def match(header: tuple[str, ...], shape: Shape, choices: Choices) -> Matching:
    """Finds for each of the file's columns which of ours it is."""
    known = _known(shape)
    matching = Matching(shape, header)
    ranked: dict[str, list[tuple[int, int]]] = {}
    for place, name in enumerate(header):
        if not name:
            continue
        found = _candidate(name, known, shape, choices)
        if found is None:
            matching.unread.append((name, _("not known")))
            matching.is_foreign = True
        elif not found[1]:
            matching.unread.append((name, found[2]))
        else:
            ranked.setdefault(found[1], []).append((found[0], place))
    for column, places in ranked.items():
        places.sort()
        best = [place for rank, place in places if rank == places[0][0]]
        matching.places[column] = best[0]
        if len(best) > 1 and places[0][0] < _LABEL:
            names = _(" and ").join(f"“{header[place]}”" for place in best)
            matching.unclear.append(
                _(
                    "%(headers)s are both read as %(column)s. Say which of them is, and what the "
                    "other is."
                )
                % {"headers": names, "column": column}
            )
        matching.unread += [
            (header[place], _("another column is read instead"))
            for _rank, place in places
            if place != best[0]
        ]
    return matching


_CHOSEN, _NAME, _CALLED, _SYNONYM, _LABEL = range(5)
Candidate = tuple[int, str, str]


def _known(shape: Shape) -> dict[str, Candidate]:
    """What each header means in this shape: how surely, the column, else why it is not read."""
    return dict(reversed(list(_meanings(shape))))


def _meanings(shape: Shape) -> Iterator[tuple[str, Candidate]]:
    for column in shape.columns:
        yield key(column.name), (_NAME, column.name, "")
    for name in shape.computed:
        yield key(name), (_NAME, "", _("computed from the record"))
    for column in shape.columns:
        for language in Language:
            with translation.override(language.value):
                yield key(str(column.label)), (_CALLED, column.name, "")
    for name, target in shape.labels.items():
        yield key(name), (_LABEL, target, "")
    for column in shape.columns:
        for synonym in HEADERS.get(column.name, ()):
            yield key(synonym), (_SYNONYM, column.name, "")


_NUMBERED = re.compile(r"evidence (?:(\d) )?([a-z ]+?)(?: (\d))?")


def _candidate(
    name: str, known: Mapping[str, Candidate], shape: Shape, choices: Choices
) -> Candidate | None:
    chosen = choices.columns.get(key(name))
    if chosen is not None:
        return _CHOSEN, chosen, _("so chosen")
    found = known.get(key(name))
    if found is None and shape.of_evidence and (numbered := _NUMBERED.fullmatch(key(name))):
        before, what, after = numbered.groups()
        what = what.replace(" ", "_")
        if what in EVIDENCE and (before or after):
            return _NAME, f"evidence_{before or after}_{what}", ""
    return found
