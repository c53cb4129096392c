from datetime import date

import pytest
from django.core.exceptions import ValidationError

from tracker.actions import updates
from tracker.models import Milestone, MilestoneChange


def entry(world, pledge, effective_on, **changed):
    """A published update that says `changed` of the pledge's one milestone."""
    update = world.draft(pledge, effective_on=effective_on)
    world.change(update, pledge.milestones.get(), **changed)
    submitted = updates.submit(update, by=world.author, at=world.at)
    return updates.publish(submitted, by=world.reviewer, at=world.at)


def as_of(on):
    return list(
        Milestone.objects.as_of(on).values_list("state", "due_on", "due_precision", "done_on")
    )


def test_a_milestone_is_as_the_latest_entry_in_effect_says(world):
    pledge = world.pledge()
    world.milestone(pledge)
    entry(world, pledge, date(2023, 2, 1), due_on=date(2024, 1, 1), due_precision="year")
    entry(world, pledge, date(2023, 6, 1), state="done", done_on=date(2023, 5, 30))
    world.published(pledge, effective_on=date(2023, 9, 1))  # says nothing of it
    dropped = entry(world, pledge, date(2023, 12, 1), state="dropped")
    assert as_of(date(2023, 1, 31)) == []
    assert as_of(date(2023, 2, 1)) == [("open", date(2024, 12, 31), "year", None)]
    assert as_of(date(2023, 11, 30)) == [("done", None, "none", date(2023, 5, 30))]
    assert as_of(date(2023, 12, 1)) == [("dropped", None, "none", None)]
    # A correction that says nothing of it brings back what held before.
    correction = updates.correct(dropped, by=world.author, at=world.at)
    correction.milestone_changes.all().delete()
    correction.correction_reason_en = "It was not dropped."
    correction.save()
    submitted = updates.submit(correction, by=world.author, at=world.at)
    updates.publish(submitted, by=world.reviewer, at=world.at)
    assert as_of(date(2023, 12, 1)) == [("done", None, "none", date(2023, 5, 30))]


def test_due_months_are_kept_as_their_last_day(world):
    pledge = world.pledge()
    milestone = Milestone(
        pledge=pledge,
        title_en="Step",
        original_due_on=date(2024, 2, 1),
        original_due_precision="month",
    )
    milestone.full_clean()
    assert milestone.original_due_on == date(2024, 2, 29)
    milestone.save()
    change = world.change(
        world.draft(pledge), milestone, due_on=date(2024, 4, 2), due_precision="month"
    )
    assert change.due_on == date(2024, 4, 30)


def test_a_form_refuses_a_milestone_of_another_pledge(world):
    elsewhere = world.milestone(world.pledge("P1.02"))
    change = MilestoneChange(update=world.draft(world.pledge()), milestone=elsewhere)
    with pytest.raises(ValidationError) as invalid:
        change.full_clean()
    assert "belongs to another pledge" in invalid.value.message_dict["milestone"][0]


@pytest.mark.parametrize("missing", ["update", "milestone"])
def test_a_form_that_lacks_a_part_says_just_that(world, missing):
    update = world.draft(world.pledge())
    given = {"update": update, "milestone": world.milestone(update.pledge)}
    del given[missing]
    with pytest.raises(ValidationError) as invalid:
        MilestoneChange(**given).full_clean()
    assert set(invalid.value.message_dict) == {missing}


def test_names(world):
    update = world.draft(world.pledge())
    step = world.milestone(update.pledge, "First step")
    assert str(step) == "First step"
    assert str(MilestoneChange(update=update, milestone=step, state="dropped")) == (
        "First step: Dropped"
    )
