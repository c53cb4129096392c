from datetime import date, timedelta

import pytest

from tracker.rules import reminding
from tracker.vocabulary import Status

TODAY = date(2026, 11, 23)


def day(days):
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "occasion"),
    [(31, None), (30, 30), (29, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 1), (-1, None)],
)
def test_a_due_date_to_come_has_the_nearest_occasion_that_was_reached(days, occasion):
    assert reminding.due(day(days), Status.IN_PROGRESS, TODAY) == occasion


@pytest.mark.parametrize(
    ("days", "occasion"),
    [(0, None), (-1, 1), (-6, 1), (-7, 7), (-29, 7), (-30, 30), (-900, 30), (5, None)],
)
def test_a_due_date_that_has_passed_has_the_latest_occasion(days, occasion):
    assert reminding.late(day(days), Status.IN_PROGRESS, TODAY) == occasion


@pytest.mark.parametrize("rule", [reminding.due, reminding.late])
@pytest.mark.parametrize("days", [-7, 7])
def test_what_is_at_an_end_or_has_no_date_is_no_occasion(rule, days):
    assert rule(day(days), Status.KEPT, TODAY) is None
    assert rule(None, Status.IN_PROGRESS, TODAY) is None


@pytest.mark.parametrize(
    ("days", "occasion"), [(0, None), (1, None), (2, 2), (6, 2), (7, 7), (14, 14), (90, 14)]
)
def test_an_update_that_waits_is_named_after_two_seven_and_fourteen_days(days, occasion):
    assert reminding.waiting(day(-days), TODAY) == occasion


def test_whatever_days_are_missed_each_occasion_comes_once_and_in_order():
    due_on = day(40)
    for step in range(1, 12):
        met = [
            reminding.due(due_on, Status.IN_PROGRESS, day(n))
            or reminding.late(due_on, Status.IN_PROGRESS, day(n))
            for n in range(0, 90, step)
        ]
        changes = [b for a, b in zip([None, *met], met, strict=False) if b is not None and a != b]
        # Never more mails than there are occasions, however seldom the command runs.
        assert len(changes) <= len(reminding.DUE_IN) + len(reminding.LATE_BY)
