from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from tracker.rules.standing import in_effect, since, status_of


@dataclass
class Entry:
    """A published update, and no more of it than the rule looks at."""

    pk: int
    status: str
    effective_on: date
    published_at: datetime | None
    corrects_id: int | None = None

    @property
    def sequence(self):
        return None if self.published_at is None else self.pk


def day(number):
    return date(2024, 1, 1) + timedelta(days=number)


def entry(pk, status, effective, published, corrects=None):
    """Effective and published on the numbered days; `published` None is a draft."""
    at = None
    if published is not None:
        at = datetime(2024, 1, 1, 4, 0, tzinfo=UTC) + timedelta(days=published)
    return Entry(pk, status, day(effective), at, corrects)


A_DRAFT = [entry(1, "kept", 1, None)]
ONE = [entry(1, "in_progress", 5, 8)]
BACK_DATED = [entry(1, "in_progress", 10, 10), entry(2, "not_started", 5, 20)]
SAME_DAY = [entry(1, "in_progress", 5, 5), entry(2, "stalled", 5, 5)]
CORRECTED = [entry(1, "kept", 5, 5), entry(2, "partly_kept", 5, 9, corrects=1)]
CORRECTED_TO_LATER = [entry(1, "kept", 5, 5), entry(2, "kept", 8, 9, corrects=1)]
CORRECTED_IN_DRAFT = [entry(1, "kept", 5, 5), entry(2, "not_kept", 5, None, corrects=1)]
CORRECTED_TWICE = [
    entry(1, "kept", 5, 5),
    entry(2, "partly_kept", 5, 9, corrects=1),
    entry(3, "in_progress", 5, 12, corrects=2),
]
EARLIER_CORRECTED = [
    entry(1, "in_progress", 2, 2),
    entry(2, "stalled", 6, 6),
    entry(3, "not_started", 2, 9, corrects=1),
]


@pytest.mark.parametrize(
    ("entries", "on", "known_on", "holding", "status"),
    [
        ([], 100, None, [], "not_rated"),
        (A_DRAFT, 100, None, [], "not_rated"),
        # From the day of effect on, whenever it was published.
        (ONE, 4, None, [], "not_rated"),
        (ONE, 5, None, [1], "in_progress"),
        (ONE, 500, None, [1], "in_progress"),
        # Known from the day of publication on.
        (ONE, 8, 7, [], "not_rated"),
        (ONE, 5, 8, [1], "in_progress"),
        # The latest by day of effect decides, not the last published.
        (BACK_DATED, 20, None, [1, 2], "in_progress"),
        (BACK_DATED, 7, None, [2], "not_started"),
        (BACK_DATED, 7, 19, [], "not_rated"),
        (BACK_DATED, 7, 20, [2], "not_started"),
        # Of two with the same day, the one published last.
        (SAME_DAY, 5, None, [2, 1], "stalled"),
        # A correction replaces what it corrects, from the day it is known.
        (CORRECTED, 5, None, [2], "partly_kept"),
        (CORRECTED, 5, 8, [1], "kept"),
        (CORRECTED, 5, 9, [2], "partly_kept"),
        # What is corrected is withdrawn, whatever day the correction takes effect.
        (CORRECTED_TO_LATER, 6, None, [], "not_rated"),
        (CORRECTED_TO_LATER, 8, None, [2], "kept"),
        (CORRECTED_TO_LATER, 6, 8, [1], "kept"),
        # A correction that is not published corrects nothing.
        (CORRECTED_IN_DRAFT, 50, None, [1], "kept"),
        # A correction can be corrected, and what it replaced does not come back.
        (CORRECTED_TWICE, 5, None, [3], "in_progress"),
        (CORRECTED_TWICE, 5, 11, [2], "partly_kept"),
        (CORRECTED_TWICE, 5, 8, [1], "kept"),
        # A correction of an earlier entry leaves the present status as it is.
        (EARLIER_CORRECTED, 9, None, [2, 3], "stalled"),
        (EARLIER_CORRECTED, 3, None, [3], "not_started"),
        (EARLIER_CORRECTED, 3, 8, [1], "in_progress"),
    ],
)
def test_the_status_is_the_latest_published_uncorrected_entrys_in_effect(
    entries, on, known_on, holding, status
):
    known_on = None if known_on is None else day(known_on)
    for given in (entries, reversed(entries)):
        found = in_effect(given, day(on), known_on)
        assert [entry.pk for entry in found] == holding
        assert status_of(found) == status


def test_known_on_a_day_counts_shanghais_days():
    late = Entry(1, "kept", day(5), datetime(2024, 1, 8, 15, 59, tzinfo=UTC))
    past_midnight = Entry(1, "kept", day(5), datetime(2024, 1, 8, 16, 0, tzinfo=UTC))
    assert in_effect([late], day(30), date(2024, 1, 8)) == [late]
    assert in_effect([past_midnight], day(30), date(2024, 1, 8)) == []
    assert in_effect([past_midnight], day(30), date(2024, 1, 9)) == [past_midnight]


@pytest.mark.parametrize(
    ("history", "on", "expected"),
    [
        ([], 50, None),
        ([("kept", 5)], 4, None),
        ([("kept", 5)], 50, 5),
        ([("in_progress", 5), ("in_progress", 9)], 50, 5),
        ([("in_progress", 5), ("stalled", 9)], 50, 9),
        ([("in_progress", 5), ("stalled", 9)], 8, 5),
        # A break ends the run: it has been so again since 12 only.
        ([("in_progress", 5), ("stalled", 9), ("in_progress", 12), ("in_progress", 20)], 50, 12),
        ([("not_rated", 5), ("not_rated", 7)], 50, 5),
    ],
)
def test_since_is_the_first_day_of_the_unbroken_run(history, on, expected):
    entries = [entry(n, status, d, d) for n, (status, d) in enumerate(history, 1)]
    assert since(in_effect(entries, day(on))) == (None if expected is None else day(expected))
