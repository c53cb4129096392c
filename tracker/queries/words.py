"""The record's words as they were known on a day: titles, names, and who is responsible for what.

Statuses are dated by the record itself. Words may be mended at any time, and so a file for a past
day takes them from the history that is kept of each save.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cached_property
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, TypeVar

from django.apps import apps
from django.db.models import Model, OuterRef, QuerySet, Subquery

from tracker.models import (
    Body,
    Indicator,
    Measurement,
    Milestone,
    Pillar,
    Pledge,
    Programme,
    Responsibility,
    Sector,
)
from tracker.rules.dates import end_of_day
from tracker.vocabulary import Role

Row = TypeVar("Row", bound=Model)
Some = TypeVar("Some")
CHUNK = 500

#: The library's own table of which sectors a pledge had at each save.
SECTORS_AT_SAVES: Any = apps.get_model("tracker", "HistoricalPledge_sectors")


def _mendable(model: type[Model], *others: str) -> tuple[str, ...]:
    """What may be mended of a row of the record: its texts in both languages, and `others`."""
    return tuple(
        field.attname
        for field in model._meta.concrete_fields
        if field.name.endswith(("_en", "_zh")) or field.name in others
    )


#: What may change of a public pledge and of its milestones. The rest the database keeps as it was.
_OF_PLEDGES = _mendable(Pledge, "slug", "programme", "pillar", "wording_language")
_OF_MILESTONES = _mendable(Milestone, "order", "original_due_precision")


def last_saves(model: Any, known_on: date | None) -> QuerySet:
    """Of the history of `model`, the last save of each row by the end of `known_on`.

    Rows that were deleted by then are left out; without that day there are none.
    """
    history = model.history
    if known_on is None:
        return history.none()
    saves = history.filter(history_date__lt=end_of_day(known_on))
    own = saves.filter(id=OuterRef("id")).order_by("-history_date", "-history_id")
    latest = Subquery(own.values("history_id")[:1])
    return saves.filter(history_id=latest).exclude(history_type="-")


class Words:
    """Rows as they were last saved by the end of `known_on`; as they are now without that day.

    What pledges refer to is little and is read once. The rest is read piece by piece, in a fixed
    number of queries for each `CHUNK` of rows.
    """

    def __init__(self, known_on: date | None = None) -> None:
        self.known_on = known_on

    def rows(self, model: type[Row]) -> dict[Any, Row]:
        """By their keys, the rows of a small table. One of which no save is known that early has
        the words of today."""
        now = model._default_manager.in_bulk()
        return now | {key: saved.instance for key, saved in self._saved(model).items()}

    def _saved(self, model: type[Model], **which: Any) -> dict[Any, Any]:
        """What `which` picks of the history, the last save of each row; deleted ones left out."""
        if self.known_on is None:
            return {}
        end = end_of_day(self.known_on)
        key = model._meta.pk.attname
        history = model.history.filter(history_date__lt=end, **which)  # type: ignore[attr-defined]
        in_order = history.order_by("history_date", "history_id")
        last = {getattr(saved, key): saved for saved in in_order.iterator(chunk_size=CHUNK)}
        return {key: saved for key, saved in last.items() if saved.history_type != "-"}

    @cached_property
    def programmes(self) -> dict[int, Programme]:
        return self.rows(Programme)

    @cached_property
    def pillars(self) -> dict[int, Pillar]:
        """Each with its programme."""
        pillars = self.rows(Pillar)
        for pillar in pillars.values():
            pillar.programme = self.programmes[pillar.programme_id]
        return pillars

    @cached_property
    def sectors(self) -> dict[int, Sector]:
        return self.rows(Sector)

    @cached_property
    def bodies(self) -> dict[int, Body]:
        return self.rows(Body)

    def pledges(self, pledges: Iterable[Pledge]) -> Iterator[Pledge]:
        """`pledges` with the words, the sectors and the bodies that they then had."""
        if self.known_on is None:
            yield from pledges
            return
        for chunk in self._chunks(pledges):
            keys = {pledge.pk for pledge in chunk}
            saved = self._saved(Pledge, id__in=keys)
            sectors = self._sectors_of(saved)
            responsibilities = self._responsibilities_of(keys)
            for pledge in chunk:
                if pledge.pk in saved:
                    self._put_back(pledge, saved[pledge.pk])
                    _group(pledge, sectors[pledge.pk], responsibilities[pledge.pk])
            yield from chunk

    def of_pledges(
        self, rows: Iterable[Some], pledge_of: Callable[[Some], Pledge]
    ) -> Iterator[Some]:
        """`rows` whose pledges have the words that they then had."""
        for chunk in self._chunks(rows):
            pledges = [pledge_of(row) for row in chunk]
            saved = self._saved(Pledge, id__in={pledge.pk for pledge in pledges})
            for pledge in pledges:
                if pledge.pk in saved:
                    _set_back(pledge, saved[pledge.pk], _OF_PLEDGES)
            yield from chunk

    def milestones(self, milestones: Iterable[Milestone]) -> Iterator[Milestone]:
        """`milestones`, pledge by pledge, with the words and in the order that they then had."""
        for _pledge, own in groupby(self._milestones(milestones), key=attrgetter("pledge_id")):
            yield from sorted(own, key=lambda milestone: (milestone.order, milestone.uid.hex))

    def _milestones(self, milestones: Iterable[Milestone]) -> Iterator[Milestone]:
        for chunk in self._chunks(milestones):
            saved = self._saved(Milestone, id__in={milestone.pk for milestone in chunk})
            for milestone in chunk:
                if milestone.pk in saved:
                    _set_back(milestone, saved[milestone.pk], _OF_MILESTONES)
            yield from chunk

    def measurements(self, measurements: Iterable[Measurement]) -> Iterator[Measurement]:
        """`measurements` with what their indicators then were, in the order of their codes.

        They are held in memory: values of a year are few.
        """
        found = list(measurements)
        indicators = self.rows(Indicator)
        about = Pledge.objects.in_bulk({i.pledge_id for i in indicators.values() if i.pledge_id})
        for indicator in indicators.values():
            indicator.programme = self.programmes[indicator.programme_id]
            if indicator.pledge_id:
                indicator.pledge = about[indicator.pledge_id]
        for measurement in found:
            measurement.indicator = indicators[measurement.indicator_id]
        found.sort(key=lambda row: (row.indicator.code.encode(), row.measured_on))
        return iter(found)

    def _chunks(self, rows: Iterable[Some]) -> Iterator[list[Some]]:
        waiting = iter(rows)
        while chunk := list(islice(waiting, CHUNK)):
            yield chunk

    def _put_back(self, pledge: Pledge, saved: Any) -> None:
        _set_back(pledge, saved, _OF_PLEDGES)
        pledge.programme = self.programmes[pledge.programme_id]
        pledge.pillar = self.pillars[pledge.pillar_id] if pledge.pillar_id else None

    def _sectors_of(self, saved: dict[int, Any]) -> dict[int, list[Sector]]:
        found: dict[int, list[Sector]] = defaultdict(list)
        of = {row.history_id: key for key, row in saved.items()}
        for row in SECTORS_AT_SAVES.objects.filter(history__in=of):
            if row.sector_id in self.sectors:
                found[of[row.history_id]].append(self.sectors[row.sector_id])
        for sectors in found.values():
            sectors.sort(key=lambda sector: sector.slug)
        return found

    def _responsibilities_of(self, keys: Iterable[int]) -> dict[int, list[Responsibility]]:
        found: dict[int, list[Responsibility]] = defaultdict(list)
        for saved in self._saved(Responsibility, pledge_id__in=keys).values():
            responsibility = saved.instance
            if responsibility.body_id in self.bodies:
                responsibility.body = self.bodies[responsibility.body_id]
                found[responsibility.pledge_id].append(responsibility)
        for named in found.values():
            named.sort(key=lambda r: (r.role, r.body.slug))
        return found


def _set_back(row: Model, saved: Any, names: Iterable[str]) -> None:
    for name in names:
        setattr(row, name, getattr(saved, name))


def _group(pledge: Pledge, sectors: list[Sector], named: list[Responsibility]) -> None:
    """Gives a pledge its sectors and bodies, as prefetched and as `with_groups` gathers them."""
    pledge._prefetched_objects_cache = {  # type: ignore[attr-defined]
        "sectors": sectors,
        "responsibilities": named,
    }
    pledge.sector_keys = _gathered(sector.pk for sector in sectors)
    pledge.lead_keys = _gathered(r.body_id for r in named if r.role == Role.LEAD)
    pledge.supporter_keys = _gathered(r.body_id for r in named if r.role == Role.SUPPORT)


def _gathered(keys: Iterable[int]) -> str:
    return ",".join(map(str, keys))
