"""The newest entries of the record, page by page, at the same cost however long it has grown."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tracker.models import Update
from tracker.queries.facet_sets import Day
from tracker.rules.asof import AsOf
from tracker.rules.bits import flags

#: So many are looked at before the log of all is read.
LAST = 500


@dataclass(frozen=True)
class Newest:
    """The keys of the entries that a reader sees of some pledges, the last published first.

    `fits` is a set of the pledges of `day`: what a paginator takes. Now, they are told from the log
    of all entries that is kept; of a past day, which is asked for seldom, the database counts and
    looks.
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
        # Before the log is read, which takes a second for a million entries, a few are looked for
        # among the last ones.
        return self._among_last(number) or self._part(0, number)

    def _among_last(self, number: int) -> list[int]:
        """As `first`, where as many are among the last entries of the record; else nothing."""
        if not self.asof.is_now or self.day.facets.has_log:
            return []
        last = Update.objects.filter(sequence__isnull=False).order_by("-sequence")
        found = _of(self.day, self.fits, last.values_list("pk", "pledge_id")[:LAST])
        return found[:number] if len(found) >= number else []

    def __getitem__(self, part: slice) -> list[int]:
        return self._part(part.start or 0, min(part.stop, len(self)))

    def _part(self, start: int, stop: int) -> list[int]:
        if self.asof.is_now:
            facets = self.day.facets
            return facets.log.newest(self.fits, facets.size, start, stop)
        return list(self._then.newest_first().values_list("pk", flat=True)[start:stop])


def corrections(day: Day, asof: AsOf) -> list[int]:
    """The keys of the entries that a reader sees and that correct another, the last first."""
    if not asof.is_now:
        found = Update.objects.seen(asof).filter(corrects__isnull=False).newest_first()
        return list(found.values_list("pk", flat=True))
    return _of(day, day.seen, day.facets.corrections)


def _of(day: Day, fits: int, entries: Iterable[tuple[int, int]]) -> list[int]:
    """The keys of those of `entries`, each with its pledge's key, that a set of pledges has."""
    place_of, nobody = day.facets.place_of, day.facets.size
    is_in = flags(fits, nobody + 1)
    return [key for key, pledge in entries if is_in[place_of.get(pledge, nobody)]]
