"""A published update, its evidence and what it says of milestones never change, by any road."""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from tests.models import raw
from tests.models.raw import refused
from tracker.actions import updates
from tracker.models import (
    Evidence,
    Milestone,
    MilestoneChange,
    Pledge,
    Update,
    guards,
)
from tracker.vocabulary import Status

PUBLISHED = "a published update"


@dataclass
class Record:
    """A pledge with two entries and a draft, each with evidence and a word on a milestone."""

    pledge: Pledge
    older: Update
    latest: Update
    draft: Update
    step: Milestone
    other_step: Milestone

    def parts(self, update):
        return update.evidence.get(), update.milestone_changes.get()


@pytest.fixture
def record(world):
    pledge = world.pledge()
    step, other_step = world.milestone(pledge), world.milestone(pledge, "Second step")
    made = []
    for number in (1, 2, 3):
        update = world.draft(pledge, effective_on=date(2023, number, 1))
        world.change(update, step)
        made.append(update)
    for update in made[:2]:
        submitted = updates.submit(update, by=world.author, at=world.at)
        updates.publish(submitted, by=world.reviewer, at=world.at)
    older, latest, draft = (Update.objects.get(pk=update.pk) for update in made)
    return Record(pledge, older, latest, draft, step, other_step)


def test_every_guard_is_installed(db):
    assert guards.missing(connection) == []


def test_missing_names_a_lost_guard(db):
    guards.remove(connection)
    try:
        assert "tracker_standing_now" in guards.missing(connection)
    finally:
        guards.install(connection)
    assert guards.missing(connection) == []


@pytest.mark.postgresql_only
def test_missing_names_a_guard_that_was_turned_off(db):
    raw.sql("ALTER TABLE tracker_update DISABLE TRIGGER tracker_update_guard")
    assert guards.missing(connection) == ["tracker_update_guard"]


# --- The entry itself ---------------------------------------------------------------------


def _save(entry, record):
    entry.narrative_en = "Otherwise."
    entry.save()


def _save_fields(entry, record):
    entry.status = Status.KEPT
    entry.save(update_fields=["status"])


def _save_another_under_its_key(entry, record):
    other = Update.objects.get(pk=record.draft.pk)
    other.pk = entry.pk
    other.uid = uuid.uuid4()
    other.save()


def _bulk_update(entry, record):
    entry.narrative_en = "Otherwise."
    Update.objects.bulk_update([entry], ["narrative_en"])


def _upsert(entry, record):
    other = Update.objects.get(pk=record.draft.pk)
    other.pk, other.uid, other.narrative_en = None, entry.uid, "Otherwise."
    Update.objects.bulk_create(
        [other], update_conflicts=True, unique_fields=["uid"], update_fields=["narrative_en"]
    )


def _in_raw_sql_together_with_a_draft(entry, record):
    raw.sql("UPDATE tracker_update SET narrative_en = 'Otherwise.'")


ROADS_TO_CHANGE = {
    "save": _save,
    "save of one field": _save_fields,
    "save of another row under its key": _save_another_under_its_key,
    "queryset.update": lambda entry, _: Update.objects.filter(pk=entry.pk).update(status="kept"),
    "queryset.update back to draft": lambda entry, _: Update.objects.filter(pk=entry.pk).update(
        state="draft", published_at=None, published_by=None, sequence=None
    ),
    "queryset.update to the same": lambda entry, _: Update.objects.filter(pk=entry.pk).update(
        status=entry.status
    ),
    "update_or_create": lambda entry, _: Update.objects.update_or_create(
        uid=entry.uid, defaults={"status": "kept"}
    ),
    "bulk_update": _bulk_update,
    "upsert": _upsert,
    "raw SQL together with a draft": _in_raw_sql_together_with_a_draft,
}
ROADS_TO_DELETE = {
    "delete": lambda entry, _: entry.delete(),
    "queryset.delete": lambda entry, _: Update.objects.filter(pk=entry.pk).delete(),
    "queryset.delete of all": lambda _entry, _: Update.objects.all().delete(),
    "queryset._raw_delete": lambda entry, _: Update.objects.filter(pk=entry.pk)._raw_delete(
        "default"
    ),
    "raw SQL": lambda entry, _: raw.delete(entry),
    "raw SQL, all rows": lambda _entry, _: raw.sql("DELETE FROM tracker_update"),
}


@pytest.mark.parametrize("which", ["older", "latest"])
@pytest.mark.parametrize("road", ROADS_TO_CHANGE)
def test_a_published_update_is_not_changed(record, which, road):
    with refused(PUBLISHED):
        ROADS_TO_CHANGE[road](getattr(record, which), record)


@pytest.mark.parametrize("which", ["older", "latest"])
@pytest.mark.parametrize("road", ROADS_TO_DELETE)
def test_a_published_update_is_not_deleted(record, which, road):
    # Where it is an entry that a standing rests on, the ORM refuses before the database is asked.
    with refused(f"{PUBLISHED}|protected foreign keys"):
        ROADS_TO_DELETE[road](getattr(record, which), record)


def test_an_insert_that_ignores_conflicts_changes_nothing(record):
    before = raw.rows()
    other = Update.objects.get(pk=record.draft.pk)
    other.pk, other.uid, other.narrative_en = None, record.older.uid, "Otherwise."
    # PostgreSQL passes over the row in silence, SQLite refuses.
    with suppress(IntegrityError), transaction.atomic():
        Update.objects.bulk_create([other], ignore_conflicts=True)
    assert raw.rows() == before


def another_value(world, record, column):
    """A value for `column` that the latest entry does not have, and that a row might have."""
    colleague = world.person("colleague")
    return {
        "id": 999_999,
        "uid": uuid.uuid4(),
        "version": 77,
        "pledge_id": world.pledge("P9.99").pk,
        "state": "draft",
        "status": "stalled",
        "effective_on": date(2023, 1, 15),
        "reported_progress": 50,
        "due_on": date(2030, 1, 1),
        "due_precision": "none",
        "narrative_en": "Otherwise.",
        "narrative_zh": "另一种说法。",
        "corrects_id": record.older.pk,
        "correction_reason_en": "A slip.",
        "correction_reason_zh": "笔误。",
        "created_at": world.later(days=-9),
        "created_by_id": colleague.pk,
        "edited_at": world.later(days=-9),
        "edited_by_id": colleague.pk,
        "submitted_at": world.later(days=-9),
        "submitted_by_id": colleague.pk,
        "returned_at": world.later(days=-9),
        "returned_by_id": colleague.pk,
        "return_reason": "Say more.",
        "published_at": world.later(days=9),
        "published_by_id": colleague.pk,
        "sequence": 77,
        "digest": "1" * 64,
    }[column]


@pytest.mark.parametrize("column", raw.columns(Update))
def test_no_column_of_a_published_update_changes_by_sql(world, record, column):
    value = another_value(world, record, column)
    with refused(PUBLISHED):
        raw.update(record.latest, **{column: value})


def test_a_row_is_never_inserted_as_published(record):
    with refused("never inserted as published"):
        raw.insert_like(record.latest, id=999_999, uid=uuid.uuid4(), sequence=77)
    with refused("never inserted as published"):
        copied = Update.objects.get(pk=record.latest.pk)
        copied.pk, copied.uid, copied.sequence = None, uuid.uuid4(), 77
        copied.save(force_insert=True)


# --- Its evidence, and what it says of milestones ------------------------------------------

A_PART = pytest.mark.parametrize("part", [Evidence, MilestoneChange], ids=lambda m: m.__name__)
PUBLISHED_PART = "of a published update|a published update says"
CHANGED = {Evidence: {"title": "Otherwise"}, MilestoneChange: {"state": "dropped"}}


def part_of(update, part):
    return part.objects.get(update=update)


def _part_save(row, changed):
    for name, value in changed.items():
        setattr(row, name, value)
    row.save()


def _part_upsert(row, changed):
    other = type(row).objects.get(pk=row.pk)
    for name, value in changed.items():
        setattr(other, name, value)
    key = ["uid"] if isinstance(row, Evidence) else ["update", "milestone"]
    other.pk = None
    type(row).objects.bulk_create(
        [other], update_conflicts=True, unique_fields=key, update_fields=list(changed)
    )


def _part_bulk_update(row, changed):
    for name, value in changed.items():
        setattr(row, name, value)
    type(row).objects.bulk_update([row], list(changed))


ROADS_TO_CHANGE_A_PART = {
    "save": _part_save,
    "queryset.update": lambda row, changed: type(row).objects.filter(pk=row.pk).update(**changed),
    "bulk_update": _part_bulk_update,
    "upsert": _part_upsert,
    "delete": lambda row, _: row.delete(),
    "queryset.delete": lambda row, _: type(row).objects.filter(pk=row.pk).delete(),
    "queryset._raw_delete": lambda row, _: (
        type(row).objects.filter(pk=row.pk)._raw_delete("default")
    ),
    "raw SQL DELETE": lambda row, _: raw.delete(row),
    "raw SQL DELETE of all": lambda row, _: raw.sql(f"DELETE FROM {row._meta.db_table}"),
    "raw SQL UPDATE of all": lambda row, changed: raw.sql(
        f"UPDATE {row._meta.db_table} SET {next(iter(changed))} = %s", *changed.values()
    ),
}


@A_PART
@pytest.mark.parametrize("which", ["older", "latest"])
@pytest.mark.parametrize("road", ROADS_TO_CHANGE_A_PART)
def test_a_part_of_a_published_update_is_neither_changed_nor_deleted(record, part, which, road):
    row = part_of(getattr(record, which), part)
    with refused(PUBLISHED_PART):
        ROADS_TO_CHANGE_A_PART[road](row, CHANGED[part])


def another_part_value(record, part, column):
    values = {
        Evidence: {
            "id": 999_999,
            "uid": uuid.uuid4(),
            "update_id": record.draft.pk,
            "kind": "news",
            "title": "Otherwise",
            "language": "ja",
            "publisher": "Otherwise",
            "url": "https://example.org/otherwise",
            "file": "evidence/otherwise.pdf",
            "file_sha256": "0" * 64,
            "published_on": date(2023, 1, 1),
            "seen_on": date(2023, 1, 1),
            "quotation": "Otherwise.",
            "note_en": "Otherwise.",
            "note_zh": "另一种说法。",
        },
        MilestoneChange: {
            "id": 999_999,
            "update_id": record.draft.pk,
            "milestone_id": record.other_step.pk,
            "state": "dropped",
            "due_on": date(2030, 1, 1),
            "due_precision": "day",
            "done_on": date(2023, 1, 1),
        },
    }
    return values[part][column]


@pytest.mark.parametrize(
    ("part", "column"),
    [(part, column) for part in (Evidence, MilestoneChange) for column in raw.columns(part)],
    ids=str,
)
def test_no_column_of_a_part_of_a_published_update_changes_by_sql(record, part, column):
    row = part_of(record.latest, part)
    with refused(PUBLISHED_PART):
        raw.update(row, **{column: another_part_value(record, part, column)})


@A_PART
def test_nothing_is_added_to_a_published_update(record, part):
    own = part_of(record.draft, part)
    new = {"id": 999_999, "update_id": record.latest.pk}
    if part is Evidence:
        new["uid"] = uuid.uuid4()
    else:
        new["milestone_id"] = record.other_step.pk
    with refused(PUBLISHED_PART):
        raw.insert_like(own, **new)
    for name, value in new.items():
        setattr(own, name, value)
    with refused(PUBLISHED_PART):
        own.save(force_insert=True)
    with refused(PUBLISHED_PART):
        part.objects.bulk_create([own])


@A_PART
def test_nothing_moves_from_or_to_a_published_update(record, part):
    own, others = part_of(record.draft, part), part_of(record.latest, part)
    with refused(PUBLISHED_PART):
        raw.update(own, update_id=record.latest.pk)
    with refused(PUBLISHED_PART):
        raw.update(others, update_id=record.draft.pk)
    with refused(PUBLISHED_PART):
        part.objects.filter(pk=own.pk).update(update=record.older)
    own.update = record.latest
    with refused(PUBLISHED_PART):
        own.save()


def test_evidence_is_not_added_through_the_relation(record):
    own = record.draft.evidence.get()
    with refused(PUBLISHED_PART):
        record.latest.evidence.add(own)
    with refused(PUBLISHED_PART):
        record.latest.evidence.create(kind="law", title="New", url="https://example.org/new")


# --- What is not published is still its author's --------------------------------------------


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_what_is_not_published_is_edited_and_deleted(world, record, state):
    draft = record.draft
    if state != "draft":
        updates.submit(draft, by=world.author, at=world.at)
    if state == "returned":
        updates.return_(draft, by=world.reviewer, at=world.at, reason="Say more.")
    Evidence.objects.filter(update=draft).update(title="Another")
    MilestoneChange.objects.filter(update=draft).update(state="dropped")
    Update.objects.filter(pk=draft.pk).update(narrative_en="Another.")
    draft.refresh_from_db()
    assert (draft.state, draft.narrative_en) == (state, "Another.")
    assert draft.evidence.get().title == "Another"
    assert draft.milestone_changes.get().state == "dropped"
    draft.evidence.get().delete()
    draft.delete()
    assert not Update.objects.filter(pk=draft.pk).exists()
    assert not MilestoneChange.objects.filter(update_id=draft.pk).exists()
