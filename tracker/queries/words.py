"""The record's words as they were known on a day: titles, names, and who is responsible for what.

Statuses are dated by the record itself. Words may be mended at any time, and so a file for a past
day takes them from the history that is kept of each save.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from django.apps import apps
from django.db.models import Model

from tracker.models import Body, Pillar, Pledge, Programme, Responsibility, Sector
from tracker.rules.dates import end_of_day

Row = TypeVar("Row", bound=Model)
CHUNK = 500

#: The library's own table of which sectors a pledge had at each save.
_SECTORS: Any = apps.get_model("tracker", "HistoricalPledge_sectors")

#: What may change of a public pledge. The rest of it the database keeps as it was.
_OF_PLEDGES = tuple(
    field.attname
    for field in Pledge._meta.concrete_fields
    if field.name.endswith(("_en", "_zh")) or field.name in {"slug", "programme", "pillar"}
)


class Words:
    """Rows as they were last saved by the end of `known_on`, in a fixed number of queries."""

    def __init__(self, known_on: date) -> None:
        self.known_on = known_on

    def rows(self, model: type[Row], **which: Any) -> dict[Any, Row]:
        """By their keys, the rows of `model` that `which` picks. Deleted ones are left out."""
        return {key: saved.instance for key, saved in self._saved(model, **which).items()}

    def _saved(self, model: type[Model], **which: Any) -> dict[Any, Any]:
        end = end_of_day(self.known_on)
        key = model._meta.pk.attname
        history = model.history.filter(history_date__lt=end, **which)  # type: ignore[attr-defined]
        in_order = history.order_by("history_date", "history_id")
        last = {getattr(saved, key): saved for saved in in_order.iterator(chunk_size=CHUNK)}
        return {key: saved for key, saved in last.items() if saved.history_type != "-"}

    # What pledges refer to is little, and is read once.

    @cached_property
    def programmes(self) -> dict[int, Programme]:
        return self.rows(Programme)

    @cached_property
    def pillars(self) -> dict[int, Pillar]:
        return self.rows(Pillar)

    @cached_property
    def sectors(self) -> dict[int, Sector]:
        return self.rows(Sector)

    @cached_property
    def bodies(self) -> dict[int, Body]:
        return self.rows(Body)

    def pledges(self, pledges: Iterable[Pledge]) -> Iterator[Pledge]:
        """`pledges` with the words, the sectors and the bodies that they then had."""
        waiting = iter(pledges)
        while chunk := list(islice(waiting, CHUNK)):
            keys = [pledge.pk for pledge in chunk]
            saved = self._saved(Pledge, id__in=keys)
            sectors = self._sectors_of(saved)
            responsibilities = self._responsibilities_of(keys)
            for pledge in chunk:
                if pledge.pk in saved:
                    self._put_back(pledge, saved[pledge.pk])
                    pledge._prefetched_objects_cache = {  # type: ignore[attr-defined]
                        "sectors": sectors[pledge.pk],
                        "responsibilities": responsibilities[pledge.pk],
                    }
                yield pledge

    def _put_back(self, pledge: Pledge, saved: Any) -> None:
        for name in _OF_PLEDGES:
            setattr(pledge, name, getattr(saved, name))
        pledge.programme = self.programmes.get(pledge.programme_id, pledge.programme)
        if pledge.pillar_id:
            pledge.pillar = self.pillars.get(pledge.pillar_id, pledge.pillar)

    def _sectors_of(self, saved: dict[int, Any]) -> dict[int, list[Sector]]:
        found: dict[int, list[Sector]] = defaultdict(list)
        of = {row.history_id: key for key, row in saved.items()}
        for row in _SECTORS.objects.filter(history__in=of):
            if row.sector_id in self.sectors:
                found[of[row.history_id]].append(self.sectors[row.sector_id])
        for sectors in found.values():
            sectors.sort(key=lambda sector: sector.slug)
        return found

    def _responsibilities_of(self, keys: list[int]) -> dict[int, list[Responsibility]]:
        found: dict[int, list[Responsibility]] = defaultdict(list)
        for responsibility in self.rows(Responsibility, pledge_id__in=keys).values():
            if responsibility.body_id in self.bodies:
                responsibility.body = self.bodies[responsibility.body_id]
                found[responsibility.pledge_id].append(responsibility)
        for named in found.values():
            named.sort(key=lambda r: (r.role, r.body.slug))
        return found
