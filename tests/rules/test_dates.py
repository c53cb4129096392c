from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.dates import day_of, end_of_day, is_late, is_stale, last_day
from tracker.vocabulary import DatePrecision, Status

NEW_YORK = timezone(timedelta(hours=-5))
D = date(2024, 3, 15)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2024, 3, 14, 15, 59, 59, 999999, tzinfo=UTC), date(2024, 3, 14)),
        (datetime(2024, 3, 14, 16, 0, tzinfo=UTC), date(2024, 3, 15)),
        (datetime(2024, 3, 15, 15, 59, tzinfo=UTC), date(2024, 3, 15)),
        (datetime(2024, 3, 14, 12, 0, tzinfo=NEW_YORK), date(2024, 3, 15)),
        (datetime(2023, 12, 31, 16, 0, tzinfo=UTC), date(2024, 1, 1)),
    ],
)
def test_a_moment_falls_on_the_day_that_it_is_in_shanghai(moment, day):
    assert day_of(moment) == day


@pytest.mark.parametrize(
    ("day", "moment"),
    [
        (date(2024, 3, 15), datetime(2024, 3, 15, 16, 0, tzinfo=UTC)),
        (date(2024, 12, 31), datetime(2024, 12, 31, 16, 0, tzinfo=UTC)),
        (date.min, datetime(1, 1, 1, 15, 54, 17, tzinfo=UTC)),  # Shanghai's local mean time
        (date.max, datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_a_day_ends_at_shanghais_midnight(day, moment):
    assert end_of_day(day) == moment


@given(
    seconds=st.integers(0, 3_000_000_000),
    offset=st.integers(-2, 2),
)
def test_before_the_end_of_a_day_says_on_that_day_or_earlier(seconds, offset):
    moment = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    day = moment.date() + timedelta(days=offset)
    assert (moment < end_of_day(day)) == (day_of(moment) <= day)


@pytest.mark.parametrize(
    ("due_on", "precision", "last"),
    [
        (date(2024, 2, 10), DatePrecision.DAY, date(2024, 2, 10)),
        (date(2024, 2, 10), DatePrecision.MONTH, date(2024, 2, 29)),
        (date(2023, 2, 10), DatePrecision.MONTH, date(2023, 2, 28)),
        (date(2024, 12, 1), DatePrecision.MONTH, date(2024, 12, 31)),
        (date(2024, 4, 30), DatePrecision.MONTH, date(2024, 4, 30)),
        (date(2024, 2, 10), DatePrecision.YEAR, date(2024, 12, 31)),
        (date(2024, 2, 10), DatePrecision.NONE, date(2024, 2, 10)),
        (date(2024, 2, 10), "month", date(2024, 2, 29)),
    ],
)
def test_a_due_month_or_year_ends_on_its_last_day(due_on, precision, last):
    assert last_day(due_on, precision) == last
    assert last_day(last, precision) == last


@pytest.mark.parametrize(
    ("due_on", "status", "late"),
    [
        (None, Status.IN_PROGRESS, False),
        (D - timedelta(days=1), Status.IN_PROGRESS, True),
        (D, Status.IN_PROGRESS, False),
        (D + timedelta(days=1), Status.IN_PROGRESS, False),
        (D - timedelta(days=1), Status.NOT_RATED, True),
        (D - timedelta(days=1), Status.NOT_STARTED, True),
        (D - timedelta(days=1), Status.STALLED, True),
        (D - timedelta(days=1), Status.NOT_VERIFIABLE, True),
        (D - timedelta(days=1), Status.KEPT, False),
        (D - timedelta(days=1), Status.PARTLY_KEPT, False),
        (D - timedelta(days=1), Status.NOT_KEPT, False),
        (D - timedelta(days=1), Status.SUPERSEDED, False),
        (D - timedelta(days=1), "kept", False),
    ],
)
def test_late_is_past_its_date_and_not_at_an_end(due_on, status, late):
    assert is_late(due_on, status, D) is late


@pytest.mark.parametrize(
    ("days_ago", "status", "stale"),
    [
        (365, Status.IN_PROGRESS, False),
        (366, Status.IN_PROGRESS, True),
        (366, Status.NOT_RATED, True),
        (366, Status.NOT_VERIFIABLE, True),
        (5000, Status.KEPT, False),
        (5000, Status.PARTLY_KEPT, False),
        (5000, Status.NOT_KEPT, False),
        (5000, Status.SUPERSEDED, False),
        (0, Status.STALLED, False),
        (-10, Status.STALLED, False),
    ],
)
def test_stale_is_longer_without_an_entry_than_the_set_days(days_ago, status, stale):
    assert is_stale(D - timedelta(days=days_ago), status, D, 365) is stale
