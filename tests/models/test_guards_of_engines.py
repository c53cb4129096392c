"""What only one of the two database engines has to offer against the record."""

import uuid

import pytest
from django.db import NotSupportedError, connection, transaction

from tests.models import raw
from tests.models.raw import refused
from tests.models.test_guards import PUBLISHED, PUBLISHED_PART, part_of, record
from tracker.actions import updates
from tracker.models import Evidence, Milestone, MilestoneChange, Pledge, Source, Standing

__all__ = ["record"]

REPLACING = pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])


# --- SQLite: REPLACE deletes the row in its way without asking a trigger on DELETE -----------


@pytest.mark.sqlite_only
@REPLACING
@pytest.mark.parametrize("which", ["older", "latest"])
@pytest.mark.parametrize("key", ["id", "uid", "sequence"])
def test_a_published_update_is_not_replaced(record, verb, which, key):
    entry = getattr(record, which)
    new = {"id": 999_999, "uid": uuid.uuid4()} | {key: getattr(entry, key)}
    with refused(PUBLISHED):
        raw.insert_like(record.draft, verb, **new)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("key", ["id", "uid", "sequence"])
def test_a_published_update_is_not_overwritten(record, key):
    with refused(PUBLISHED):
        raw.update(record.draft, "UPDATE OR REPLACE", **{key: getattr(record.older, key)})


@pytest.mark.sqlite_only
def test_a_published_correction_is_not_overwritten_by_another(world, record):
    second = updates.correct(record.older, by=world.author, at=world.at)
    second.correction_reason_en = "A slip."
    second.save()
    updates.submit(second, by=world.author, at=world.at)
    colleague = world.person("colleague", "editor")
    first = updates.correct(record.older, by=colleague, at=world.at)
    first.correction_reason_en = "A slip."
    first.save()
    updates.submit(first, by=colleague, at=world.at)
    updates.publish(first, by=world.reviewer, at=world.at)
    with refused(PUBLISHED):
        raw.update(
            second,
            "UPDATE OR REPLACE",
            state="published",
            published_at=world.at,
            published_by_id=world.reviewer.pk,
            sequence=77,
            digest="1" * 64,
        )


@pytest.mark.sqlite_only
@REPLACING
@pytest.mark.parametrize(
    ("part", "keys"),
    [
        (Evidence, ["id"]),
        (Evidence, ["uid"]),
        (MilestoneChange, ["id"]),
        (MilestoneChange, ["update_id", "milestone_id"]),
    ],
    ids=str,
)
def test_a_part_of_a_published_update_is_not_replaced(record, verb, part, keys):
    own, published = part_of(record.draft, part), part_of(record.older, part)
    new = {"id": 999_999} | ({"uid": uuid.uuid4()} if part is Evidence else {})
    new |= {key: getattr(published, key) for key in keys}
    with refused(PUBLISHED_PART):
        raw.insert_like(own, verb, **new)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("part", "key"),
    [(Evidence, "id"), (Evidence, "uid"), (MilestoneChange, "id"), (MilestoneChange, "update_id")],
    ids=str,
)
def test_a_part_of_a_published_update_is_not_overwritten(record, part, key):
    own, published = part_of(record.draft, part), part_of(record.older, part)
    with refused(PUBLISHED_PART):
        raw.update(own, "UPDATE OR REPLACE", **{key: getattr(published, key)})


def a_source(world, slug):
    return Source.objects.create(
        slug=slug,
        programme=world.programme,
        title_en=slug,
        publisher_en="Publisher",
        published_on=world.programme.announced_on,
        language="en",
        text=f"The text of {slug}.",
        sha256="0" * 64,
    )


def two_rows(world, record, model):
    """A row of the record, and one that nothing depends on yet, to be put in its place."""
    if model is Pledge:
        free = world.pledge("P9.98", public=False)
        raw.delete(free.standing)
        return record.pledge, free
    if model is Milestone:
        return record.step, world.milestone(world.pledge("P9.98"))
    source = a_source(world, "one")
    source.passages.create(start=0, end=3, reason="heading")
    return source, a_source(world, "other")


ROWS = pytest.mark.parametrize(
    ("model", "key"),
    [
        (Pledge, "id"),
        (Pledge, "code"),
        (Milestone, "id"),
        (Milestone, "uid"),
        (Source, "id"),
        (Source, "slug"),
    ],
    ids=str,
)
UNIQUE = {Pledge: "code", Milestone: "uid", Source: "slug"}


@pytest.mark.sqlite_only
@REPLACING
@ROWS
def test_what_the_record_is_about_is_not_replaced(world, record, verb, model, key):
    kept, free = two_rows(world, record, model)
    new = {"id": 999_999, UNIQUE[model]: uuid.uuid4() if model is Milestone else "NEW"}
    with refused("never replaced"):
        raw.insert_like(free, verb, **(new | {key: getattr(kept, key)}))


@pytest.mark.sqlite_only
@ROWS
def test_what_the_record_is_about_is_not_overwritten(world, record, model, key):
    kept, free = two_rows(world, record, model)
    with refused("never replaced"):
        raw.update(free, "UPDATE OR REPLACE", **{key: getattr(kept, key)})


@pytest.mark.sqlite_only
@REPLACING
def test_a_standing_is_not_replaced_by_another(record, verb):
    with refused("a standing is what the record says"):
        raw.insert_like(Standing.objects.get(), verb, status="kept")


# --- PostgreSQL -------------------------------------------------------------------------------


@pytest.mark.postgresql_only
@pytest.mark.parametrize(
    "table",
    [
        "tracker_update CASCADE",
        "tracker_evidence",
        "tracker_milestonechange",
        "tracker_standing",
        "tracker_update_writers",
        "tracker_reply",
        "tracker_frozenfile",
        "tracker_standing, tracker_evidence, tracker_milestonechange, tracker_update, "
        "tracker_update_writers, tracker_note, tracker_reply",
    ],
)
def test_no_table_of_the_record_is_emptied(record, table):
    # Checks that wait for the end of the transaction would refuse first, and for another reason.
    connection.check_constraints()
    with refused("never emptied|never changes"):
        raw.sql(f"TRUNCATE {table}")


@pytest.mark.postgresql_only
def test_the_updates_alone_are_not_emptied(record):
    before = raw.rows()
    connection.check_constraints()
    with pytest.raises(NotSupportedError, match="foreign key"), transaction.atomic():
        raw.sql("TRUNCATE tracker_update")
    assert raw.rows() == before


@pytest.mark.postgresql_only
@pytest.mark.parametrize(
    "table", ["tracker_pledge", "tracker_milestone", "tracker_programme", "tracker_user"]
)
def test_emptying_what_the_record_is_about_does_not_empty_it(record, table):
    connection.check_constraints()
    with refused("never emptied"):
        raw.sql(f"TRUNCATE {table} CASCADE")


@pytest.mark.postgresql_only
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tracker_update SET status = 'kept' WHERE id = %(id)s RETURNING status",
        "WITH changed AS (UPDATE tracker_update SET status = 'kept' WHERE id = %(id)s "
        "RETURNING id) SELECT count(*) FROM changed",
        "WITH gone AS (DELETE FROM tracker_update WHERE id = %(id)s RETURNING id) "
        "SELECT count(*) FROM gone",
        "MERGE INTO tracker_update u USING (SELECT %(id)s AS id) s ON u.id = s.id "
        "WHEN MATCHED THEN UPDATE SET status = 'kept'",
        "MERGE INTO tracker_update u USING (SELECT %(id)s AS id) s ON u.id = s.id "
        "WHEN MATCHED THEN DELETE",
        "UPDATE tracker_update u SET status = 'kept' FROM tracker_pledge p "
        "WHERE p.id = u.pledge_id",
        "MERGE INTO tracker_evidence e USING (SELECT %(id)s AS id) s ON e.update_id = s.id "
        "WHEN MATCHED THEN UPDATE SET title = 'Otherwise'",
        "MERGE INTO tracker_milestonechange c USING (SELECT %(id)s AS id) s "
        "ON c.update_id = s.id WHEN MATCHED THEN DELETE",
    ],
)
def test_no_form_of_statement_changes_the_record(record, statement):
    with refused("a published update"), connection.cursor() as cursor:
        cursor.execute(statement, {"id": record.latest.pk})
