"""The newest entries of the record, page by page, at the same cost however long it has grown."""

from dataclasses import dataclass
from functools import cached_property

from tracker.models import Update
from tracker.queries.facet_sets import Day
from tracker.rules.asof import AsOf

CHUNK = 500


@dataclass(frozen=True)
class Newest:
    """The keys of the entries that a reader sees of some pledges, the last published first.

    `fits` is a set of the pledges of `day`: what a paginator takes. Now, entries are counted with
    the standings and found by walking the record from its end; of a past day, which is asked for
    seldom, the database counts and looks.
    """

    day: Day
    asof: AsOf
    fits: int

    @cached_property
    def _count(self) -> int:
        if self.asof.is_now:
            return self.day.entries(self.fits)
        return self._then.count()

    @property
    def _then(self):
        found = Update.objects.seen(self.asof)
        if self.fits != self.day.seen:
            found = found.filter(pledge__in=list(self.day.keys(self.fits)))
        return found

    def __len__(self) -> int:
        return self._count

    def first(self, number: int) -> list[int]:
        """The first ones, without counting them all."""
        if self.asof.is_now:
            return self._walked(0, number, backwards=True)
        return list(self._then.newest_first().values_list("pk", flat=True)[:number])

    def __getitem__(self, part: slice) -> list[int]:
        start, stop = part.start or 0, min(part.stop, len(self))
        if not self.asof.is_now:
            found = self._then.newest_first().values_list("pk", flat=True)
            return list(found[start:stop])
        if stop <= len(self) - start:
            return self._walked(start, stop, backwards=True)
        # Nearer to the beginning of the record: from there on.
        found = self._walked(len(self) - stop, len(self) - start, backwards=False)
        return found[::-1]

    def _walked(self, start: int, stop: int, *, backwards: bool) -> list[int]:
        """The entries from the `start`th up to the `stop`th from one end of the record."""
        entries = Update.objects.filter(sequence__isnull=False)
        entries = entries.order_by("-sequence" if backwards else "sequence")
        rows = entries.values_list("pk", "pledge_id", "sequence")
        place_of = self.day.facets.place_of
        shown = self.fits.to_bytes(self.day.facets.size // 8 + 1, "little")
        found: list[int] = []
        chunk = list(rows[:CHUNK])
        while chunk:
            for key, pledge, _sequence in chunk:
                place = place_of.get(pledge)
                if place is not None and shown[place >> 3] >> (place & 7) & 1:
                    found.append(key)
            if len(found) >= stop:
                break
            last = chunk[-1][2]
            further = (
                rows.filter(sequence__lt=last) if backwards else rows.filter(sequence__gt=last)
            )
            chunk = list(further[:CHUNK])
        return found[start:stop]


def corrections(day: Day, asof: AsOf) -> list[int]:
    """The keys of the entries that a reader sees and that correct another, the last first."""
    if not asof.is_now:
        found = Update.objects.seen(asof).filter(corrects__isnull=False).newest_first()
        return list(found.values_list("pk", flat=True))
    place_of, seen = day.facets.place_of, day.seen
    return [
        key
        for key, pledge in day.facets.corrections
        if pledge in place_of and seen >> place_of[pledge] & 1
    ]
