"""How many pledges stand where, and how far they have come, for any set of pledges."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tracker.models import Pledge
from tracker.rules.asof import AsOf
from tracker.rules.progress import Progress, RollUp, roll_up
from tracker.vocabulary import Flag, Status


@dataclass(frozen=True)
class StatusCount:
    """How many of the pledges have one status, and what share of them that is, in percent."""

    status: Status
    count: int
    share: float


@dataclass(frozen=True)
class FlagCount:
    flag: Flag
    count: int


@dataclass(frozen=True)
class Summary:
    """A set of pledges on a day: how many stand where, which flags apply, how far they are.

    `counts` has every status in the vocabulary's order, also those that no pledge has.
    """

    total: int
    counts: tuple[StatusCount, ...]
    flags: tuple[FlagCount, ...]
    progress: RollUp
    last_entry_on: date | None
    #: How many state a due date: no other pledge can be late.
    dated: int

    @property
    def present(self) -> list[StatusCount]:
        """The statuses that some pledge has."""
        return [count for count in self.counts if count.count]

    @property
    def rated(self) -> int:
        return sum(count.count for count in self.counts if count.status != Status.NOT_RATED)


class Tally:
    """Counts pledges one by one on a day, so that many need no more memory than few."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.statuses: Counter[str] = Counter()
        self.flags: Counter[Flag] = Counter()
        self.figures: Counter[Progress] = Counter()
        self.last_entry_on: date | None = None
        self.dated = 0

    def count(self, pledge: Pledge) -> None:
        """Counts one pledge, which comes from `PledgeQuerySet.seen`."""
        self.statuses[pledge.status] += 1
        self.flags.update(pledge.flags(self.on))
        self.figures[pledge.progress] += 1
        self.dated += pledge.due_on is not None
        if pledge.entry_id:
            self.last_entry_on = max(self.last_entry_on or date.min, pledge.last_entry_on)

    def summary(self) -> Summary:
        """The summary of what was counted."""
        total = self.statuses.total()
        return Summary(
            total=total,
            counts=tuple(
                StatusCount(
                    status,
                    self.statuses[status],
                    100 * self.statuses[status] / total if total else 0.0,
                )
                for status in Status
            ),
            flags=tuple(FlagCount(flag, self.flags[flag]) for flag in Flag),
            progress=roll_up(self.figures.elements()),
            last_entry_on=self.last_entry_on,
            dated=self.dated,
        )


def summary(pledges: Iterable[Pledge], asof: AsOf) -> Summary:
    """The summary of `pledges`, which come from `PledgeQuerySet.seen`."""
    tally = Tally(asof.day)
    for pledge in pledges:
        tally.count(pledge)
    return tally.summary()


@dataclass(frozen=True)
class Freshness:
    """How fresh the record is on a day.

    `entered_on` is the day on which its last entry was published, and `updated` is how many
    pledges have an entry that took effect within `days` days before.
    """

    last_entry_on: date | None
    entered_on: date | None
    updated: int
    total: int
    days: int
