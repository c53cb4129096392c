"""The newest entries of the record, page by page, at the same cost however long it has grown."""

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
        facets = self.day.facets
        is_shown = flags(self.fits, facets.size + 1)
        last = Update.objects.filter(sequence__isnull=False).order_by("-sequence")
        found = [
            key
            for key, pledge in last.values_list("pk", "pledge_id")[:LAST]
            if is_shown[facets.place_of.get(pledge, facets.size)]
        ]
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
    place_of, nobody = day.facets.place_of, day.facets.size
    is_seen = flags(day.seen, nobody + 1)
    return [key for key, pledge in day.facets.corrections if is_seen[place_of.get(pledge, nobody)]]
