"""Rows of milestones: their titles and first dates. What the record says of them is no row's."""

from datetime import date

import pytest

from tests.actions.imports.bringing import applied, as_csv, lines, planned
from tracker.actions import updates
from tracker.models import Milestone
from tracker.vocabulary import MilestoneState, StaffRole

NEW = "pledge|title_en|original_due_on"


@pytest.fixture
def recorded(world):
    """A milestone that a published entry names as open, due at the end of 2025."""
    pledge = world.pledge()
    due = {"due_on": date(2025, 12, 31), "due_precision": "year"}
    milestone = world.milestone(
        pledge, original_due_on=due["due_on"], original_due_precision="year"
    )
    draft = world.draft(pledge)
    world.change(draft, milestone, state=MilestoneState.OPEN, **due)
    updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )
    return milestone


def test_new_ones_come_after_those_that_are_there(world):
    world.milestone(world.pledge(), order=3)
    plan = applied(as_csv(NEW, "P1.01|Second|2025-06", "P1.01|第三|"), world.author)
    assert lines(plan) == ["new", "new"]
    second, third = Milestone.objects.filter(order__gt=3)
    assert (second.order, second.title_en, second.original_due_on) == (
        4,
        "Second",
        date(2025, 6, 30),
    )
    assert (third.order, third.title_en, third.original_due_precision) == (5, "第三", "none")
    assert second.history.get().history_user == world.author


def test_one_is_found_by_its_identifier_else_by_pledge_and_title(world):
    milestone = world.milestone(world.pledge())
    header = "uid|pledge|title_en|title_zh|order"
    plan = applied(as_csv(header, f"{milestone.uid}|P1.01|First step|第一步|2"), world.author)
    assert lines(plan) == ["changed: title (Chinese) (empty) → 第一步; order 1 → 2"]
    plan = planned(as_csv("pledge|title_zh|order", "P1.01|第一步|2"), world.author)
    assert lines(plan) == ["unchanged"]
    assert Milestone.objects.count() == 1


def test_its_first_date_stays_once_the_record_names_it(world, recorded):
    row = f"{recorded.uid}|2026"
    (line,) = lines(planned(as_csv("uid|original_due_on", row), world.author))
    assert "the record names this milestone, which keeps “2025”, not “2026”" in line
    fresh = world.milestone(recorded.pledge, "Other")
    applied(as_csv("uid|original_due_on", f"{fresh.uid}|2026"), world.author)
    fresh.refresh_from_db()
    assert fresh.original_due_on == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("state", "done", "the record says “Open”, the file “Done”"),
        ("due_on", "2026-12-31", "the record says “2025”, the file “2026-12-31”"),
        ("done_on", "2025-01-01", "the record says “(empty)”, the file “2025-01-01”"),
    ],
)
def test_what_updates_say_is_not_changed_by_a_file(world, recorded, column, value, says):
    header = f"uid|title_en|{column}"
    (line,) = lines(planned(as_csv(header, f"{recorded.uid}|First step|{value}"), world.author))
    assert line.startswith(f"wrong: row 2, {column}: {says}; write an update that changes it")


def test_what_stands_as_the_record_says_it_is_unchanged(world, recorded):
    row = f"{recorded.uid}|P1.01|1|First step||open|Open|2025-12-31|year|2025-12-31|year|"
    header = (
        "uid|pledge|order|title_en|title_zh|state|state_en|original_due_on"
        "|original_due_precision|due_on|due_precision|done_on"
    )
    assert lines(planned(as_csv(header, row), world.author)) == ["unchanged"]


def test_a_new_one_that_is_done_needs_an_update(world):
    world.pledge()
    (line,) = lines(
        planned(
            as_csv("pledge|title|status", "P1.01|New|completed"), world.author, kind="milestones"
        )
    )
    assert "write an update that changes it" in line


def test_the_same_one_twice_and_one_of_others_are_wrong(world):
    world.responsibility(world.pledge(), world.body("theirs"))
    twice = as_csv(NEW, "P1.01|Step|", "P1.01|step|")
    assert lines(planned(twice, world.author))[1].startswith(
        "wrong: row 3: it is the same milestone as row 2"
    )
    editor = world.person("editor", StaffRole.EDITOR, bodies=[world.body("mine")])
    (line,) = lines(planned(as_csv(NEW, "P1.01|Step|"), editor))
    assert "P1.01 is not in the care of your bodies" in line
