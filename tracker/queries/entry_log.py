"""Which entry is of which pledge, in the order of publication; kept beside the pledges' sets."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import compress, islice

from tracker.models import Update
from tracker.rules.bits import flags


@dataclass(frozen=True)
class EntryLog:
    """The entries of the record, the first published first: twelve bytes each.

    `places` holds the place of each one's pledge; the place after the last where it is not public.
    """

    keys: array = field(default_factory=lambda: array("q"))
    places: array = field(default_factory=lambda: array("I"))
    #: The number of the last one.
    end: int = 0

    def __len__(self) -> int:
        return len(self.keys)

    def followed(self, place_of: Mapping[int, int]) -> "EntryLog":
        """The log with what was published since."""
        keys, places, end = self.keys[:], self.places[:], self.end
        nobody = len(place_of)
        entries = Update.objects.filter(sequence__gt=end).order_by("sequence")
        rows = entries.values_list("pk", "pledge_id", "sequence").iterator(chunk_size=5000)
        for key, pledge, number in rows:
            keys.append(key)
            places.append(place_of.get(pledge, nobody))
            end = number or end
        return EntryLog(keys, places, end)

    def newest(self, fits: int, size: int, start: int, stop: int) -> list[int]:
        """The keys of the entries of a set of pledges, of `size` in all, from the `start`th newest
        up to the `stop`th."""
        is_shown = flags(fits, size + 1)
        shown = compress(reversed(self.keys), map(is_shown.__getitem__, reversed(self.places)))
        return list(islice(shown, start, stop))
