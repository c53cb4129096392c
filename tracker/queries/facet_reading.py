"""How the sets of the public pledges are read: all, those of a past day, what was touched."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from tracker.models import (
    Evidence,
    MilestoneChange,
    Pledge,
    Standing,
    Touch,
    Update,
)
from tracker.queries.belonging import Belonging
from tracker.queries.facet_sets import NEVER, STEADY, Columns, Facets
from tracker.rules.asof import AsOf
from tracker.rules.bits import packed
from tracker.rules.grams import folded
from tracker.rules.progress import Progress, progress
from tracker.vocabulary import MilestoneState, Status

#: Where more pledges were touched than this, all are read anew.
MANY = 500

#: The groups of which a pledge may belong to several.
_SEVERAL = ("sector", "body")

Row = tuple[Any, ...]


def text(name: str) -> Cast:
    """A column as a text."""
    return Cast(name, CharField())


class Parser:
    """What texts and figures of rows mean. There are few of each: every one is made once."""

    def __init__(self) -> None:
        self._days: dict[str | None, int] = {None: NEVER}
        self._figures: dict[tuple, Progress] = {}

    def day(self, written: str | None) -> int:
        """A day as a number."""
        number = self._days.get(written)
        if number is None:
            number = self._days[written] = date.fromisoformat(str(written)).toordinal()
        return number

    def figure(self, done: int, total: int, reported: int | None) -> Progress:
        """The progress that milestones, or else a reported figure, state."""
        stated = (done, total, None if total else reported)
        if stated not in self._figures:
            self._figures[stated] = progress(
                milestones_done=done, milestones_total=total, reported=reported
            )
        return self._figures[stated]


def _rows(pledges: QuerySet) -> Iterable[Row]:
    """What is read of each pledge. Days come as texts: making dates of them is half the work."""

    return pledges.values_list(
        "pk",
        "code",
        "programme_id",
        "pillar_id",
        "status",
        "entry_id",
        "reported_progress",
        "milestones_done",
        "milestones_total",
        text("announced_on"),
        text("due_on"),
        text("last_entry_on"),
        "title_en",
        "title_zh",
    ).iterator(chunk_size=5000)


class _Builder(Parser):
    """Collects rows into columns and sets, each row at the next place or at one that is named."""

    def __init__(self) -> None:
        super().__init__()
        self.members: dict[str, dict[Any, list[int]]] = defaultdict(lambda: defaultdict(list))

    def take(self, place: int, row: Row) -> tuple[int, int, int, int, int]:
        """Puts a row into the sets it belongs to; gives what the columns hold of it."""
        key, _code, programme, pillar, status, entry, reported, done, total, *rest = row
        announced, due, updated, *titles = rest
        members = self.members
        members["programme"][programme].append(place)
        if pillar is not None:
            members["pillar"][pillar].append(place)
        members["status"][status].append(place)
        if entry is not None:
            members["entered"][True].append(place)
        if due is not None:
            members["dated"][True].append(place)
        members["progress"][self.figure(done, total, reported)].append(place)
        return key, self.day(announced), self.day(due), self.day(updated), hash(tuple(titles))

    def relate(self, name: str, pairs: Iterable[tuple[int, Any]], place_of: Mapping) -> None:
        members = self.members[name]
        for key, value in pairs:
            place = place_of.get(key)
            if place is not None:
                members[value].append(place)

    def sets(self, size: int) -> dict[str, dict[Any, int]]:
        names = ("programme", "pillar", "sector", "body", "status", "entered", "dated")
        return {
            name: {value: packed(own, size) for value, own in self.members[name].items()}
            for name in (*names, "progress", "evidence")
        }


def _cited(standings: QuerySet) -> Iterable[tuple[int, bool]]:
    """Those whose status rests on an entry with evidence."""
    cited = standings.filter(entry__evidence__isnull=False).distinct()
    return ((key, True) for key in cited.values_list("pk", flat=True).iterator(chunk_size=5000))


def _then_rows(asof: AsOf, belonging: Belonging) -> tuple[list[Row], list[tuple[int, bool]]]:
    """What `_rows` and `_cited` give, of a past day: the record read once, the last entry wins.

    `PledgeQuerySet.as_of` says the same pledge by pledge, which takes long for all of them.
    """
    entries = Update.objects.seen(asof).in_effect(asof.day, asof.known_on)
    latest: dict[int, tuple] = {}
    figures: dict[int, int] = {}
    dues: dict[int, str | None] = {}
    steps: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for key, pk, status, on, figure, due, precision in (
        entries.order_by("effective_on", "sequence")
        .values_list(
            *("pledge_id", "pk", "status"),
            text("effective_on"),
            "reported_progress",
            text("due_on"),
            "due_precision",
        )
        .iterator(chunk_size=5000)
    ):
        latest[key] = (pk, status, on)
        if figure is not None:
            figures[key] = figure
        if precision:
            dues[key] = due
    states: dict[tuple[int, int], str] = {}
    changes = MilestoneChange.objects.filter(update__in=entries.order_by().values("pk"))
    changes = changes.order_by("update__effective_on", "update__sequence")
    told = changes.values_list("milestone__pledge_id", "milestone_id", "state")
    for key, milestone, state in told.iterator(chunk_size=5000):
        states[key, milestone] = state
    for (key, _milestone), state in states.items():
        steps[key][0] += state == MilestoneState.DONE
        steps[key][1] += state in (MilestoneState.OPEN, MilestoneState.DONE)
    evidence = Evidence.objects.order_by().values_list("update_id", flat=True)
    with_evidence = set(evidence.iterator(chunk_size=5000))
    rows, cited = [], []
    pledges = Pledge.objects.published(asof.known_on).announced_by(asof.day).order_by("code")
    names = ("code", "programme_id", "pillar_id", "announced", "due", "title_en", "title_zh")
    days = pledges.annotate(announced=text("announced_on"), due=text("original_due_on"))
    for row in belonging.of_pledges(days, *names):
        key, code, programme, pillar, announced, due, *titles = row
        entry, status, on = latest.get(key, (None, Status.NOT_RATED.value, announced))
        done, total = steps.get(key, (0, 0))
        figure, due_then = figures.get(key), dues.get(key, due)
        standing = (status, entry, figure, done, total, announced, due_then, on)
        rows.append((key, code, programme, pillar, *standing, *titles))
        if entry in with_evidence:
            cited.append((key, True))
    return rows, cited


def read(edition: int, asof: AsOf | None = None) -> Facets:
    """All of them, from the stored standings; `asof` a past day, from the record."""
    belonging = Belonging(asof.known_on if asof else None)
    if asof is None:
        rows: Iterable[Row] = _rows(Pledge.objects.published().as_of().order_by("code"))
        cited = _cited(Standing.objects.all())
    else:
        rows, cited = _then_rows(asof, belonging)
    builder, taken, codes = _Builder(), [], []
    for place, row in enumerate(rows):
        taken.append(builder.take(place, row))
        codes.append(f"\n{row[1]}")
    columns = Columns(
        *(array("q", column) for column in (zip(*taken, strict=True) if taken else [()] * 5))
    )
    found = Facets(edition, columns, {}, belonging=belonging, codes=folded("".join(codes)))
    for name in _SEVERAL:
        builder.relate(name, belonging.pairs(name), found.place_of)
    builder.relate("evidence", cited, found.place_of)
    found.sets = builder.sets(found.size)
    return found


def moved(kept: Facets, edition: int) -> Facets:
    """The next edition: what it touched is read again, the names of groups with it."""
    keys = list(Touch.objects.since(kept.edition).values_list("pk", flat=True)[: MANY + 1])
    own = [key for key in keys if key in kept.place_of]
    rows = list(_rows(Pledge.objects.filter(pk__in=own).published().as_of()))
    public = Pledge.objects.filter(pk__in=keys).published().count() if len(keys) <= MANY else -1
    if not len(own) == len(rows) == public:
        # Others came or went, or a great many moved.
        return read(edition)
    builder, columns = _Builder(), replace(kept.columns)
    names = ("announced", "due", "updated", "titles")
    fresh = {name: array("q", getattr(columns, name)) for name in names}
    for row in rows:
        place = kept.place_of[row[0]]
        _key, *values = builder.take(place, row)
        for name, value in zip(names, values, strict=True):
            fresh[name][place] = value
    among = Pledge.objects.filter(pk__in=own)
    for name in _SEVERAL:
        builder.relate(name, Belonging().pairs(name, among), kept.place_of)
    builder.relate("evidence", _cited(Standing.objects.filter(pk__in=own)), kept.place_of)
    elsewhere = ~packed((kept.place_of[key] for key in own), kept.size)
    moved = builder.sets(kept.size)
    sets = {
        name: {
            value: (kept.sets[name].get(value, 0) & elsewhere) | moved[name].get(value, 0)
            for value in {**kept.sets[name], **moved[name]}
        }
        for name in kept.sets
    }
    depends = {"due": "due", "-due": "due", "updated": "updated", "-updated": "updated"}
    depends |= {"title_en": "titles", "title_zh": "titles"}
    orders = {
        name: order
        for name, order in kept._orders.items()
        if name not in depends or fresh[depends[name]] == getattr(columns, depends[name])
    }
    found = Facets(
        edition,
        replace(columns, **fresh),
        sets,
        orders=orders,
        since=kept.since,
        touched={**kept.touched, **dict.fromkeys(own, edition)},
        codes=kept.codes,
    )
    found.__dict__.update({name: kept.__dict__[name] for name in STEADY if name in kept.__dict__})
    if kept.has_log:
        found.__dict__["log"] = kept.log.followed(kept.place_of)
    if "entries" in kept.__dict__:
        counted = kept.entries[:]
        for place in found.log.places[len(kept.log) :]:
            if place < kept.size:
                counted[place] += 1
        found.__dict__["entries"] = counted
    return found
