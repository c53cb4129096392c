"""What a report is asked beside its pledges and its day."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Options:
    """The days of a period, how to group, the filters that were given, and the order.

    A period begins after `start` and ends with `end`; without them it is all days up to the one
    asked about. `given` are the filters as an address names them, in the order of the list's form.
    """

    start: date | None = None
    end: date | None = None
    by: str = "pillar"
    given: tuple[tuple[str, str], ...] = ()
    sort: str = ""


NOTHING = Options()
