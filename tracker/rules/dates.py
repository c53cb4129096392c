"""Days, and due dates of a stated precision."""

import calendar
from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.vocabulary import DatePrecision, Status

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """The record's day on which an aware `moment` falls: that of Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """The first moment (UTC) after `day`; for the last day of the calendar, its last moment.

    `published_at < end_of_day(day)` says "was known on that day".
    """
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    return datetime.combine(day + timedelta(days=1), time.min, SHANGHAI).astimezone(UTC)


def last_day(due_on: date, precision: str) -> date:
    """The last day on which something due in the day, month or year of `due_on` is in time.

    This is also the form in which a due date is stored, so that dates of every precision sort
    and compare by one column.
    """
    if precision == DatePrecision.YEAR:
        return date(due_on.year, 12, 31)
    if precision == DatePrecision.MONTH:
        return due_on.replace(day=calendar.monthrange(due_on.year, due_on.month)[1])
    return due_on


def is_late(
    due_on: date | None, status: str, on: date, final: Container[str] = Status.final()
) -> bool:
    """Whether the due date (a last day) has passed on `on` while the status is not final."""
    return due_on is not None and due_on < on and status not in final


def is_stale(
    last_entry_on: date,
    status: str,
    on: date,
    after_days: int,
    final: Container[str] = Status.final(),
) -> bool:
    """Whether the latest entry took effect more than `after_days` days before `on`.

    `last_entry_on` is the day on which the pledge was announced where it has no entry. A pledge
    at an end is not stale: nothing more is awaited.
    """
    return status not in final and (on - last_entry_on).days > after_days
