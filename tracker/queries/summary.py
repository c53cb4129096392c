"""How many pledges stand where, and how far they have come, for any set of pledges."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.models import Pillar, Pledge
from tracker.rules.asof import AsOf
from tracker.rules.progress import RollUp, roll_up
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

    @property
    def present(self) -> list[StatusCount]:
        """The statuses that some pledge has."""
        return [count for count in self.counts if count.count]

    @property
    def rated(self) -> int:
        return sum(count.count for count in self.counts if count.status != Status.NOT_RATED)


def summary(pledges: Iterable[Pledge], asof: AsOf) -> Summary:
    """The summary of `pledges`, which come from `PledgeQuerySet.seen`."""
    pledges = list(pledges)
    statuses = Counter(pledge.status for pledge in pledges)
    flags = Counter(flag for pledge in pledges for flag in pledge.flags(asof.day))
    total = len(pledges)
    return Summary(
        total=total,
        counts=tuple(
            StatusCount(status, statuses[status], 100 * statuses[status] / total if total else 0.0)
            for status in Status
        ),
        flags=tuple(FlagCount(flag, flags[flag]) for flag in Flag),
        progress=roll_up(pledge.progress for pledge in pledges),
        last_entry_on=max((p.last_entry_on for p in pledges if p.entry_id), default=None),
    )


def by_pillar(
    pledges: Sequence[Pledge], pillars: Iterable[Pillar], asof: AsOf
) -> list[tuple[Pillar, Summary]]:
    """The summary of each of `pillars`, in their order, also of one without pledges."""
    return [
        (pillar, summary([p for p in pledges if p.pillar_id == pillar.pk], asof))
        for pillar in pillars
    ]
