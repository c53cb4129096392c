"""How a due date moved: each time that the record says another one, and by how much in all.

Days are last days (`rules.dates.last_day`). A date that is only stated more or less exactly, but
still ends on the same day, has not moved.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from tracker.vocabulary import DatePrecision


@dataclass(frozen=True)
class Due:
    """A due date as it was stated; without a day, that none is stated."""

    on: date | None
    precision: str


class Unit(Enum):
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class Shift:
    """How far one due date lies from another, in the unit in which both can be told apart."""

    count: int
    unit: Unit
    is_later: bool


@dataclass(frozen=True)
class Move:
    """One entry of the record that gave another due date, in effect from `on`."""

    on: date
    before: Due
    after: Due

    @property
    def shift(self) -> Shift | None:
        return shift(self.before, self.after)


@dataclass(frozen=True)
class Slippage:
    """From the first due date to the present one, move by move."""

    first: Due
    now: Due
    moves: tuple[Move, ...]

    @property
    def shift(self) -> Shift | None:
        """How far the present date lies from the first; None where it is the same, or none is."""
        return shift(self.first, self.now)


def slippage(first: Due, said: Iterable[tuple[date, Due]]) -> Slippage:
    """The moves in what entries `said` of a due date, each with its day of effect, oldest first."""
    now, moves = first, []
    for on, due in said:
        if due.on != now.on:
            moves.append(Move(on, now, due))
        now = due
    return Slippage(first, now, tuple(moves))


def shift(before: Due, after: Due) -> Shift | None:
    """How far `after` lies from `before`: in years or months where both dates are so exact."""
    if before.on is None or after.on is None or before.on == after.on:
        return None
    months = 12 * (after.on.year - before.on.year) + after.on.month - before.on.month
    is_later = after.on > before.on
    precisions = {before.precision, after.precision}
    if precisions == {DatePrecision.YEAR}:
        return Shift(abs(months) // 12, Unit.YEAR, is_later)
    if DatePrecision.DAY not in precisions or _whole_months(before.on, after.on):
        return Shift(abs(months), Unit.MONTH, is_later)
    return Shift(abs((after.on - before.on).days), Unit.DAY, is_later)


def _whole_months(one: date, other: date) -> bool:
    """Whether both are the same day of their months, or both the last one."""
    if one.month == other.month and one.year == other.year:
        return False
    return one.day == other.day or (_ends_month(one) and _ends_month(other))


def _ends_month(day: date) -> bool:
    return day == date.max or (day + timedelta(days=1)).day == 1
