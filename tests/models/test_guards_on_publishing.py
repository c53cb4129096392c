"""Publishing by SQL, past every action: the database asks for what the rules ask for."""

from datetime import UTC, date, datetime

import pytest

from tests.models import raw
from tests.models.raw import refused
from tracker.actions import updates
from tracker.actions.pledges import publish_pledge
from tracker.models import MilestoneChange, Pledge, Update
from tracker.vocabulary import Status, UpdateState


def publish(world, update, **otherwise):
    """What `updates.publish` writes, in SQL; `otherwise` says what differs."""
    values = {
        "state": "published",
        "published_at": world.at,
        "published_by_id": world.reviewer.pk,
        "sequence": 77,
        "digest": "1" * 64,
    }
    raw.update(update, **(values | otherwise))


def test_a_legitimate_publication_by_sql_is_an_entry_and_refreshes_the_standing(world):
    pledge = world.pledge()
    update = world.draft(
        pledge,
        Status.STALLED,
        reported_progress=30,
        due_on=date(2027, 12, 31),
        due_precision="year",
    )
    step = world.milestone(pledge)
    world.change(update, step, state="done", done_on=date(2022, 12, 1))
    updates.submit(update, by=world.author, at=world.at)
    publish(world, update)
    standing = pledge.standing
    standing.refresh_from_db()
    assert (standing.status, standing.entry_id) == (Status.STALLED, update.pk)
    assert (standing.last_entry_on, standing.reported_progress) == (date(2023, 1, 1), 30)
    assert (standing.due_on, standing.due_precision) == (date(2027, 12, 31), "year")
    assert (standing.milestones_total, standing.milestones_done) == (1, 1)


@pytest.mark.parametrize("status", [s for s in Status if s != Status.NOT_RATED])
def test_no_status_is_published_without_evidence(world, status):
    update = world.submitted(world.pledge(), status)
    update.evidence.all().delete()
    with refused("needs evidence"):
        publish(world, update)


def test_not_rated_is_published_without_evidence(world):
    update = world.submitted(world.pledge(), Status.NOT_RATED, evidence=0)
    publish(world, update)
    update.refresh_from_db()
    assert update.is_published


def test_evidence_of_another_update_is_no_evidence(world):
    pledge = world.pledge()
    world.draft(pledge, evidence=2)
    update = world.submitted(pledge)
    update.evidence.all().delete()
    with refused("needs evidence"):
        publish(world, update)


def test_the_status_is_not_changed_while_publishing_without_evidence(world):
    update = world.submitted(world.pledge(), Status.NOT_RATED, evidence=0)
    with refused("needs evidence"):
        publish(world, update, status="kept")


@pytest.mark.parametrize("state", [UpdateState.DRAFT, UpdateState.RETURNED])
def test_only_what_was_submitted_is_published(world, state):
    update = world.submitted(world.pledge())
    Update.objects.filter(pk=update.pk).update(
        state=state, returned_at=world.at, returned_by=world.reviewer, return_reason="Say more."
    )
    with refused("only a submitted update"):
        publish(world, update)


def test_an_update_of_a_pledge_that_is_not_public_is_not_published(world):
    update = world.submitted(world.pledge(public=False))
    with refused("the pledge is not public"):
        publish(world, update)


def test_an_update_is_not_moved_to_a_pledge_that_is_not_public_while_publishing(world):
    update = world.submitted(world.pledge())
    hidden = world.pledge("P1.02", public=False)
    with refused("the pledge is not public"):
        publish(world, update, pledge_id=hidden.pk)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2022, 12, 31, 15, 59, 59, tzinfo=UTC),
        datetime(2022, 8, 21, tzinfo=UTC),
    ],
)
def test_an_update_does_not_take_effect_after_its_publication(world, at):
    update = world.submitted(world.pledge(), effective_on=date(2023, 1, 1))
    with refused("update_not_before_its_time"):
        publish(world, update, published_at=at)


def test_an_update_takes_effect_on_the_day_of_its_publication_in_shanghai(world):
    update = world.submitted(world.pledge(), effective_on=date(2023, 1, 1))
    publish(world, update, published_at=datetime(2022, 12, 31, 16, 0, tzinfo=UTC))
    update.refresh_from_db()
    assert update.published_on == date(2023, 1, 1)


def test_an_update_does_not_take_effect_before_the_announcement(world):
    pledge = world.pledge(public=False)
    update = world.submitted(pledge)
    Pledge.objects.update(announced_on=date(2023, 1, 2))
    publish_pledge(pledge, by=world.reviewer, at=world.at)
    with refused("before its pledge was announced"):
        publish(world, update)


@pytest.mark.parametrize("status", sorted(Status.final()))
@pytest.mark.parametrize("author", ["created_by", "edited_by", "submitted_by"])
def test_a_final_status_is_not_published_by_an_author(world, status, author):
    update = world.submitted(world.pledge(), status)
    colleague = world.person("colleague")
    Update.objects.filter(pk=update.pk).update(**{author: colleague})
    with refused("update_four_eyes"):
        publish(world, update, published_by_id=colleague.pk)


@pytest.mark.parametrize("status", [Status.NOT_RATED, Status.IN_PROGRESS, Status.NOT_VERIFIABLE])
def test_a_status_that_ends_nothing_may_be_published_by_its_author(world, status):
    update = world.submitted(world.pledge(), status)
    publish(world, update, published_by_id=world.author.pk)
    update.refresh_from_db()
    assert update.is_published


def correcting(world, target, pledge=None):
    return world.submitted(pledge or target.pledge, corrects=target, correction_reason_en="A slip.")


def test_what_is_not_published_is_not_corrected(world):
    pledge = world.pledge()
    for target in (world.draft(pledge), world.submitted(pledge)):
        correction = world.draft(pledge, corrects=target, correction_reason_en="A slip.")
        Update.objects.filter(pk=correction.pk).update(
            state="submitted", submitted_at=world.at, submitted_by=world.author
        )
        with refused("a correction answers a published update of the same pledge"):
            publish(world, correction)


def test_an_entry_of_another_pledge_is_not_corrected(world):
    target = world.published(world.pledge("P1.02"))
    correction = world.draft(world.pledge(), corrects=target, correction_reason_en="A slip.")
    Update.objects.filter(pk=correction.pk).update(
        state="submitted", submitted_at=world.at, submitted_by=world.author
    )
    with refused("a correction answers a published update of the same pledge"):
        publish(world, correction)


def test_an_entry_is_corrected_once(world):
    target = world.published(world.pledge())
    first, second = correcting(world, target), correcting(world, target)
    publish(world, first)
    with refused("update_corrected_once|a published update never changes"):
        publish(world, second, sequence=78)


def test_a_correction_is_not_published_without_its_reason(world):
    correction = correcting(world, world.published(world.pledge()))
    with refused("update_correction_has_reason"):
        publish(world, correction, correction_reason_en="")


def test_milestones_of_another_pledge_are_not_changed(world):
    update = world.submitted(world.pledge())
    elsewhere = world.milestone(world.pledge("P1.02"))
    MilestoneChange.objects.create(update=update, milestone=elsewhere)
    with refused("milestones of its own pledge"):
        publish(world, update)


def test_a_milestone_is_not_done_after_the_day_of_effect(world):
    update = world.submitted(world.pledge(), effective_on=date(2023, 1, 1))
    MilestoneChange.objects.create(
        update=update,
        milestone=world.milestone(update.pledge),
        state="done",
        done_on=date(2023, 1, 2),
    )
    with refused("done by its day"):
        publish(world, update)


@pytest.mark.parametrize(
    ("otherwise", "constraint"),
    [
        ({"sequence": None}, "update_published_has_its_place"),
        ({"digest": ""}, "update_published_is_chained"),
        ({"published_at": None, "published_by_id": None}, "update_published_has_its_place"),
        ({"published_at": None}, "update_published_has_its_place|update_published_paired"),
        ({"published_by_id": None}, "update_published_paired"),
        ({"submitted_at": None, "submitted_by_id": None}, "update_published_has_its_place"),
        ({"narrative_en": "", "narrative_zh": ""}, "update_submitted_has_narrative"),
        ({"status": "wonderful"}, "update_status_known"),
        ({"reported_progress": 101}, "update_progress_is_a_percentage"),
    ],
)
def test_a_published_update_is_whole(world, otherwise, constraint):
    update = world.submitted(world.pledge())
    with refused(constraint):
        publish(world, update, **otherwise)


def test_two_entries_do_not_share_a_number(world):
    pledge = world.pledge()
    first, second = world.submitted(pledge), world.submitted(pledge)
    publish(world, first)
    with refused("sequence|a published update never changes"):
        publish(world, second)
