"""What the public site may read: the one place that says which rows and columns those are.

On PostgreSQL the public site can run with a role of its own. `actions.grants` gives that role what
stands here, and nothing else: a table that is not named is out of its reach, and so is each column
that is not named. `tests/grants.txt` has all of it, table by table; a test fails while a new
table or column stands in neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Field, Model

from tracker.models.body import Body, Responsibility
from tracker.models.edition import Edition, Touch
from tracker.models.evidence import Evidence
from tracker.models.indicator import Indicator, Measurement
from tracker.models.milestone import Milestone, MilestoneChange
from tracker.models.period import Completion, FrozenFile, Period
from tracker.models.pledge import Pledge, Standing
from tracker.models.programme import Pillar, Programme, Sector
from tracker.models.reply import Reply
from tracker.models.source import Passage, Source, SourceNote
from tracker.models.update import Head, Update

#: The role that reads, and the schema of the views that it reads, which has its name.
ROLE = "tracker_public"
ALL = "true"


@dataclass(frozen=True)
class Shown:
    """What of one table is public: rows by a condition in SQL, columns by the names of fields.

    `is_apart`: the condition asks the table itself, or one that asks it. PostgreSQL cannot hold
    such a rule on the table, and so its view looks with the owner's eyes.
    """

    model: type[Model]
    rows: str
    names: tuple[str, ...]
    is_apart: bool = False

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def fields(self) -> Iterator[tuple[Field, bool]]:
        """Each column's field, and whether it is public."""
        for field in self.model._meta.concrete_fields:
            yield field, field.name in self.names


def _texts(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{language}" for name in names for language in ("en", "zh"))


def _of_a_public_pledge(table: str, column: str = "pledge_id") -> str:
    return (
        f"EXISTS (SELECT 1 FROM tracker_pledge p WHERE p.id = {table}.{column} "
        "AND p.published_at IS NOT NULL)"
    )


def _of_a_closed_period(table: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM tracker_period c WHERE c.id = {table}.period_id "
        "AND c.closed_at IS NOT NULL)"
    )


def _of_a_published_update(table: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM tracker_update u WHERE u.id = {table}.update_id "
        "AND u.state = 'published')"
    )


def _since(table: str, key: str, moments: str) -> str:
    """Of a table of history: what was saved since a moment, and the save before, which then held.

    What was written before readers could see anything of it is told to nobody. `moments` is a
    query for the moment `since`; where it finds none, no save is public.
    """
    return (
        f"EXISTS (SELECT 1 FROM ({moments}) known WHERE {table}.history_date >= known.since "
        f"OR NOT EXISTS (SELECT 1 FROM {table} l WHERE l.{key} = {table}.{key} "
        "AND l.history_date <= known.since "
        f"AND (l.history_date, l.history_id) > ({table}.history_date, {table}.history_id)))"
    )


def _since_publication(table: str, pledge: str) -> str:
    moment = (
        f"SELECT p.published_at AS since FROM tracker_pledge p WHERE p.id = {table}.{pledge} "
        "AND p.published_at IS NOT NULL"
    )
    return _since(table, "id", moment)


_KEPT = ("id", "history_id", "history_date", "history_type")
_PROGRAMME = ("slug", *_texts("name", "summary"), "announced_on")
_PILLAR = ("programme", "order", *_texts("title"))
_SECTOR = ("slug", *_texts("name"))
_BODY = ("slug", *_texts("name"), "url")
_PLEDGE = (
    "programme",
    "pillar",
    "parent",
    "code",
    "slug",
    "wording",
    "wording_language",
    *_texts("title", "summary", "yardstick", "wording_note", "speaker"),
    "announced_on",
    "original_due_on",
    "original_due_precision",
    "published_at",
)
_MILESTONE = (
    "uid",
    "pledge",
    "order",
    *_texts("title"),
    "original_due_on",
    "original_due_precision",
)
_RESPONSIBILITY = ("pledge", "body", "role", *_texts("note"))
_INDICATOR = (
    "programme",
    "pledge",
    "code",
    *_texts("name", "unit", "note"),
    "target",
    "target_on",
)
_PLEDGE_IS_PUBLIC_IF_ANY = (
    "(tracker_{0}.pledge_id IS NULL OR " + _of_a_public_pledge("tracker_{0}") + ")"
)
_IN_THE_RECORD = (
    "EXISTS (SELECT 1 FROM tracker_milestonechange c JOIN tracker_update u ON u.id = c.update_id "
    "WHERE c.milestone_id = tracker_milestone.id AND u.state = 'published')"
)


def _history(model: type[Model]) -> type[Model]:
    return model.history.model  # type: ignore[attr-defined]


def _tables() -> Iterator[Shown]:
    # What pledges belong to has pages of its own from the day on which it is made.
    for model, names in (
        (Programme, _PROGRAMME),
        (Pillar, _PILLAR),
        (Sector, _SECTOR),
        (Body, _BODY),
    ):
        yield Shown(model, ALL, ("id", *names))
        # Once there, public: so the words that it had before are, too.
        yield Shown(_history(model), ALL, (*_KEPT, *names), is_apart=True)
    yield Shown(
        Source,
        ALL,
        (
            "id",
            "slug",
            "programme",
            *_texts("title", "publisher", "note"),
            "event_on",
            "published_on",
            "url",
            "language",
            "text",
            "sha256",
        ),
    )
    yield Shown(
        SourceNote,
        ALL,
        ("id", "source", "key", "start", "end", *_texts("problem", "meaning", "basis")),
    )
    yield Shown(
        Passage,
        _PLEDGE_IS_PUBLIC_IF_ANY.format("passage"),
        ("id", "source", "pledge", "start", "end", "reason", *_texts("note")),
    )
    yield from _of_pledges()
    yield from _of_updates()
    yield from _figures()
    yield Shown(
        Period,
        "closed_at IS NOT NULL",
        ("id", "programme", "slug", *_texts("name"), "starts_on", "ends_on", "closed_at"),
    )
    yield Shown(
        Completion,
        _of_a_closed_period("tracker_completion")
        + " AND "
        + _of_a_public_pledge("tracker_completion"),
        ("id", "period", "pledge"),
    )
    yield Shown(
        FrozenFile,
        _of_a_closed_period("tracker_frozenfile"),
        (
            "id",
            "period",
            "filename",
            "report",
            "parameters",
            "versions",
            "content",
            "sha256",
            "made_at",
        ),
    )
    yield Shown(Head, ALL, ("id", "sequence", "digest"))
    yield Shown(Edition, ALL, ("id", "number"))


def _of_pledges() -> Iterator[Shown]:
    yield Shown(Pledge, "published_at IS NOT NULL", ("id", *_PLEDGE))
    yield Shown(
        _history(Pledge),
        _since_publication("tracker_historicalpledge", "id"),
        (*_KEPT, *_PLEDGE),
        is_apart=True,
    )
    yield Shown(
        Pledge.sectors.through,
        _of_a_public_pledge("tracker_pledge_sectors"),
        ("id", "pledge", "sector"),
    )
    saved = _since_publication("tracker_historicalpledge", "id")
    yield Shown(
        apps.get_model("tracker", "HistoricalPledge_sectors"),
        "EXISTS (SELECT 1 FROM tracker_historicalpledge WHERE tracker_historicalpledge.history_id "
        f"= tracker_historicalpledge_sectors.history_id AND {saved})",
        ("id", "m2m_history_id", "history", "pledge", "sector"),
        is_apart=True,
    )
    yield Shown(
        Responsibility,
        _of_a_public_pledge("tracker_responsibility"),
        ("id", *_RESPONSIBILITY),
    )
    yield Shown(
        _history(Responsibility),
        _since_publication("tracker_historicalresponsibility", "pledge_id"),
        (*_KEPT, *_RESPONSIBILITY),
        is_apart=True,
    )
    yield Shown(
        Standing,
        _of_a_public_pledge("tracker_standing"),
        (
            "pledge",
            "status",
            "entry",
            "last_entry_on",
            "reported_progress",
            "due_on",
            "due_precision",
            "milestones_total",
            "milestones_done",
        ),
    )
    yield Shown(Touch, _of_a_public_pledge("tracker_touch"), ("pledge_id", "number"))


def _of_updates() -> Iterator[Shown]:
    # An update of a pledge that is not public is never published: the guards see to it.
    yield Shown(
        Update,
        "state = 'published'",
        (
            "id",
            "uid",
            "pledge",
            "state",
            "status",
            "effective_on",
            "reported_progress",
            "due_on",
            "due_precision",
            *_texts("narrative", "correction_reason"),
            "corrects",
            "published_at",
            "sequence",
            "digest",
        ),
    )
    yield Shown(
        Evidence,
        _of_a_published_update("tracker_evidence"),
        (
            "id",
            "uid",
            "update",
            "kind",
            "title",
            "language",
            "publisher",
            "url",
            "file",
            "file_sha256",
            "published_on",
            "seen_on",
            "quotation",
            *_texts("note"),
        ),
    )
    yield Shown(
        MilestoneChange,
        _of_a_published_update("tracker_milestonechange"),
        ("id", "update", "milestone", "state", "due_on", "due_precision", "done_on"),
    )
    yield Shown(Milestone, _IN_THE_RECORD, ("id", *_MILESTONE))
    yield Shown(
        _history(Milestone),
        _since(
            "tracker_historicalmilestone",
            "id",
            "SELECT min(u.published_at) AS since FROM tracker_milestonechange c "
            "JOIN tracker_update u ON u.id = c.update_id "
            "WHERE c.milestone_id = tracker_historicalmilestone.id AND u.state = 'published' "
            "HAVING count(*) > 0",
        ),
        (*_KEPT, *_MILESTONE),
        is_apart=True,
    )
    yield Shown(
        Reply,
        "published_at IS NOT NULL",
        ("id", "uid", "update", "body", *_texts("text"), "published_at"),
    )


def _figures() -> Iterator[Shown]:
    """Indicators and their values: a value without its indicator says nothing, and the reverse."""
    yield Shown(
        Indicator,
        _PLEDGE_IS_PUBLIC_IF_ANY.format("indicator")
        + " AND EXISTS (SELECT 1 FROM tracker_measurement m "
        "WHERE m.indicator_id = tracker_indicator.id AND m.published_at IS NOT NULL)",
        ("id", *_INDICATOR),
        is_apart=True,
    )
    yield Shown(
        _history(Indicator),
        _PLEDGE_IS_PUBLIC_IF_ANY.format("historicalindicator")
        + " AND "
        + _since(
            "tracker_historicalindicator",
            "id",
            "SELECT min(m.published_at) AS since FROM tracker_measurement m "
            "WHERE m.indicator_id = tracker_historicalindicator.id "
            "AND m.published_at IS NOT NULL HAVING count(*) > 0",
        ),
        (*_KEPT, *_INDICATOR),
        is_apart=True,
    )
    yield Shown(
        Measurement,
        "published_at IS NOT NULL AND EXISTS (SELECT 1 FROM tracker_indicator "
        "WHERE tracker_indicator.id = tracker_measurement.indicator_id AND "
        + _PLEDGE_IS_PUBLIC_IF_ANY.format("indicator")
        + ")",
        (
            "id",
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
        is_apart=True,
    )


SHOWN: tuple[Shown, ...] = tuple(_tables())


def models() -> list[type[Model]]:
    """Every model of the project with a table of its own, those between two tables too."""
    found = apps.get_models(include_auto_created=True)
    return sorted((m for m in found if m._meta.managed), key=lambda model: model._meta.db_table)
