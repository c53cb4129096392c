"""The words of past days, from a copy into the history that reports for those days read."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

from django.apps import apps
from django.db.models import Model

from tracker.models import Pledge, Responsibility
from tracker.rules.dates import SHANGHAI

_SECTORS: Any = apps.get_model("tracker", "HistoricalPledge_sectors")
BEGUN, SAVED, GONE = "+", "~", "-"


def at_noon(day: date) -> datetime:
    """A moment of a day: a copy tells of days only."""
    return datetime.combine(day, time(12), SHANGHAI)


def remember(row: Model, key: int, states: Iterable[tuple[date, dict[str, Any] | None]]) -> None:
    """What `row` said on past days, by column; `key` is its own, or that of one that is gone."""
    history: Any = type(row).history  # type: ignore[attr-defined]
    said = _columns(row, history.model) | {row._meta.pk.attname: key}
    saves: list[Any] = []
    for day, values in states:
        kind = GONE if values is None else SAVED if saves else BEGUN
        said = said | (values or {})
        saves.append(history.model(**said, history_date=at_noon(day), history_type=kind))
    history.bulk_create(saves)


def remember_pledge(
    pledge: Pledge,
    states: Iterable[tuple[date, dict[str, Any], list[int], list[dict[str, Any]]]],
    free: Iterator[int],
) -> None:
    """What a pledge said on past days, with the keys of its sectors and with its responsibilities.

    A responsibility of the past has a key from `free`, those of now their own.
    """
    history: Any = Pledge.history
    said = _columns(pledge, history.model)
    keys = {one.body_id: one.pk for one in pledge.responsibilities.all()}
    known: dict[int, dict[str, Any]] = {}
    is_begun = False
    for day, values, sectors, named in states:
        said = said | values
        saved = history.model(
            **said, history_date=at_noon(day), history_type=SAVED if is_begun else BEGUN
        )
        saved.save()
        is_begun = True
        _SECTORS.objects.bulk_create(
            # Whose row of the present it was is asked by nobody.
            _SECTORS(id=next(free), history=saved, pledge_id=pledge.pk, sector_id=sector)
            for sector in sectors
        )
        now = {one["body_id"]: one for one in named}
        for body in [*now, *(body for body in known if body not in now)]:
            if now.get(body) == known.get(body):
                continue
            if body not in keys:
                keys[body] = next(free)
            _responsibility(pledge, keys[body], day, now.get(body), known.get(body))
        known = now


def _responsibility(
    pledge: Pledge,
    key: int,
    day: date,
    now: dict[str, Any] | None,
    before: dict[str, Any] | None,
) -> None:
    history: Any = Responsibility.history
    kind = GONE if now is None else SAVED if before else BEGUN
    history.model(
        **(now or before or {}),
        id=key,
        pledge_id=pledge.pk,
        history_date=at_noon(day),
        history_type=kind,
    ).save()


def _columns(row: Model, of: type[Model]) -> dict[str, Any]:
    """What a row says, by those columns that its history has too."""
    there = {field.attname for field in of._meta.concrete_fields}
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname in there
    }
