"""The day that a reader asks about, and the day as of which the record is known."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class AsOf:
    """The record as it stood on `on`, as known on `known_on`, read on `today`.

    Without `on` the day asked about is `known_on`, else today.
    """

    today: date
    on: date | None = None
    known_on: date | None = None

    @property
    def day(self) -> date:
        """The day that is asked about: lateness and staleness are of this day."""
        return self.on or self.known_on or self.today

    @property
    def is_now(self) -> bool:
        """Whether the answer is today's, as known today."""
        return self.day == self.today and (self.known_on or self.today) == self.today

    @property
    def parameters(self) -> dict[str, str]:
        """What an address says to ask for this again; nothing where it is now."""
        given = {"as_of": self.on, "known_on": self.known_on}
        return {} if self.is_now else {name: day.isoformat() for name, day in given.items() if day}
