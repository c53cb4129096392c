"""What an entry's digest is taken of: all that readers see of it, and nobody's name."""

from datetime import date, timedelta

import pytest
from django.db import connection

from bench.tampering.ways import UNSEEN
from tests.models import raw
from tracker.actions import updates
from tracker.models import Evidence, Head, MilestoneChange, Update, guards
from tracker.queries import chain
from tracker.rules.chain import first_fault


@pytest.fixture
def entry(world):
    """An entry with everything that an entry can have, between two others."""
    pledge = world.pledge(original_due_on=date(2025, 12, 31), original_due_precision="year")
    world.published(pledge)
    draft = updates.correct(Update.objects.get(), by=world.author, at=world.at)
    draft.correction_reason_en = "A slip."
    draft.reported_progress, draft.due_on, draft.due_precision = 40, date(2026, 1, 1), "day"
    draft.save()
    done = {"state": "done", "done_on": date(2022, 12, 1)}
    due = {"due_on": date(2022, 12, 31), "due_precision": "day"}
    world.change(draft, world.milestone(pledge), **done, **due)
    updates.submit(draft, by=world.author, at=world.at)
    entry = updates.publish(draft, by=world.reviewer, at=world.later(minutes=1, microseconds=7))
    world.published(world.pledge("P1.02"))
    return entry


def fault():
    return first_fault(chain.links(), chain.head())


def test_the_chain_of_what_was_published_holds(entry):
    assert fault() is None
    assert chain.head().number == 3
    assert chain.head_known_on(None) == chain.head()


def test_it_holds_for_the_record_of_lingang_and_is_the_same_everywhere(lingang):
    assert fault() is None
    # The fixture carries its own identifiers and moments: whoever loads it gets this end.
    assert chain.head().digest == (
        "e6b593d05ab981fa414f32211467aa4c509a998d7f018a238769a646ef6eb6e9"
    )


def test_the_head_as_it_was_known_on_a_day(world):
    assert chain.head_known_on(None) == chain.head()
    first = world.published(world.pledge())
    world.published(world.pledge("P1.02"), at=world.later(days=2))
    day = first.published_on
    assert chain.head_known_on(day).digest == first.digest
    assert chain.head_known_on(day - timedelta(days=1)).number == 0
    assert chain.head_known_on(day + timedelta(days=2)).number == 2


def test_nobody_is_named_in_it(entry):
    said = str(chain.content_of(entry))
    assert "author" not in said
    assert "reviewer" not in said


def test_its_moments_are_exact(entry):
    assert chain.content_of(entry)["published_at"] == "2026-11-23T04:01:00.000007+00:00"


# --- Tampering, as whoever owns the database could -----------------------------------------------

SEEN = [
    (model, column)
    for model, unseen in UNSEEN.items()
    for column in raw.columns(model)
    if column not in unseen
]


def another(value, column):
    """A value that `column` could hold instead of `value`."""
    if column == "uid":
        return "0" * 32 if connection.vendor == "sqlite" else "0" * 8 + "-0000" * 3 + "-" + "0" * 12
    if column.endswith("_at"):
        return "2026-11-23 04:01:00.000008+00:00"
    if column.endswith("_on"):
        return "2022-11-30"
    if isinstance(value, int) or column == "reported_progress":
        return 41
    others = {
        "status": "stalled",
        "due_precision": "month",
        "state": "dropped",
        "kind": "law",
        "file_sha256": "0" * 64,
    }
    return others.get(column, "other")


@pytest.mark.parametrize(
    ("model", "column"), SEEN, ids=lambda part: getattr(part, "__name__", part)
)
def test_a_change_of_anything_that_readers_see_is_found(world, entry, model, column):
    row = {
        Update: entry,
        Evidence: entry.evidence.get(),
        MilestoneChange: entry.milestone_changes.get(),
    }[model]
    connection.check_constraints()
    guards.remove(connection)
    # Where a constraint ties two columns together, whoever tampers changes both.
    also = {"state": ", done_on = NULL", "file_sha256": ", file = 'evidence/x.txt'"}
    more = also.get(column, "")
    raw.sql(
        f"UPDATE {model._meta.db_table} SET {column} = %s{more} WHERE id = %s",
        another(getattr(row, column), column),
        row.pk,
    )
    assert fault().number == 2


@pytest.mark.parametrize("table", ["evidence", "milestonechange"])
def test_a_part_that_was_taken_out_is_found(entry, table):
    guards.remove(connection)
    raw.sql(f"DELETE FROM tracker_{table} WHERE update_id = %s", entry.pk)
    assert fault().number == 2


@pytest.mark.parametrize("column", ["wording", "announced_on", "original_due_on", "code"])
def test_a_change_of_the_pledge_s_frozen_words_is_found(entry, column):
    guards.remove(connection)
    raw.sql(
        f"UPDATE tracker_pledge SET {column} = %s WHERE id = %s",
        another("", column),
        entry.pledge_id,
    )
    assert fault().number == 1


def test_an_entry_cut_off_the_end_is_found(entry):
    guards.remove(connection)
    last = Update.objects.get(sequence=3)
    raw.sql("DELETE FROM tracker_standing")
    for part in ("evidence", "update_writers"):
        raw.sql(f"DELETE FROM tracker_{part} WHERE update_id = %s", last.pk)
    raw.sql("DELETE FROM tracker_update WHERE id = %s", last.pk)
    assert fault().number == 3


def test_an_end_that_was_changed_is_found(entry):
    Head.objects.update(digest="1" * 64)
    assert fault().number == 3
