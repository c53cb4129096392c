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
from tracker.models.gram import Gram, Indexed, Posting
from tracker.models.indicator import Indicator, Measurement
from tracker.models.milestone import Milestone, MilestoneChange
from tracker.models.period import Completion, FrozenFile, Period
from tracker.models.pledge import Pledge, Standing
from tracker.models.programme import Pillar, Programme, Sector
from tracker.models.public_rows import (
    measured,
    of_a_closed_period,
    of_a_public_pledge,
    of_a_public_pledge_or_none,
    of_a_published_update,
    since,
    since_publication,
    there_is,
    told,
)
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
    `if_public`: those of `names` that lead to a row of which nobody has said that it is public.
    """

    model: type[Model]
    rows: str
    names: tuple[str, ...]
    is_apart: bool = False
    if_public: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def fields(self) -> Iterator[tuple[Field, bool]]:
        """Each column's field, and whether it is public."""
        for field in self.model._meta.concrete_fields:
            yield field, field.name in self.names

    def leading(self) -> Iterator[tuple[Field, "Shown"]]:
        """Each field of `if_public`, with what is public of the table that it leads to."""
        for name in self.if_public:
            field = self.model._meta.get_field(name)
            (there,) = (shown for shown in SHOWN if shown.model is field.related_model)
            yield field, there


def _texts(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{language}" for name in names for language in ("en", "zh"))


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
        of_a_public_pledge_or_none("tracker_passage"),
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
        of_a_closed_period("tracker_completion")
        + " AND "
        + of_a_public_pledge("tracker_completion"),
        ("id", "period", "pledge"),
    )
    yield Shown(
        FrozenFile,
        of_a_closed_period("tracker_frozenfile"),
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
    # The search's index is made of what is public alone: `actions.grams`.
    yield Shown(Gram, ALL, ("id", "text", "is_word"))
    yield Shown(Posting, ALL, ("id", "gram", "block", "keys"))
    yield Shown(Indexed, ALL, ("id", "number", "is_whole"))


def _of_pledges() -> Iterator[Shown]:
    # A part may be public before the whole is.
    yield Shown(Pledge, "published_at IS NOT NULL", ("id", *_PLEDGE), if_public=("parent",))
    yield Shown(
        _history(Pledge),
        since_publication("tracker_historicalpledge", "id"),
        (*_KEPT, *_PLEDGE),
        is_apart=True,
        if_public=("parent",),
    )
    yield Shown(
        Pledge.sectors.through,
        of_a_public_pledge("tracker_pledge_sectors"),
        ("id", "pledge", "sector"),
    )
    saved = since_publication("tracker_historicalpledge", "id")
    yield Shown(
        apps.get_model("tracker", "HistoricalPledge_sectors"),
        there_is(
            "FROM tracker_historicalpledge WHERE tracker_historicalpledge.history_id "
            f"= tracker_historicalpledge_sectors.history_id AND {saved}"
        ),
        ("id", "m2m_history_id", "history", "pledge", "sector"),
        is_apart=True,
    )
    yield Shown(
        Responsibility,
        of_a_public_pledge("tracker_responsibility"),
        ("id", *_RESPONSIBILITY),
    )
    yield Shown(
        _history(Responsibility),
        since_publication("tracker_historicalresponsibility", "pledge_id"),
        (*_KEPT, *_RESPONSIBILITY),
        is_apart=True,
    )
    yield Shown(
        Standing,
        of_a_public_pledge("tracker_standing"),
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
    yield Shown(Touch, of_a_public_pledge("tracker_touch"), ("pledge_id", "number"))


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
        of_a_published_update("tracker_evidence"),
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
        of_a_published_update("tracker_milestonechange"),
        ("id", "update", "milestone", "state", "due_on", "due_precision", "done_on"),
    )
    yield Shown(Milestone, there_is(told("tracker_milestone", "id")), ("id", *_MILESTONE))
    yield Shown(
        _history(Milestone),
        since(
            "tracker_historicalmilestone",
            "min(u.published_at)",
            told("tracker_historicalmilestone", "id"),
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
        of_a_public_pledge_or_none("tracker_indicator")
        + " AND "
        + there_is(measured("tracker_indicator", "id")),
        ("id", *_INDICATOR),
        is_apart=True,
    )
    yield Shown(
        _history(Indicator),
        of_a_public_pledge_or_none("tracker_historicalindicator")
        + " AND "
        + since(
            "tracker_historicalindicator",
            "min(m.published_at)",
            measured("tracker_historicalindicator", "id"),
        ),
        (*_KEPT, *_INDICATOR),
        is_apart=True,
    )
    yield Shown(
        Measurement,
        "published_at IS NOT NULL AND "
        + there_is(
            "FROM tracker_indicator WHERE tracker_indicator.id = tracker_measurement.indicator_id "
            "AND " + of_a_public_pledge_or_none("tracker_indicator")
        ),
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
