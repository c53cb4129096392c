"""Standings, pledges, milestones and sources: what the database keeps about them."""

import uuid
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection

from tests.conftest import NOW
from tests.factories import World
from tests.models import raw
from tests.models.raw import refused
from tracker.actions import updates
from tracker.actions.pledges import publish_pledge
from tracker.models import Milestone, MilestoneChange, Pledge, Source, Standing, guards
from tracker.vocabulary import Status

# --- The stored standing ----------------------------------------------------------------------

ANOTHER_STANDING = {
    "pledge_id": None,  # that of another pledge
    "status": "kept",
    "entry_id": None,
    "last_entry_on": date(2030, 1, 1),
    "reported_progress": 99,
    "due_on": date(2030, 1, 1),
    "due_precision": "year",
    "milestones_total": 7,
    "milestones_done": 7,
}


@pytest.mark.parametrize("column", raw.columns(Standing))
def test_a_standing_says_what_the_record_says_and_nothing_else(world, column):
    entry = world.published(world.pledge())
    other = world.pledge("P1.02")
    value = other.pk if column == "pledge_id" else ANOTHER_STANDING[column]
    with refused("a standing"):
        raw.update(entry.pledge.standing, **{column: value})


def test_a_standing_is_not_changed_by_the_orm(world):
    standing = world.published(world.pledge()).pledge.standing
    with refused("a standing is what the record says"):
        Standing.objects.filter(pk=standing.pk).update(status=Status.KEPT)
    standing.status = Status.KEPT
    with refused("a standing is what the record says"):
        standing.save()


@pytest.mark.parametrize("with_entry", [True, False])
def test_the_standing_of_a_public_pledge_is_not_deleted(world, with_entry):
    pledge = world.pledge()
    if with_entry:
        world.published(pledge)
    with refused("the standing of a public pledge"):
        raw.delete(pledge.standing)
    with refused("the standing of a public pledge"):
        Standing.objects.all().delete()


def test_a_standing_is_not_made_up(world):
    pledge = world.pledge(public=False)
    standing = pledge.standing
    raw.delete(standing)
    with refused("a standing is what the record says"):
        Standing(
            pledge=pledge,
            status="kept",
            last_entry_on=pledge.announced_on,
            due_precision="none",
            milestones_total=0,
            milestones_done=0,
        ).save(force_insert=True)


def test_a_pledge_that_lost_its_standing_has_one_when_it_becomes_public(world):
    pledge = world.pledge(public=False)
    raw.delete(pledge.standing)
    publish_pledge(pledge, by=world.reviewer, at=world.at)
    assert Standing.objects.get(pledge=pledge).status == Status.NOT_RATED


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"announced_on": date(2022, 9, 1)}, {"last_entry_on": date(2022, 9, 1)}),
        (
            {"original_due_on": date(2030, 12, 31), "original_due_precision": "year"},
            {"due_on": date(2030, 12, 31), "due_precision": "year"},
        ),
    ],
)
@pytest.mark.parametrize("by", ["ORM", "SQL"])
def test_a_pledges_own_dates_refresh_its_standing(world, changed, expected, by):
    pledge, other = (world.pledge(code, public=False) for code in ("P1.01", "P1.02"))
    before = raw.sql("SELECT * FROM tracker_standing WHERE pledge_id = %s", other.pk)
    if by == "ORM":
        Pledge.objects.filter(pk=pledge.pk).update(**changed)
    else:
        raw.update(pledge, **changed)
    standing = Standing.objects.get(pledge=pledge)
    assert {name: getattr(standing, name) for name in expected} == expected
    assert raw.sql("SELECT * FROM tracker_standing WHERE pledge_id = %s", other.pk) == before


# --- A public pledge ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", 999_999),
        ("announced_on", date(2021, 1, 1)),
        ("original_due_on", date(2021, 1, 1)),
        ("original_due_precision", "day"),
        ("code", "P9.99"),
        ("wording", "we will not"),
        ("wording_language", "fr"),
        ("published_at", None),
        ("published_at", "later"),
    ],
)
def test_a_public_pledge_keeps_its_code_its_wording_and_its_publication(world, column, value):
    pledge = world.pledge()
    value = world.later(days=1) if value == "later" else value
    with refused("a public pledge keeps"):
        raw.update(pledge, **{column: value})
    if column != "id":
        with refused("a public pledge keeps"):
            Pledge.objects.filter(pk=pledge.pk).update(**{column: value})
        setattr(pledge, column, value)
        with refused("a public pledge keeps"):
            pledge.save()


def test_the_rest_of_a_public_pledge_may_be_mended(world):
    pledge = world.pledge()
    pledge.title_en, pledge.summary_en = "A better title", "A better summary."
    pledge.save()
    pledge.refresh_from_db()
    assert (pledge.title_en, pledge.summary_en) == ("A better title", "A better summary.")


@pytest.mark.parametrize(
    "road",
    [
        lambda pledge: pledge.delete(),
        lambda pledge: Pledge.objects.filter(pk=pledge.pk).delete(),
        lambda pledge: Pledge.objects.filter(pk=pledge.pk)._raw_delete("default"),
        raw.delete,
    ],
)
def test_a_public_pledge_is_not_deleted(world, road):
    pledge = world.pledge()
    with refused("a public pledge is never deleted|standing of a public pledge"):
        road(pledge)


def test_a_pledge_that_is_not_public_is_renamed_and_deleted(world):
    pledge = world.pledge(public=False)
    pledge.code, pledge.wording = "P1.99", "we may"
    pledge.save()
    assert Pledge.objects.get().code == "P1.99"
    pledge.delete()
    assert not Pledge.objects.exists()
    assert not Standing.objects.exists()


# --- Milestones -----------------------------------------------------------------------------------


def test_a_milestone_of_the_record_stays_with_its_pledge(world):
    pledge, other = world.pledge(), world.pledge("P1.02")
    step = world.milestone(pledge)
    draft = world.draft(pledge)
    world.change(draft, step)
    # Until it is in the record it may be moved.
    step.pledge = other
    step.save()
    step.pledge = pledge
    step.save()
    submitted = updates.submit(draft, by=world.author, at=world.at)
    updates.publish(submitted, by=world.reviewer, at=world.at)
    with refused("a milestone of the record stays"):
        raw.update(step, pledge_id=other.pk)
    with refused("a milestone of the record stays"):
        raw.update(step, id=999_999)
    with refused("keeps its identifier"):
        raw.update(step, uid=uuid.uuid4())
    step.pledge = other
    with refused("a milestone of the record stays"):
        step.save()
    with refused("a milestone of the record stays"):
        Milestone.objects.update(pledge=other)


def test_a_milestone_of_the_record_is_not_deleted(world):
    draft = world.draft(world.pledge())
    step = world.milestone(draft.pledge)
    world.change(draft, step)
    submitted = updates.submit(draft, by=world.author, at=world.at)
    updates.publish(submitted, by=world.reviewer, at=world.at)
    with refused("protected foreign keys"):
        step.delete()
    # The foreign key is checked at the end of a transaction.
    with refused("(?i)foreign key"):
        raw.delete(step)
        connection.check_constraints()
    assert MilestoneChange.objects.get().milestone == step


# --- Sources --------------------------------------------------------------------------------------


@pytest.fixture
def source(world):
    source = Source(
        slug="source",
        programme=world.programme,
        title_en="Source",
        publisher_en="Publisher",
        published_on=date(2022, 8, 20),
        language="en",
        text="We will build. We hope.",
    )
    source.full_clean()
    source.save()
    return source


@pytest.mark.parametrize(
    ("column", "value"), [("text", "We hope."), ("sha256", "0" * 64), ("id", 999_999)]
)
def test_the_text_of_a_source_with_passages_stays_as_it_is(source, column, value):
    source.passages.create(start=0, end=14, reason="aim")
    with refused("the text of a source with passages never changes"):
        raw.update(source, **{column: value})
    if column != "id":
        with refused("the text of a source with passages never changes"):
            Source.objects.update(**{column: value})
        setattr(source, column, value)
        with refused("the text of a source with passages never changes"):
            source.save()


def test_the_rest_of_a_source_and_a_text_without_passages_may_be_mended(source):
    source.text, source.sha256 = "We will build.", ""
    source.full_clean()
    source.save()
    source.passages.create(start=0, end=14, reason="aim")
    source.title_en = "A better title"
    source.save()
    source.refresh_from_db()
    assert (source.title_en, source.text) == ("A better title", "We will build.")


# --- The guards come and go with their migration ---------------------------------------------


def unversioned():
    """Every row without its version: how often one was saved is not known to the first release."""
    kept = {}
    for model in raw.GUARDED:
        names = ", ".join(f'"{name}"' for name in raw.columns(model) if name != "version")
        key = model._meta.pk.column
        kept[model] = raw.sql(f"SELECT {names} FROM {model._meta.db_table} ORDER BY {key}")
    return kept


@pytest.mark.django_db(transaction=True)
def test_the_migrations_run_backwards_and_forwards_again_and_the_record_stays():
    world = World(at=NOW)
    entry = world.published(world.pledge())
    before = unversioned()
    try:
        call_command("migrate", "tracker", "0001", verbosity=0)
        assert {"tracker_standing_now", "tracker_pledge_has_standing"} <= set(
            guards.missing(connection)
        )
    finally:
        call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []
    assert unversioned() == before
    with refused("a published update"):
        raw.delete(entry)
