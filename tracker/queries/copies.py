"""All of the public record, row by row, under names that mean the same on every site.

Rows are named by their natural keys, and people nowhere. Of the words that may be mended, `then`
says what they were at the end of each day that changed them: a report for a past day reads them.
A pillar, sector or body that is gone, but that a past day names, is called `~1`, `~2` and so on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.apps import apps
from django.db.models import F, Min, Model, Prefetch, QuerySet

from tracker.models import (
    Body,
    Completion,
    Evidence,
    FrozenFile,
    Indicator,
    Measurement,
    Milestone,
    Passage,
    Period,
    Pillar,
    Pledge,
    Programme,
    Reply,
    Responsibility,
    Sector,
    Source,
    SourceNote,
    Update,
)
from tracker.models.texts import InByteOrder
from tracker.rules.chain import canonical
from tracker.rules.copies import State, Values, by_day
from tracker.rules.dates import day_of

Row = TypeVar("Row")
CHUNK = 500
_SECTORS: Any = apps.get_model("tracker", "HistoricalPledge_sectors")


def _texts(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{language}" for name in names for language in ("en", "zh"))


@dataclass(frozen=True)
class Table:
    """One member of a copy: which fields of a noun it holds, and of which also past words."""

    name: str
    model: type[Model]
    fields: tuple[str, ...]
    then: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"{self.name}.jsonl"


_PLEDGE_WORDS = (
    "programme",
    "pillar",
    "slug",
    "wording_language",
    *_texts("title", "summary", "yardstick", "wording_note", "speaker"),
)
_PILLAR = ("programme", "order", *_texts("title"))
_SECTOR = ("slug", *_texts("name"))
_BODY = ("slug", *_texts("name"), "url")
_PROGRAMME = ("slug", *_texts("name", "summary"), "announced_on")
_INDICATOR = (
    "programme",
    "pledge",
    "code",
    *_texts("name", "unit", "note"),
    "target",
    "target_on",
)

#: In the order in which they are loaded: each names only what comes before it.
TABLES = (
    Table("programmes", Programme, _PROGRAMME, _PROGRAMME),
    Table("pillars", Pillar, _PILLAR, _PILLAR),
    Table("sectors", Sector, _SECTOR, _SECTOR),
    Table("bodies", Body, _BODY, _BODY),
    Table(
        "sources",
        Source,
        (
            "slug",
            "programme",
            *_texts("title", "publisher"),
            "event_on",
            "published_on",
            "url",
            "language",
            "text",
            "sha256",
            *_texts("note"),
        ),
    ),
    Table(
        "pledges",
        Pledge,
        (
            *_PLEDGE_WORDS,
            "code",
            "parent",
            "wording",
            "announced_on",
            "original_due_on",
            "original_due_precision",
            "published_at",
            "sectors",
            "responsibilities",
        ),
        (*_PLEDGE_WORDS, "sectors", "responsibilities"),
    ),
    Table("passages", Passage, ("source", "start", "end", "pledge", "reason", *_texts("note"))),
    Table(
        "source_notes",
        SourceNote,
        ("source", "key", "start", "end", *_texts("problem", "meaning", "basis")),
    ),
    Table(
        "milestones",
        Milestone,
        (
            "uid",
            "pledge",
            "order",
            *_texts("title"),
            "original_due_on",
            "original_due_precision",
        ),
        ("order", *_texts("title"), "original_due_precision"),
    ),
    Table("indicators", Indicator, _INDICATOR, _INDICATOR),
    Table(
        "measurements",
        Measurement,
        (
            "indicator",
            "value",
            *_texts("qualifier", "period"),
            "measured_on",
            "is_baseline",
            "source",
            "start",
            "end",
            "publisher",
            "url",
            "published_at",
        ),
    ),
    # What the entries say of it is in record.jsonl; here is their order on the page, and the file.
    Table("evidence", Evidence, ("uid", "update", "file")),
    Table("replies", Reply, ("uid", "update", "body", *_texts("text"), "published_at")),
    Table(
        "periods",
        Period,
        (
            "programme",
            "slug",
            *_texts("name"),
            "starts_on",
            "ends_on",
            "closed_at",
            "completions",
            "files",
        ),
    ),
)
#: What stands inside a row of another table.
WITHIN: dict[type[Model], tuple[str, ...]] = {
    Responsibility: ("body", "role", *_texts("note")),
    FrozenFile: ("filename", "report", "parameters", "versions", "content", "sha256", "made_at"),
    Completion: ("pledge",),
}
GROUPS: tuple[type[Model], ...] = (Programme, Pillar, Sector, Body)


def table_of(model: type[Model]) -> Table:
    """The member that holds a noun."""
    return next(table for table in TABLES if table.model is model)


def public_entries() -> QuerySet[Update]:
    return Update.objects.published().order_by("sequence")


def public_evidence() -> QuerySet[Evidence]:
    """In the order of the entries, and of the page in each."""
    order = ("update__sequence", F("published_on").asc(nulls_last=True), "pk")
    return Evidence.objects.published().select_related("update").order_by(*order)


def member_of(evidence: Evidence) -> str | None:
    """The member that holds the record's own copy of a document; None where it has none."""
    kept = evidence.file.name
    return f"evidence/{evidence.uid}.{kept.rpartition('.')[2].lower()}" if kept else None


def member_of_frozen(file: FrozenFile) -> str:
    return f"periods/{file.period.slug}/{file.filename}"


def closed_periods() -> QuerySet[Period]:
    return Period.objects.closed().order_by(InByteOrder("slug"))


class Copy:
    """What a copy holds. What pledges refer to is little and is kept in memory; the rest is read
    piece by piece, in a fixed number of queries for each `CHUNK` of rows."""

    def __init__(self) -> None:
        #: Since when readers may know of each pillar, sector, body and programme.
        self._since: dict[tuple[type[Model], int], date] = {}
        self._key: dict[tuple[type[Model], int], str] = {}
        self._groups: dict[type[Model], list[Values]] = {model: [] for model in GROUPS}
        self._find()

    def rows(self, table: Table) -> Iterator[Values]:
        """The rows of a member, in the order of their keys."""
        if table.model in self._groups:
            return iter(self._groups[table.model])
        return getattr(self, f"_{table.name}")()

    # --- What is public of what pledges refer to ------------------------------------------------

    def _find(self) -> None:
        self._key |= {(Source, pk): slug for pk, slug in Source.objects.values_list("pk", "slug")}
        self._key |= {
            (Indicator, pk): code for pk, code in Indicator.objects.values_list("pk", "code")
        }
        for programme in Source.objects.values_list("programme", flat=True):
            self._seen(Programme, programme, date.min)
        for chunk in _chunks(self._public_pledges()):
            for pledge, states in self._past(chunk):
                day = day_of(_moment(pledge.published_at))
                self._see(_words_of(pledge, pledge.sectors.all(), _own(pledge)), day)
                for since, raw in states:
                    self._see(raw, since)
        for indicator, states in self._past_indicators():
            self._seen(Programme, indicator.programme_id, self._begun[indicator.pk])
            for since, raw in states:
                self._see_programme(raw, since)
        for period in closed_periods():
            self._seen(Programme, period.programme_id, day_of(_moment(period.closed_at)))
        for reply in Reply.objects.published():
            self._seen(Body, reply.body_id, day_of(reply.published_at))
        self._pillars_bring_their_programmes()
        for table in TABLES:
            if table.model in self._groups:
                self._groups[table.model] = self._group(table)

    def _see(self, raw: Values | None, since: date) -> None:
        if raw is None:
            return
        self._seen(Programme, raw["programme"], since)
        self._seen(Pillar, raw["pillar"], since)
        for sector in raw["sectors"]:
            self._seen(Sector, sector, since)
        for named in raw["responsibilities"]:
            self._seen(Body, named["body"], since)

    def _see_programme(self, raw: Values | None, since: date) -> None:
        if raw is not None:
            self._seen(Programme, raw["programme"], since)

    def _seen(self, model: type[Model], pk: int | None, since: date) -> None:
        if pk is not None:
            known = self._since.get((model, pk))
            self._since[model, pk] = since if known is None else min(known, since)

    def _pillars_bring_their_programmes(self) -> None:
        pillars = {pk: day for (model, pk), day in self._since.items() if model is Pillar}
        for pk, programme in Pillar.objects.filter(pk__in=pillars).values_list("pk", "programme"):
            self._seen(Programme, programme, pillars[pk])
        for pk, states in self._saves(Pillar, ("programme",), pillars).items():
            for day, raw in states:
                if raw:
                    self._seen(Programme, raw["programme"], max(day, pillars[pk]))

    def _group(self, table: Table) -> list[Values]:
        """Rows that pledges refer to: those of now by their keys, then those of the past."""
        model = table.model
        wanted = {pk: day for (kind, pk), day in self._since.items() if kind is model}
        saves = self._saves(model, table.then, wanted)
        # Fewer than what a site's page may show: what no pledge refers to is nobody's yet.
        living = {row.pk: row for row in model._default_manager.filter(pk__in=wanted)}
        rows, gone = [], []
        for pk, since in wanted.items():
            then = [self._state(model, state) for state in by_day(saves[pk], since)]
            if pk in living:
                now = self._told(model, _raw(living[pk], table.fields))
                self._key[model, pk] = _natural(model, now)
                rows.append({"key": self._key[model, pk], "now": now, "then": then})
            elif then:
                gone.append((pk, then))
        gone.sort(key=lambda pair: canonical({"then": pair[1]}))
        for number, (pk, _then) in enumerate(gone, 1):
            self._key[model, pk] = f"~{number}"
        rows.sort(key=lambda row: str(row["key"]).encode())
        return [
            *rows,
            *({"key": self._key[model, pk], "now": None, "then": then} for pk, then in gone),
        ]

    def _saves(
        self, model: type[Model], names: tuple[str, ...], keys: Iterable[int]
    ) -> defaultdict[int, list[State]]:
        """By key, each save of some rows: its day, and what it said; None where it took it away."""
        history: Any = model.history  # type: ignore[attr-defined]
        found: defaultdict[int, list[State]] = defaultdict(list)
        saved = history.filter(id__in=list(keys)).order_by("history_date", "history_id")
        for row in saved.iterator(chunk_size=CHUNK):
            said = None if row.history_type == "-" else _raw(row, names)
            found[row.id].append((day_of(row.history_date), said))
        return found

    def _told(self, model: type[Model], raw: Values) -> Values:
        """What a row says, under names: keys of the database become those of the copy."""
        said: Values = {}
        for name, value in raw.items():
            if name == "sectors":
                keys = (self._key.get((Sector, pk)) for pk in value)
                said[name] = sorted(key for key in keys if key)
            elif name == "responsibilities":
                named = [one | {"body": self._key.get((Body, one["body"]))} for one in value]
                said[name] = sorted(
                    (one for one in named if one["body"]),
                    key=lambda one: (one["role"], one["body"]),
                )
            else:
                target: Any = model._meta.get_field(name).related_model
                said[name] = self._key.get((target, value)) if target in _KEYED else plain(value)
        return said

    def _state(self, model: type[Model], state: State) -> Values:
        day, raw = state
        return {"from": day.isoformat(), "says": raw and self._told(model, raw)}

    def _with_past(self, table: Table, row: Model, now: Values, states: list[State]) -> Values:
        told = [self._state(table.model, state) for state in states]
        return {"now": now, "then": told}

    # --- Pledges and what is theirs -------------------------------------------------------------

    def _public_pledges(self) -> Iterator[Pledge]:
        """In order of code; `parent_code` is that of a public pledge only."""
        return (
            Pledge.objects.published()
            .select_related("parent")
            .prefetch_related("sectors", "responsibilities")
            .order_by(InByteOrder("code"))
            .iterator(chunk_size=CHUNK)
        )

    def _past(self, chunk: list[Pledge]) -> Iterator[tuple[Pledge, list[State]]]:
        """What was said of each pledge, with its sectors and bodies, from its publication on."""
        keys = [pledge.pk for pledge in chunk]
        words: defaultdict[int, dict[date, Any]] = defaultdict(dict)
        history: Any = Pledge.history
        in_order = history.filter(id__in=keys).order_by("history_date", "history_id")
        for saved in in_order.iterator(chunk_size=CHUNK):
            words[saved.id][day_of(saved.history_date)] = saved
        sectors: defaultdict[int, list[int]] = defaultdict(list)
        for history_id, sector in _SECTORS.objects.filter(pledge__in=keys).values_list(
            "history", "sector"
        ):
            sectors[history_id].append(sector)
        named: defaultdict[int, defaultdict[date, dict[int, Any]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        history = Responsibility.history
        in_order = history.filter(pledge__in=keys).order_by("history_date", "history_id")
        for saved in in_order.iterator(chunk_size=CHUNK):
            named[saved.pledge_id][day_of(saved.history_date)][saved.id] = saved
        for pledge in chunk:
            states = _together(words[pledge.pk], named[pledge.pk], sectors)
            yield pledge, by_day(states, day_of(_moment(pledge.published_at)))

    def _pledges(self) -> Iterator[Values]:
        table = table_of(Pledge)
        for chunk in _chunks(self._public_pledges()):
            for pledge, states in self._past(chunk):
                words = _words_of(pledge, pledge.sectors.all(), _own(pledge))
                now = self._told(Pledge, words)
                for name in table.fields:
                    if name not in now:
                        now[name] = plain(getattr(pledge, name)) if name != "parent" else None
                if pledge.parent and pledge.parent.is_public:
                    now["parent"] = pledge.parent.code
                yield self._with_past(table, pledge, now, states)

    def _sources(self) -> Iterator[Values]:
        return self._plain(Source, Source.objects.order_by(InByteOrder("slug")))

    def _passages(self) -> Iterator[Values]:
        passages = Passage.objects.published().select_related("pledge")
        return self._plain(Passage, passages.order_by(InByteOrder("source__slug"), "start"))

    def _source_notes(self) -> Iterator[Values]:
        notes = SourceNote.objects.order_by(InByteOrder("source__slug"), InByteOrder("key"))
        return self._plain(SourceNote, notes)

    def _milestones(self) -> Iterator[Values]:
        """Those of the record, with the words that they had since it names them."""
        table = table_of(Milestone)
        milestones = (
            Milestone.objects.filter(changes__update__in=Update.objects.published())
            .annotate(begun=Min("changes__update__published_at"))
            .select_related("pledge")
            .order_by(InByteOrder("pledge__code"), "order", "pk")
        )
        # The minimum is taken of the published ones alone: the filter above is on the same join.
        for chunk in _chunks(milestones.iterator(chunk_size=CHUNK)):
            saves = self._saves(Milestone, table.then, [row.pk for row in chunk])
            for row in chunk:
                states = by_day(saves[row.pk], day_of(row.begun))
                now = self._now(table, row)
                yield self._with_past(table, row, now, states)

    @property
    def _begun(self) -> dict[int, date]:
        """Since when readers know of each indicator."""
        if not hasattr(self, "_begun_on"):
            first = _public_measurements().order_by().values_list("indicator")
            self._begun_on = {pk: day_of(at) for pk, at in first.annotate(at=Min("published_at"))}
        return self._begun_on

    def _past_indicators(self) -> Iterator[tuple[Indicator, list[State]]]:
        indicators = Indicator.objects.filter(pk__in=self._begun).select_related("pledge")
        saves = self._saves(Indicator, _INDICATOR, self._begun)
        for indicator in indicators.order_by(InByteOrder("code")):
            states = by_day(saves[indicator.pk], self._begun[indicator.pk])
            yield indicator, [(day, raw) for day, raw in states if raw]

    def _indicators(self) -> Iterator[Values]:
        table = table_of(Indicator)
        rows = list(self._past_indicators())
        named = {raw["pledge"] for _row, states in rows for _day, raw in states if raw}
        codes = dict(
            Pledge.objects.published().filter(pk__in=named - {None}).values_list("pk", "code")
        )
        self._key |= {(Pledge, pk): code for pk, code in codes.items()}
        for row, states in rows:
            yield self._with_past(table, row, self._now(table, row), states)

    def _measurements(self) -> Iterator[Values]:
        in_order = (InByteOrder("indicator__code"), "measured_on")
        return self._plain(Measurement, _public_measurements().order_by(*in_order))

    # --- Beside the entries ---------------------------------------------------------------------

    def _evidence(self) -> Iterator[Values]:
        for row in public_evidence().iterator(chunk_size=CHUNK):
            yield {
                "now": {
                    "uid": str(row.uid),
                    "update": row.update.sequence,
                    "file": member_of(row),
                }
            }

    def _replies(self) -> Iterator[Values]:
        replies = Reply.objects.published().select_related("update")
        return self._plain(Reply, replies.order_by("update__sequence", "published_at", "pk"))

    def _periods(self) -> Iterator[Values]:
        table = table_of(Period)
        marks = Completion.objects.filter(pledge__published_at__isnull=False)
        files = FrozenFile.objects.defer("content").order_by(InByteOrder("filename"))
        periods = closed_periods().prefetch_related(
            Prefetch("completions", marks.select_related("pledge")), Prefetch("files", files)
        )
        for period in periods:
            now = self._now(table, period, without=("completions", "files"))
            now["completions"] = sorted(mark.pledge.code for mark in period.completions.all())
            now["files"] = [_frozen(file, period) for file in period.files.all()]
            yield {"now": now}

    def _plain(self, model: type[Model], rows: QuerySet) -> Iterator[Values]:
        table = table_of(model)
        for row in rows.iterator(chunk_size=CHUNK):
            yield {"now": self._now(table, row)}

    def _now(self, table: Table, row: Any, without: tuple[str, ...] = ()) -> Values:
        now: Values = {}
        for name in table.fields:
            if name in without:
                continue
            target = table.model._meta.get_field(name).related_model
            if target is Pledge:
                pledge = getattr(row, name)
                now[name] = pledge.code if pledge and pledge.is_public else None
            elif target is Update:
                now[name] = getattr(row, name).sequence
            elif target:
                now[name] = self._key.get((target, getattr(row, f"{name}_id")))
            else:
                now[name] = plain(getattr(row, name))
        return now


_KEYED = (*GROUPS, Source, Indicator, Pledge)


def _public_measurements() -> QuerySet[Measurement]:
    """Those that readers see: of a pledge that is not public they see none."""
    return Measurement.objects.published().exclude(
        indicator__pledge__isnull=False, indicator__pledge__published_at__isnull=True
    )


def _moment(at: datetime | None) -> datetime:
    """A moment that what is public cannot lack."""
    if at is None:
        raise ValueError("What is public has the moment of its publication.")
    return at


def _raw(row: Any, names: Iterable[str]) -> Values:
    """What a row, or a save of one, says: a reference by its key in the database."""
    fields = {field.name: field.attname for field in row._meta.concrete_fields}
    return {name: getattr(row, fields[name]) for name in names}


def _words_of(row: Any, sectors: Iterable[Any], named: Iterable[Any]) -> Values:
    return _raw(row, _PLEDGE_WORDS) | {
        "sectors": [getattr(sector, "pk", sector) for sector in sectors],
        "responsibilities": [_raw(one, WITHIN[Responsibility]) for one in named],
    }


def _own(pledge: Pledge) -> Iterable[Responsibility]:
    return pledge.responsibilities.all()


def _together(
    words: dict[date, Any],
    named: dict[date, dict[int, Any]],
    sectors: dict[int, list[int]],
) -> Iterator[State]:
    """A pledge on each day on which it, or a responsibility for it, was saved."""
    pledge: Any = None
    bodies: dict[int, Any] = {}
    for day in sorted({*words, *named}):
        pledge = words.get(day, pledge)
        bodies |= named.get(day, {})
        if pledge is not None:
            there = [one for one in bodies.values() if one.history_type != "-"]
            there.sort(key=lambda one: (one.role, one.body_id))
            yield day, _words_of(pledge, sorted(sectors[pledge.history_id]), there)


def _frozen(file: FrozenFile, period: Period) -> Values:
    file.period = period
    return {
        "filename": file.filename,
        "report": file.report,
        "parameters": file.parameters,
        "versions": file.versions,
        "content": member_of_frozen(file),
        "sha256": file.sha256,
        "made_at": plain(file.made_at),
    }


def _natural(model: type[Model], now: Values) -> str:
    """The name by which the rows of other members call a row."""
    return f"{now['programme']}/{now['order']}" if model is Pillar else str(now["slug"])


def plain(value: Any) -> Any:
    """A value as JSON says it: moments in UTC to the microsecond, numbers without idle zeros."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    if isinstance(value, UUID):
        return str(value)
    return value


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk
