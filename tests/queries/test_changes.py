"""What changed between two days, as published and as known later."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories import World
from tests.models.test_standing import DUE, LAST_DAY, SHANGHAI, History, day, steps, undone
from tracker.actions import pledges as pledge_actions
from tracker.actions import updates
from tracker.models import Pledge, Update
from tracker.queries.changes import changes, status_changes
from tracker.rules.asof import AsOf
from tracker.rules.dates import is_late
from tracker.vocabulary import Status

PERIOD = (date(2024, 1, 1), date(2024, 3, 31))


def at(year, month, number, hour=12):
    return datetime(year, month, number, hour, tzinfo=SHANGHAI)


@pytest.fixture
def early(db):
    """A world whose pledges are public since the end of 2023."""
    return World(at=at(2023, 12, 1))


def seen(end, known_on=None):
    return Pledge.objects.seen(AsOf(date(2027, 1, 1), end, known_on or end))


def between(start, end, known_on=None):
    return changes(start, end, seen(end, known_on), known_on)


def entry(world, pledge, status, on, **values):
    """An entry that is published at noon of the day from which it holds."""
    draft = world.draft(pledge, status, **({"effective_on": on} | values))
    return published(world, draft, at(on.year, on.month, on.day))


def codes(pledges):
    return [pledge.code for pledge in pledges]


# --- Rows and days agree ------------------------------------------------------------------------


@pytest.mark.django_db
@settings(
    deadline=None,
    max_examples=8,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    taken=st.lists(steps, min_size=2, max_size=6),
    original_due=st.sampled_from(DUE[1:]),
    days=st.lists(st.integers(-1, LAST_DAY), min_size=2, max_size=2).map(sorted),
    known=st.integers(0, LAST_DAY),
)
def test_the_changes_lead_from_the_one_day_to_the_other(db, taken, original_due, days, known):
    with undone():
        world = World(at=datetime(2023, 12, 1, tzinfo=SHANGHAI))
        history = History(world, original_due)
        for step in taken:
            history.take(step)
        start, end = map(day, days)
        for known_on in (None, day(known)):
            agree(history, start, end, known_on)


def agree(history, start, end, known_on):
    then = [history.read(number, start, known_on or start) for number in (0, 1)]
    now = [history.read(number, end, known_on or end) for number in (0, 1)]
    found = changes(start, end, seen(end, known_on), known_on)
    walked = {
        pledge.code: reading.status for pledge, reading in zip(history.pledges, then, strict=True)
    }
    for change in status_changes(start, end, seen(end, known_on), known_on):
        assert walked[change.pledge.code] == change.before != change.after
        walked[change.pledge.code] = change.after
    assert walked == {
        pledge.code: reading.status for pledge, reading in zip(history.pledges, now, strict=True)
    }
    # As each day was announced: the oracle's pledges are announced on the first day.
    old = [p.code for p in history.pledges if p.announced_on <= start]
    pairs = list(zip(history.pledges, then, now, strict=True))
    assert codes(found.new) == [p.code for p in history.pledges if start < p.announced_on <= end]
    assert {m.pledge.code: (m.before, m.after) for m in found.moved} == {
        p.code: (a.status, b.status) for p, a, b in pairs if p.code in old and a.status != b.status
    }
    assert {
        (m.pledge.code, m.before_on, m.after_on)
        for m in (*found.slipped, *found.brought_forward)
        if m.milestone is None
    } == {
        (p.code, a.due_on, b.due_on) for p, a, b in pairs if p.code in old and a.due_on != b.due_on
    }
    late = {p.code for p, a, _b in pairs if p.code in old and is_late(a.due_on, a.status, start)}
    lately = {p.code for p, _a, b in pairs if p.announced_on <= end} & {
        p.code for p, _a, b in pairs if is_late(b.due_on, b.status, end)
    }
    assert set(codes(found.newly_late)) == lately - late
    assert set(codes(found.no_longer_late)) == late - lately
    assert found.unmoved + len(found.new) + len(found.moved) == found.total
    assert {c.status: c.after for c in found.counts if c.after} == Counter(
        b.status for p, _a, b in pairs if p.announced_on <= end
    )
    assert {c.status: c.before for c in found.counts if c.before} == Counter(
        a.status for p, a, _b in pairs if p.code in old
    )


# --- Each kind of change --------------------------------------------------------------------------


def test_a_pledge_is_new_that_became_public_in_between(early):
    early.pledge("P1.01")
    second = early.pledge("P1.02", public=False)
    third = early.pledge("P1.03", public=False)
    pledge_actions.publish_pledge(second, by=early.reviewer, at=at(2024, 2, 1))
    pledge_actions.publish_pledge(third, by=early.reviewer, at=at(2024, 4, 1, 0))
    entry(early, second, Status.IN_PROGRESS, date(2024, 2, 2))
    found = between(*PERIOD)
    assert codes(found.new) == ["P1.02"]
    assert found.moved == ()
    assert found.total == 2
    assert found.unmoved == 1


def test_a_pledge_moved_whose_status_differs_and_the_way_is_kept(early):
    pledge, still = early.pledge("P1.01"), early.pledge("P1.02")
    entry(early, pledge, Status.NOT_STARTED, date(2023, 12, 5))
    entry(early, still, Status.STALLED, date(2023, 12, 5))
    entry(early, pledge, Status.IN_PROGRESS, date(2024, 1, 10))
    entry(early, pledge, Status.IN_PROGRESS, date(2024, 1, 20))
    last = entry(early, pledge, Status.KEPT, date(2024, 3, 31), effective_on=date(2024, 3, 1))
    found = between(*PERIOD)
    (moved,) = found.moved
    assert (moved.pledge.code, moved.before, moved.after) == ("P1.01", "not_started", "kept")
    assert [(s.before, s.after) for s in moved.steps] == [
        (Status.NOT_STARTED, Status.IN_PROGRESS),
        (Status.IN_PROGRESS, Status.KEPT),
    ]
    assert moved.steps[-1].entry == last
    assert moved.steps[-1].effective_on == date(2024, 3, 1)
    assert moved.steps[-1].published_on == date(2024, 3, 31)
    assert found.entries == 3
    assert found.unmoved == 1


def test_the_first_day_is_outside_and_the_last_one_inside(early):
    first, last, after = (early.pledge(f"P1.0{n}") for n in (1, 2, 3))
    entry(early, first, Status.KEPT, PERIOD[0])
    entry(early, last, Status.KEPT, PERIOD[1])
    entry(early, after, Status.KEPT, PERIOD[1] + timedelta(days=1))
    assert codes(move.pledge for move in between(*PERIOD).moved) == ["P1.02"]


def test_what_is_published_later_leaves_the_answer_for_past_days_as_it_was(early):
    pledge = early.pledge()
    entry(early, pledge, Status.IN_PROGRESS, date(2024, 2, 1))
    before = between(*PERIOD)
    late = entry(early, pledge, Status.STALLED, date(2025, 1, 1), effective_on=date(2024, 2, 15))
    assert between(*PERIOD) == before
    # As known later both days are read anew.
    (moved,) = between(*PERIOD, known_on=date(2025, 1, 1)).moved
    assert moved.after == Status.STALLED
    assert moved.steps[-1].entry == late
    assert between(*PERIOD, known_on=date(2024, 12, 31)).moved[0].after == Status.IN_PROGRESS


def test_a_correction_says_what_it_replaces_and_may_let_an_older_entry_count_again(early):
    pledge = early.pledge()
    old = entry(early, pledge, Status.IN_PROGRESS, date(2023, 12, 10))
    wrong = entry(early, pledge, Status.KEPT, date(2023, 12, 20))
    early.at = at(2024, 2, 1)
    fixed = early.correction(wrong, Status.NOT_STARTED, effective_on=date(2023, 12, 2))
    found = between(*PERIOD)
    (made,) = found.corrected
    assert (made.correction, made.corrected) == (fixed, wrong)
    assert (made.before, made.after) == (Status.KEPT, Status.NOT_STARTED)
    (change,) = status_changes(*PERIOD, seen(PERIOD[1]))
    assert (change.before, change.after) == (Status.KEPT, Status.IN_PROGRESS)
    assert (change.entry, change.rested_on, change.rests_on) == (fixed, wrong, old)
    assert change.effective_on == date(2023, 12, 10)
    assert change.is_correction


def test_a_status_that_came_and_went_is_told_apart_from_one_that_stayed(early):
    pledge = early.pledge()
    entry(early, pledge, Status.IN_PROGRESS, date(2023, 12, 10))
    entry(early, pledge, Status.STALLED, date(2024, 1, 10))
    entry(early, pledge, Status.IN_PROGRESS, date(2024, 2, 10))
    found = between(*PERIOD)
    assert found.moved == ()
    assert [(m.after, len(m.steps)) for m in found.to_and_fro] == [(Status.IN_PROGRESS, 2)]


def test_a_due_date_that_is_later_or_gone_has_slipped(early):
    due = {"original_due_on": date(2024, 6, 30), "original_due_precision": "day"}
    pledges = [early.pledge(f"P1.0{n}", **due) for n in range(1, 5)]
    moved = [
        {"due_on": date(2024, 12, 31), "due_precision": "year"},
        {"due_on": None, "due_precision": "none"},
        {"due_on": date(2024, 5, 31), "due_precision": "month"},
        {},
    ]
    entries = [
        entry(early, pledge, Status.IN_PROGRESS, date(2024, 2, 1), **values)
        for pledge, values in zip(pledges, moved, strict=True)
    ]
    found = between(*PERIOD)
    assert [(m.pledge.code, m.days, m.entry) for m in found.slipped] == [
        ("P1.01", 184, entries[0]),
        ("P1.02", None, entries[1]),
    ]
    assert [(m.pledge.code, m.days) for m in found.brought_forward] == [("P1.03", -30)]


def test_a_milestone_slips_too_and_a_correction_that_is_silent_moves_it_back(early):
    pledge = early.pledge()
    step = early.milestone(pledge)
    first, later = date(2024, 6, 30), date(2024, 9, 30)

    def say(on, due_on):
        draft = early.draft(pledge, effective_on=on)
        early.change(draft, step, due_on=due_on, due_precision="day")
        return published(early, draft, at(on.year, on.month, on.day))

    say(date(2023, 12, 10), first)
    second = say(date(2024, 2, 1), later)
    (slip,) = between(*PERIOD).slipped
    assert (slip.milestone, slip.before_on, slip.after_on) == (step, first, later)
    assert (slip.days, slip.entry) == (92, second)

    silent = silent_correction(early, second, at(2024, 5, 1))
    (back,) = between(date(2024, 4, 1), date(2024, 5, 2)).brought_forward
    assert (back.milestone, back.days) == (step, -92)
    assert silent.published_on == date(2024, 5, 1)


def published(world, draft, moment):
    submitted = updates.submit(draft, by=world.author, at=moment)
    return updates.publish(submitted, by=world.reviewer, at=moment)


def silent_correction(world, of, moment):
    """A correction of an entry that says nothing of the milestones that it spoke of."""
    draft = updates.correct(of, by=world.author, at=moment)
    draft.correction_reason_en = "It spoke of another pledge's step."
    draft.milestone_changes.all().delete()
    draft.save()
    return published(world, draft, moment)


def test_a_pledge_becomes_late_by_time_alone_and_stops_to_be_by_an_entry(early):
    due = {"original_due_precision": "day"}
    first = early.pledge("P1.01", original_due_on=PERIOD[0], **due)
    early.pledge("P1.02", original_due_on=PERIOD[1], **due)
    third = early.pledge("P1.03", original_due_on=date(2023, 12, 31), **due)
    entry(early, third, Status.KEPT, date(2024, 2, 1))
    found = between(*PERIOD)
    assert codes(found.newly_late) == [first.code]
    assert codes(found.no_longer_late) == [third.code]
    assert not found.is_empty


def test_nothing_changed_where_nothing_was_published(early):
    entry(early, early.pledge(), Status.KEPT, date(2023, 12, 5))
    found = between(*PERIOD)
    assert found.is_empty
    assert (found.total, found.unmoved, found.entries) == (1, 1, 0)


def test_only_the_pledges_asked_for_are_looked_at(early):
    for number in (1, 2):
        entry(early, early.pledge(f"P1.0{number}"), Status.KEPT, date(2024, 2, 1))
    only = seen(PERIOD[1]).filter(code="P1.02")
    assert codes(m.pledge for m in changes(*PERIOD, only).moved) == ["P1.02"]
    assert [c.pledge.code for c in status_changes(*PERIOD, only)] == ["P1.02"]


def test_drafts_are_no_changes(early):
    pledge = early.pledge()
    early.draft(pledge, Status.KEPT, effective_on=date(2024, 2, 1))
    assert between(*PERIOD).is_empty
    assert Update.objects.between(*PERIOD).count() == 0


def test_the_number_of_queries_is_that_of_one_pledge_for_any_number(early):
    def count():
        with CaptureQueriesContext(connection) as captured:
            found = between(*PERIOD)
            assert all(m.steps for m in found.moved)
        return len(captured)

    def more(number):
        early.at = at(2023, 12, 1)
        pledge = early.pledge(f"P1.{number:02}")
        first = entry(early, pledge, Status.IN_PROGRESS, date(2024, 2, 1), due_precision="none")
        early.at = at(2024, 2, 2)
        early.correction(first, Status.STALLED)

    more(1)
    few = count()
    for number in range(2, 5):
        more(number)
    assert count() == few <= 10
