"""Progress of a pledge and of many (DESIGN, rule 6).

A pledge's progress is the share of its milestones done; where it has none, the last progress
that an update reported; else there is no figure. No figure is not zero. A roll-up is the mean of
the pledges that have a figure, and says how many those are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum


class Basis(Enum):
    """What a pledge's figure rests on."""

    MILESTONES = "milestones"
    REPORTED = "reported"
    NONE = "none"


@dataclass(frozen=True)
class Progress:
    """One pledge's progress. `percent` is exact, 0 to 100, or None where there is no figure."""

    percent: Decimal | None
    basis: Basis
    done: int = 0
    total: int = 0

    @property
    def shown(self) -> int | None:
        return rounded(self.percent)


@dataclass(frozen=True)
class RollUp:
    """The progress of several pledges: the mean of `counted` of `total`."""

    percent: Decimal | None
    counted: int
    total: int

    @property
    def shown(self) -> int | None:
        return rounded(self.percent)


def rounded(percent: Decimal | None) -> int | None:
    """A percentage as pages print it: whole, halves up."""
    if percent is None:
        return None
    return int(percent.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def progress(*, milestones_done: int, milestones_total: int, reported: int | None) -> Progress:
    """Progress from a pledge's milestones on a day and the last `reported` whole percentage."""
    if milestones_total:
        percent = Decimal(100) * milestones_done / milestones_total
        return Progress(percent, Basis.MILESTONES, milestones_done, milestones_total)
    if reported is not None:
        return Progress(Decimal(reported), Basis.REPORTED)
    return Progress(None, Basis.NONE)


def roll_up(figures: Iterable[Progress]) -> RollUp:
    """The unweighted mean of the figures that there are, and how many there are of how many."""
    return roll_up_counted(Counter(figures))


def roll_up_counted(figures: Mapping[Progress, int]) -> RollUp:
    """The same of figures that so many pledges have."""
    known = {each: n for each, n in figures.items() if each.percent is not None and n}
    counted = sum(known.values())
    total = sum((each.percent * n for each, n in known.items() if each.percent), Decimal(0))
    return RollUp(total / counted if counted else None, counted, sum(figures.values()))
