"""On which days staff are reminded of what.

Each rule answers with the occasion that has come by a day: a number of days. Between two occasions
it still answers with the earlier one, so a day on which nobody sent reminders is caught up with
later; of several missed ones only the nearest is left. That none is sent twice is kept by
`Reminder`, which has a row for each occasion that was sent.
"""

from collections.abc import Container
from datetime import date

from tracker.rules.dates import is_late
from tracker.vocabulary import Status

#: Days before a due date, days after it, and days that an update has waited for review.
DUE_IN = (30, 7, 1)
LATE_BY = (1, 7, 30)
WAITING_FOR = (2, 7, 14)


def due(
    due_on: date | None, status: str, on: date, final: Container[str] = Status.final()
) -> int | None:
    """The occasion of a due date to come: 30, 7 or 1 days before; 1 on the last day too."""
    if due_on is None or status in final or due_on < on:
        return None
    return min((days for days in DUE_IN if (due_on - on).days <= days), default=None)


def late(
    due_on: date | None, status: str, on: date, final: Container[str] = Status.final()
) -> int | None:
    """The occasion of a due date that has passed: 1, 7 or 30 days after."""
    if due_on is None or not is_late(due_on, status, on, final):
        return None
    return max(days for days in LATE_BY if (on - due_on).days >= days)


def waiting(submitted_on: date, on: date) -> int | None:
    """The occasion of an update that waits for review: 2, 7 or 14 days after it was submitted."""
    return max((days for days in WAITING_FOR if (on - submitted_on).days >= days), default=None)
