"""The record counted in rows: for the council by pillar or body, for managers by who has work."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tracker.models import Body, Pillar, Pledge
from tracker.models.pledge_queryset import PledgeQuerySet
from tracker.queries.summary import Summary, Tally
from tracker.queries.words import Words
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of
from tracker.vocabulary import Flag, ReminderKind

CHUNK = 500


@dataclass(frozen=True)
class Part:
    """One row of a summary. Its `kind` is `pillar` or `body`, with the row in `group`; else it
    says which pledges it counts: `several`, `none` or `total`.

    Each pledge is in just one part beside the total, and so the parts add up to it. A body's part
    has the pledges that it alone leads; how many it leads with others is `jointly`.
    """

    kind: str
    group: Pillar | Body | None
    summary: Summary
    jointly: int | None = None


@dataclass
class Workload:
    """What one body has on its hands; `body` is None for the pledges that have none."""

    body: Body | None
    leads: int = 0
    supports: int = 0
    late: int = 0
    stale: int = 0
    no_evidence: int = 0
    drafts: int = 0
    returned: int = 0
    waiting: int = 0
    waiting_since: date | None = None


def keys_of(gathered: str | None) -> list[int]:
    """The keys that `PledgeQuerySet.with_groups` gathered."""
    return [int(key) for key in gathered.split(",")] if gathered else []


def by_group(pledges: PledgeQuerySet, by: str, asof: AsOf) -> list[Part]:
    """The summary of `pledges` (from `seen`) by pillar or by body, in parts that add up.

    With `known_on` both are those that a pledge then had, in the words of that day.
    """
    known_on = None if asof.is_now else asof.known_on
    words = Words(known_on)
    rows = pledges.with_groups() if by == "body" else pledges
    read: Iterable[Pledge] = rows.in_file_order().iterator(chunk_size=CHUNK)
    if known_on:
        read = words.pledges(read) if by == "body" else words.of_pledges(read, lambda row: row)
    return _by_body(read, asof, words) if by == "body" else _by_pillar(read, asof, words)


def _by_pillar(pledges: Iterable[Pledge], asof: AsOf, words: Words) -> list[Part]:
    tallies, total = _tallies(pledges, asof, lambda pledge: pledge.pillar_id)
    ordered = sorted(
        (pillar for pk, pillar in words.pillars.items() if pk in tallies),
        key=lambda pillar: (pillar.programme.announced_on, pillar.programme.slug, pillar.order),
    )
    parts = [Part("pillar", pillar, tallies[pillar.pk].summary()) for pillar in ordered]
    if None in tallies:
        parts.append(Part("none", None, tallies[None].summary()))
    return [*parts, Part("total", None, total.summary())]


def _by_body(pledges: Iterable[Pledge], asof: AsOf, words: Words) -> list[Part]:
    jointly: defaultdict[int, int] = defaultdict(int)

    def place(pledge: Pledge) -> int | str:
        leads = keys_of(pledge.lead_keys)
        if len(leads) == 1:
            return leads[0]
        for key in leads:
            jointly[key] += 1
        return "several" if leads else "none"

    tallies, total = _tallies(pledges, asof, place)
    bodies = sorted(words.bodies.values(), key=lambda body: body.slug)
    parts = [
        Part("body", body, tallies[body.pk].summary(), jointly[body.pk])
        for body in bodies
        if body.pk in tallies or body.pk in jointly
    ]
    parts += [
        Part(kind, None, tallies[kind].summary()) for kind in ("several", "none") if kind in tallies
    ]
    return [*parts, Part("total", None, total.summary())]


def _tallies(
    pledges: Iterable[Pledge], asof: AsOf, place: Callable[[Pledge], Any]
) -> tuple[defaultdict[Any, Tally], Tally]:
    tallies: defaultdict[Any, Tally] = defaultdict(lambda: Tally(asof.day))
    total = Tally(asof.day)
    for pledge in pledges:
        tallies[place(pledge)].count(pledge)
        total.count(pledge)
    return tallies, total


def workload(pledges: PledgeQuerySet, on: date) -> list[Workload]:
    """What each body has to do for `pledges` (from `as_staff_see`) that it leads or supports.

    A pledge counts for each of its bodies, and so the rows do not add up.
    """
    bodies = {body.pk: Workload(body) for body in Body.objects.all()}
    nobody = Workload(None)
    for pledge in pledges.with_groups().in_file_order().iterator(chunk_size=CHUNK):
        leads, supports = keys_of(pledge.lead_keys), keys_of(pledge.supporter_keys)
        for key in leads:
            bodies[key].leads += 1
        for key in supports:
            bodies[key].supports += 1
        for load in [bodies[key] for key in (*leads, *supports)] or [nobody]:
            _add(load, pledge, on)
    ordered = sorted(bodies.values(), key=lambda load: load.body.slug if load.body else "")
    busy = [load for load in ordered if load.leads or load.supports]
    return [*busy, nobody] if nobody != Workload(None) else busy


def _add(load: Workload, pledge: Pledge, on: date) -> None:
    flags = pledge.flags(on) if pledge.is_public else []
    load.late += Flag.LATE in flags
    load.stale += Flag.STALE in flags
    load.no_evidence += Flag.NO_EVIDENCE in flags
    load.drafts += pledge.drafts
    load.returned += pledge.returned
    load.waiting += pledge.waiting
    if pledge.waiting_since:
        since = day_of(pledge.waiting_since)
        load.waiting_since = min(since, load.waiting_since or since)


def named(rows: Mapping[int, Any], gathered: str | None) -> list[Any]:
    """Those of `rows`, bodies or sectors by their key, that were gathered, in order of slug."""
    return sorted((rows[key] for key in keys_of(gathered)), key=lambda row: row.slug)


@dataclass(frozen=True)
class Need:
    """A pledge that needs someone: each reason with the day since when it holds."""

    pledge: Pledge
    since: dict[Flag | ReminderKind, date]


def needs(pledges: PledgeQuerySet, on: date, stale_after_days: int) -> Iterator[Need]:
    """Those of `pledges` (from `as_staff_see`) that need someone on day `on`, one by one."""
    for pledge in pledges.iterator(chunk_size=CHUNK):
        since: dict[Flag | ReminderKind, date] = {}
        # Flags are what readers see, and so they are of public pledges only.
        flags = pledge.flags(on) if pledge.is_public else []
        if Flag.LATE in flags and pledge.due_on:
            since[Flag.LATE] = pledge.due_on + timedelta(days=1)
        if Flag.STALE in flags:
            since[Flag.STALE] = pledge.last_entry_on + timedelta(days=stale_after_days + 1)
        if pledge.waiting_since:
            since[ReminderKind.REVIEW] = day_of(pledge.waiting_since)
        if Flag.NO_EVIDENCE in flags:
            since[Flag.NO_EVIDENCE] = pledge.last_entry_on
        if since:
            yield Need(pledge, since)
