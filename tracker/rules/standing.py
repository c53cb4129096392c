"""Where a pledge stands on a date (DESIGN, rule 3), said once in plain Python.

A pledge's status on day D is that of its latest published, uncorrected entry in effect on D.
Latest is by the day of effect, then by the entry's place in the record. "Known on K" asks the
same of the record as it had been published by the end of day K.

`UpdateQuerySet.in_effect` is this rule for the database, and the stored standing is this rule
for today; `tests/models/test_standing.py` proves the three equal over random histories.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Protocol, TypeVar

from tracker.rules.dates import day_of
from tracker.vocabulary import Status


class Entry(Protocol):
    """A published update, as far as standing needs it."""

    pk: int
    corrects_id: int | None
    status: str
    effective_on: date
    sequence: int | None
    published_at: datetime | None


AnyEntry = TypeVar("AnyEntry", bound=Entry)


def _latest_last(entry: Entry) -> tuple[date, int]:
    return entry.effective_on, entry.sequence or 0


def in_effect(
    entries: Iterable[AnyEntry], on: date, known_on: date | None = None
) -> list[AnyEntry]:
    """The published `entries` of one pledge that hold on day `on`, latest first.

    Entries published after `known_on` are left out, and so are those that another entry, known
    by then, corrects: whatever day the correction takes effect, what it replaces is withdrawn.
    """
    known = [
        entry
        for entry in entries
        if entry.published_at and (known_on is None or day_of(entry.published_at) <= known_on)
    ]
    corrected = {entry.corrects_id for entry in known}
    return sorted(
        (entry for entry in known if entry.pk not in corrected and entry.effective_on <= on),
        key=_latest_last,
        reverse=True,
    )


def status_of(holding: Iterable[Entry]) -> str:
    """The status that entries `in_effect` give: the latest one's, before the first *not rated*."""
    return next((entry.status for entry in holding), Status.NOT_RATED.value)


def since(holding: Iterable[Entry]) -> date | None:
    """Since when the present status has held without a break; None before the first entry."""
    day = status = None
    for entry in holding:
        if status is not None and entry.status != status:
            break
        status, day = entry.status, entry.effective_on
    return day


@dataclass(frozen=True)
class Move(Generic[AnyEntry]):
    """One time that a pledge came to another status: by which `entry`, and what that rests on.

    The status rested on `before` and then on `after`; None where nothing held. `after` is `entry`
    itself but for one case: a correction of an earlier day may bring to light what lay below.
    """

    entry: AnyEntry
    before: AnyEntry | None
    after: AnyEntry | None


def moves(
    entries: Iterable[AnyEntry], start: date, end: date, known_on: date | None = None
) -> Iterator[Move[AnyEntry]]:
    """How one pledge came from its status on day `start` to that on day `end`, step by step.

    Without `known_on` each day is read as it could be read then, and each publication is a step.
    With it both days are read as known on that one day, and each day of effect is a step. Either
    way the first step begins with the status on `start`, and the last one ends with that on `end`.
    """
    entries = list(entries)
    turns = (
        _published_in_turn(entries, start, end)
        if known_on is None
        else _in_effect_in_turn(entries, start, end, known_on)
    )
    return (move for move in turns if _status(move.before) != _status(move.after))


def _published_in_turn(entries: list[AnyEntry], start: date, end: date) -> Iterator[Move[AnyEntry]]:
    known: list[AnyEntry] = []
    before: AnyEntry | None = None
    turns = [(e.published_at, e.sequence or 0, e) for e in entries if e.published_at]
    for moment, _place, entry in sorted(turns, key=lambda turn: turn[:2]):
        day = day_of(moment)
        if day > end:
            return
        known.append(entry)
        # An entry never takes effect after the day of its publication: all that is known holds.
        after = next(iter(in_effect(known, day)), None)
        if day > start:
            yield Move(entry, before, after)
        before = after


def _in_effect_in_turn(
    entries: list[AnyEntry], start: date, end: date, known_on: date
) -> Iterator[Move[AnyEntry]]:
    before: AnyEntry | None = None
    for entry in reversed(in_effect(entries, end, known_on)):
        if entry.effective_on > start:
            yield Move(entry, before, entry)
        before = entry


def _status(entry: Entry | None) -> str:
    return status_of([] if entry is None else [entry])
