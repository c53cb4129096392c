"""The public pledges as sets, kept in the process: how many fit what is asked for, and which.

A list with its filters asks some eighty times "how many". Each answer is an intersection of sets
of places (`rules.bits`), in microseconds at 100,000 pledges. The sets are made of the stored
standings, kept under the edition of the record that was read before, and read again for the
pledges that a later edition touched. `Pledge.objects.seen` and the filters of `forms.pledges` say
the same in the database's words; `tests/queries/test_facets.py` holds the two equal.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, reduce
from operator import or_
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.models import CharField, Count, QuerySet
from django.db.models.functions import Cast

from tracker.models import (
    Body,
    Edition,
    Evidence,
    MilestoneChange,
    Pillar,
    Pledge,
    Programme,
    Responsibility,
    Sector,
    Standing,
    Touch,
    Update,
)
from tracker.models.update import UpdateQuerySet
from tracker.queries.summary import FlagCount, Freshness, StatusCount, Summary
from tracker.rules.asof import AsOf
from tracker.rules.bits import Order, packed, places
from tracker.rules.progress import Progress, progress, roll_up_counted
from tracker.vocabulary import Flag, MilestoneState, Status

#: Where more pledges were touched than this, all are read anew.
MANY = 500
#: So many past days are kept at a time; each is as large as today.
DAYS = 8
#: No day: before every other, as a number.
NEVER = 0


@dataclass(frozen=True)
class Wanted:
    """What a reader asks for, in the words of an address. `found` are the keys of the pledges
    that a search found, None where nothing is searched for."""

    programme: str = ""
    pillar: str = ""
    sector: str = ""
    body: str = ""
    status: tuple[str, ...] = ()
    flag: tuple[str, ...] = ()
    due_after: date | None = None
    due_before: date | None = None
    found: frozenset[int] | None = None


#: The filters with one choice, and the groups that they choose from.
GROUPS: dict[str, type[Programme] | type[Pillar] | type[Sector] | type[Body]] = {
    "programme": Programme,
    "pillar": Pillar,
    "sector": Sector,
    "body": Body,
}


@dataclass(frozen=True)
class Columns:
    """What is known of each place, an array each. Days are numbers, `NEVER` where there is none."""

    keys: array
    announced: array
    due: array
    updated: array
    #: A number for the titles of a pledge that differs when one of them does.
    titles: array


class Facets:
    """The public pledges of one edition, each at a place of its own, in the order of their codes.

    It never changes once it is made, so that threads share it.
    """

    def __init__(
        self,
        edition: int,
        columns: Columns,
        sets: Mapping[str, Mapping[Any, int]],
        *,
        orders: Mapping[str, Order] | None = None,
        since: int | None = None,
        touched: Mapping[int, int] | None = None,
    ) -> None:
        self.edition = edition
        #: The edition in which all were read, and those in which some were read again.
        self.since = edition if since is None else since
        self.columns = columns
        self.sets = sets
        self.size = len(columns.keys)
        self.all = (1 << self.size) - 1
        self.touched = touched or {}
        self._orders = dict(orders or {})
        self._days: dict[date, Day] = {}
        self._groups: dict[str, list[Any]] = {}

    def groups(self, name: str) -> list[Any]:
        """The groups that a public pledge belongs to, each with its `pledge_count`."""
        if name not in self._groups:
            self._groups[name] = self._read_groups(name)
        return self._groups[name]

    def _read_groups(self, name: str) -> list[Any]:
        groups: Any = GROUPS[name].objects.all()
        if name == "pillar":
            groups = groups.select_related("programme")
        found = []
        for group in groups:
            group.pledge_count = self.sets[name].get(group.pk, 0).bit_count()
            if group.pledge_count:
                found.append(group)
        return found

    @cached_property
    def place_of(self) -> dict[int, int]:
        return {key: place for place, key in enumerate(self.columns.keys)}

    @cached_property
    def entries(self) -> array:
        """How many entries the record of each now has: counted when it is first asked for."""
        counted = _entries(Update.objects.all())
        return array("I", (counted.get(key, 0) for key in self.columns.keys))

    @cached_property
    def corrections(self) -> list[tuple[int, int]]:
        """The entries that correct another, the last published first, each with its pledge."""
        found = Update.objects.filter(corrects__isnull=False, sequence__isnull=False)
        return list(found.order_by("-sequence").values_list("pk", "pledge_id"))

    @cached_property
    def final(self) -> int:
        return reduce(or_, (self.sets["status"].get(status, 0) for status in Status.final()), 0)

    def set_of(self, name: str, value: str) -> int:
        """The pledges that one choice of a filter gives, by the value that addresses have for it.

        Two programmes may have a pillar of the same number: both are meant.
        """
        if name == "status":
            return self.sets["status"].get(value, 0)
        key = "order" if name == "pillar" else "slug"
        chosen = (group.pk for group in self.groups(name) if str(getattr(group, key)) == value)
        return reduce(or_, (self.sets[name][pk] for pk in chosen), 0)

    def order(self, name: str) -> Order:
        """The order of that name; made when it is first asked for."""
        if name not in self._orders:
            self._orders[name] = _ORDERS[name](self)
        return self._orders[name]

    def on(self, asof: AsOf) -> "Day":
        """The pledges as of the day asked about."""
        if asof.day not in self._days:
            if len(self._days) > DAYS:
                self._days.clear()
            self._days[asof.day] = Day(self, asof.day)
        return self._days[asof.day]

    def moved_in(self, key: int) -> int:
        """An edition since which the pledge `key` has not moved."""
        return self.touched.get(key, self.since)


class Day:
    """`Facets` on a day: which pledges a reader sees, which flags apply, and what fits."""

    def __init__(self, facets: Facets, day: date) -> None:
        self.facets = facets
        self.day = day
        number = day.toordinal()
        announced = facets.columns.announced
        # Few records hold a pledge that is announced for a later day.
        is_later = max(announced, default=NEVER) > number
        self.seen = (
            packed((n for n, on in enumerate(announced) if on <= number), facets.size)
            if is_later
            else facets.all
        )
        open_ended = self.seen & ~facets.final
        overdue = facets.order("due").below(number) if facets.size else 0
        aged = facets.order("updated").below(number - settings.STALE_AFTER_DAYS)
        self.flags = {
            Flag.LATE.value: open_ended & overdue,
            Flag.STALE.value: open_ended & aged,
            Flag.NO_EVIDENCE.value: self.seen & ~facets.sets["evidence"].get(True, 0),
        }
        self._summaries: dict[int, Summary] = {}
        self._entries: dict[int, int] = {}

    def fitting(self, wanted: Wanted, but: str = "") -> int:
        """The pledges that all that is `wanted` gives, but for the filter `but`."""
        facets = self.facets
        fits = self.seen
        for name in GROUPS:
            value = getattr(wanted, name)
            if value and name != but:
                fits &= facets.set_of(name, value)
        if wanted.status and but != "status":
            fits &= reduce(or_, (facets.set_of("status", each) for each in wanted.status))
        for flag in wanted.flag:
            fits &= self.flags[flag]
        if wanted.due_after:
            fits &= ~facets.order("due").below(wanted.due_after.toordinal())
            fits &= facets.sets["dated"].get(True, 0)
        if wanted.due_before:
            fits &= facets.order("due").up_to(wanted.due_before.toordinal())
        if wanted.found is not None:
            own = (facets.place_of.get(key) for key in wanted.found)
            fits &= packed((place for place in own if place is not None), facets.size)
        return fits

    def counts(self, wanted: Wanted) -> dict[str, dict[str, int]]:
        """For each filter that offers a choice, how many pledges each value would give."""
        sets = self.facets.sets
        everything = self.fitting(wanted)
        found: dict[str, dict[str, int]] = {}
        for name in GROUPS:
            fits = self.fitting(wanted, name) if getattr(wanted, name) else everything
            counted: Counter[str] = Counter()
            for group in self.facets.groups(name):
                value = str(group.order if name == "pillar" else group.slug)
                counted[value] += (fits & sets[name][group.pk]).bit_count()
            found[name] = counted
        fits = self.fitting(wanted, "status") if wanted.status else everything
        found["status"] = {value: (fits & one).bit_count() for value, one in sets["status"].items()}
        found["flag"] = {value: (everything & one).bit_count() for value, one in self.flags.items()}
        return found

    def page(self, fits: int, sort: str, start: int, number: int) -> list[int]:
        """The keys of `number` of the pledges `fits` in an order, from the one at `start` on."""
        keys = self.facets.columns.keys
        return [keys[place] for place in self.facets.order(sort).page(fits, start, number)]

    def of(self, name: str, key: int) -> int:
        """The pledges of one group that a reader sees."""
        return self.seen & self.facets.sets[name].get(key, 0)

    def entries(self, fits: int) -> int:
        """How many entries the pledges in a set have; of today only."""
        if fits not in self._entries:
            number = self.facets.entries
            self._entries[fits] = sum(number[place] for place in places(fits))
        return self._entries[fits]

    def keys(self, fits: int) -> Iterator[int]:
        """The keys of the pledges in a set, by their codes."""
        return (self.facets.columns.keys[place] for place in places(fits))

    def summary(self, fits: int) -> Summary:
        """What `queries.summary.summary` says of the pledges in a set."""
        if fits not in self._summaries:
            self._summaries[fits] = self._summed(fits)
        return self._summaries[fits]

    def _summed(self, fits: int) -> Summary:
        sets = self.facets.sets
        total = fits.bit_count()
        statuses = {
            status: (fits & sets["status"].get(status.value, 0)).bit_count() for status in Status
        }
        figures = {figure: (fits & one).bit_count() for figure, one in sets["progress"].items()}
        return Summary(
            total=total,
            counts=tuple(
                StatusCount(status, count, 100 * count / total if total else 0.0)
                for status, count in statuses.items()
            ),
            flags=tuple(
                FlagCount(flag, (fits & self.flags[flag.value]).bit_count()) for flag in Flag
            ),
            progress=roll_up_counted(figures),
            last_entry_on=self._latest(fits),
            dated=(fits & sets["dated"].get(True, 0)).bit_count(),
        )

    def _latest(self, fits: int) -> date | None:
        """The day from which the latest of their entries holds."""
        entered = fits & self.facets.sets["entered"].get(True, 0)
        latest = self.facets.order("-updated").page(entered, 0, 1)
        return date.fromordinal(self.facets.columns.updated[latest[0]]) if latest else None

    def related(self, key: int, number: int) -> list[int]:
        """The keys of pledges that share a sector or a body with one, those that share most first.

        Of those that share as many, the ones of its pillar come first.
        """
        sets = self.facets.sets
        place = self.facets.place_of.get(key)
        if place is None:
            return []
        others = self.seen & ~(1 << place)
        pillar = _holding(sets["pillar"], place)
        near = pillar[0] if pillar else others & ~reduce(or_, sets["pillar"].values(), 0)
        by_sectors, by_bodies = (
            _at_least(_holding(sets[name], place), others) for name in ("sector", "body")
        )
        found: list[int] = []
        for sectors in range(len(by_sectors) - 2, -1, -1):
            for bodies in range(len(by_bodies) - 2, -1, -1):
                if sectors == bodies == 0:
                    continue
                share = by_sectors[sectors] & ~by_sectors[sectors + 1]
                share &= by_bodies[bodies] & ~by_bodies[bodies + 1]
                for part in (share & near, share & ~near):
                    found += self.page(part, "code", 0, number - len(found))
                    if len(found) >= number:
                        return found
        return found

    def freshness(self, entered_on: date | None, days: int = 90) -> Freshness:
        """How fresh all of them are; `entered_on` is when the last entry was published."""
        begin = max(self.day.toordinal() - days, date.min.toordinal())
        entered = self.seen & self.facets.sets["entered"].get(True, 0)
        return Freshness(
            last_entry_on=self._latest(self.seen),
            entered_on=entered_on,
            updated=(entered & ~self.facets.order("updated").below(begin)).bit_count(),
            total=self.seen.bit_count(),
            days=days,
        )


def _holding(sets: Mapping[Any, int], place: int) -> list[int]:
    """Those of `sets` in which a place is."""
    return [one for one in sets.values() if one >> place & 1]


def _at_least(sets: Sequence[int], among: int) -> list[int]:
    """The places of `among` that are in at least 0, 1, 2 … of `sets`, and last those in more."""
    found = [among, *(0 for _each in sets), 0]
    for one in sets:
        for n in range(len(sets), 0, -1):
            found[n] |= found[n - 1] & one
    return found


def _by(column: str, *, backwards: bool = False) -> Callable[[Facets], Order]:
    """An order by a column's days, those without one last, and by code among equals."""

    def order(facets: Facets) -> Order:
        days = getattr(facets.columns, column)
        last = date.max.toordinal() + 1
        keys = [(last if day == NEVER else -day if backwards else day) for day in days]
        places_ = sorted(range(facets.size), key=keys.__getitem__)
        return Order(places_, [keys[place] for place in places_])

    return order


def _by_title(suffix: str) -> Callable[[Facets], Order]:
    """As the database orders texts."""

    def order(facets: Facets) -> Order:
        pledges = Pledge.objects.published().order_by(f"title_{suffix}", "code")
        own = (facets.place_of.get(key) for key in pledges.values_list("pk", flat=True))
        # A pledge made public just now has no place yet: the next edition gives it one.
        order = [place for place in own if place is not None]
        missing = set(range(facets.size)).difference(order)
        return Order([*order, *sorted(missing)])

    return order


_ORDERS: dict[str, Callable[[Facets], Order]] = {
    "code": lambda facets: Order(range(facets.size)),
    "-code": lambda facets: Order(range(facets.size - 1, -1, -1)),
    "due": _by("due"),
    "-due": _by("due", backwards=True),
    "updated": _by("updated"),
    "-updated": _by("updated", backwards=True),
    "title_en": _by_title("en"),
    "title_zh": _by_title("zh"),
}

#: By database: a replica may lag behind its primary, and neither's makes that of the other anew.
_kept: dict[str, Facets] = {}
_lock = Lock()


def facets() -> Facets:
    """The public pledges as they stand now.

    Within a transaction they are made for its own use: what it sees, others may not yet see.
    """
    alias = Edition.objects.db
    if connections[alias].in_atomic_block:
        return _read(0)
    edition = Edition.objects.current()
    kept = _kept.get(alias)
    if kept is None or kept.edition != edition:
        with _lock:
            # What one thread made while another waited is taken by both.
            edition = Edition.objects.current()
            kept = _kept.get(alias)
            if kept is None or kept.edition != edition:
                has_moved_on = kept is not None and kept.edition < edition
                kept = _moved(kept, edition) if kept and has_moved_on else _read(edition)
                _kept[alias] = kept
    return kept


def forget() -> None:
    """Lets go of all that is kept: for tests, which empty the database behind its back."""
    _kept.clear()
    _past.clear()


def facets_on(asof: AsOf) -> Day:
    """The public pledges as of the day asked about."""
    return facets().on(asof) if asof.is_now else _then(asof)


def _then(asof: AsOf) -> Day:
    """A past day, from the record. The last few are kept, for the edition they were read in."""
    key = (asof.day, asof.known_on)
    own = connections[Edition.objects.db].in_atomic_block
    edition = 0 if own else Edition.objects.current()
    if not own and (kept := _past.get(key)) and kept.facets.edition == edition:
        return kept
    found = Day(_read(edition, asof), asof.day)
    if not own:
        with _lock:
            while len(_past) >= DAYS:
                _past.pop(next(iter(_past)), None)
            _past[key] = found
    return found


_past: dict[tuple[date, date | None], Day] = {}

Row = tuple[Any, ...]


def _text(name: str) -> Cast:
    return Cast(name, CharField())


def _rows(pledges: QuerySet) -> Iterable[Row]:
    """What is read of each pledge. Days come as texts: making dates of them is half the work."""

    return pledges.values_list(
        "pk",
        "programme_id",
        "pillar_id",
        "status",
        "entry_id",
        "reported_progress",
        "milestones_done",
        "milestones_total",
        _text("announced_on"),
        _text("due_on"),
        _text("last_entry_on"),
        "title_en",
        "title_zh",
    ).iterator(chunk_size=5000)


class _Builder:
    """Collects rows into columns and sets, each row at the next place or at one that is named."""

    def __init__(self) -> None:
        self.days: dict[str | None, int] = {None: NEVER}
        self.figures: dict[tuple, Progress] = {}
        self.members: dict[str, dict[Any, list[int]]] = defaultdict(lambda: defaultdict(list))

    def day(self, text: str | None) -> int:
        number = self.days.get(text)
        if number is None:
            number = self.days[text] = date.fromisoformat(str(text)).toordinal()
        return number

    def take(self, place: int, row: Row) -> tuple[int, int, int, int, int]:
        """Puts a row into the sets it belongs to; gives what the columns hold of it."""
        key, programme, pillar, status, entry, reported, done, total, *rest = row
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

    def figure(self, done: int, total: int, reported: int | None) -> Progress:
        stated = (done, total, None if total else reported)
        if stated not in self.figures:
            self.figures[stated] = progress(
                milestones_done=done, milestones_total=total, reported=reported
            )
        return self.figures[stated]

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


def _relations(pledges: Sequence[int] | None = None) -> dict[str, Iterable[tuple[int, Any]]]:
    """The pairs of a pledge and what it belongs to: of `pledges`, else of all."""
    rows: dict[str, Any] = {
        "sector": Pledge.sectors.through.objects.order_by().values_list("pledge_id", "sector_id"),
        "body": Responsibility.objects.order_by().values_list("pledge_id", "body_id"),
    }
    if pledges is not None:
        rows = {name: pairs.filter(pledge__in=pledges) for name, pairs in rows.items()}
    return {name: pairs.iterator(chunk_size=5000) for name, pairs in rows.items()}


def _cited(standings: QuerySet) -> Iterable[tuple[int, bool]]:
    """Those whose status rests on an entry with evidence."""
    cited = standings.filter(entry__evidence__isnull=False).distinct()
    return ((key, True) for key in cited.values_list("pk", flat=True).iterator(chunk_size=5000))


def _entries(updates: UpdateQuerySet) -> dict[int, int]:
    """How many entries the record of each pledge has."""
    counted = updates.published().order_by().values("pledge").annotate(n=Count("pk"))
    return dict(counted.values_list("pledge_id", "n"))


def _then_rows(asof: AsOf) -> tuple[list[Row], list[tuple[int, bool]]]:
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
            _text("effective_on"),
            "reported_progress",
            _text("due_on"),
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
    own = pledges.values_list(
        *("pk", "programme_id", "pillar_id"),
        _text("announced_on"),
        _text("original_due_on"),
        *("title_en", "title_zh"),
    )
    for key, programme, pillar, announced, due, *titles in own.iterator(chunk_size=5000):
        entry, status, on = latest.get(key, (None, Status.NOT_RATED.value, announced))
        done, total = steps.get(key, (0, 0))
        figure, due_then = figures.get(key), dues.get(key, due)
        standing = (status, entry, figure, done, total, announced, due_then, on)
        rows.append((key, programme, pillar, *standing, *titles))
        if entry in with_evidence:
            cited.append((key, True))
    return rows, cited


def _read(edition: int, asof: AsOf | None = None) -> Facets:
    """All of them, from the stored standings; `asof` a past day, from the record."""
    if asof is None:
        rows: Iterable[Row] = _rows(Pledge.objects.published().as_of().order_by("code"))
        cited = _cited(Standing.objects.all())
    else:
        rows, cited = _then_rows(asof)
    builder = _Builder()
    taken = [builder.take(place, row) for place, row in enumerate(rows)]
    columns = Columns(
        *(array("q", column) for column in (zip(*taken, strict=True) if taken else [()] * 5))
    )
    place_of = {key: place for place, key in enumerate(columns.keys)}
    for name, pairs in _relations().items():
        builder.relate(name, pairs, place_of)
    builder.relate("evidence", cited, place_of)
    return Facets(edition, columns, builder.sets(len(place_of)))


def _moved(kept: Facets, edition: int) -> Facets:
    """The next edition: what it touched is read again, the names of groups with it."""
    keys = list(Touch.objects.since(kept.edition).values_list("pk", flat=True)[: MANY + 1])
    own = [key for key in keys if key in kept.place_of]
    rows = list(_rows(Pledge.objects.filter(pk__in=own).published().as_of()))
    public = Pledge.objects.filter(pk__in=keys).published().count() if len(keys) <= MANY else -1
    if not len(own) == len(rows) == public:
        # Others came or went, or a great many moved.
        return _read(edition)
    builder, columns = _Builder(), replace(kept.columns)
    names = ("announced", "due", "updated", "titles")
    fresh = {name: array("q", getattr(columns, name)) for name in names}
    for row in rows:
        place = kept.place_of[row[0]]
        _key, *values = builder.take(place, row)
        for name, value in zip(names, values, strict=True):
            fresh[name][place] = value
    for name, pairs in _relations(own).items():
        builder.relate(name, pairs, kept.place_of)
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
    )
    found.__dict__["place_of"] = kept.place_of
    if "entries" in kept.__dict__:
        counted = array("I", kept.entries)
        for key, number in _entries(Update.objects.filter(pledge__in=own)).items():
            counted[kept.place_of[key]] = number
        found.__dict__["entries"] = counted
    return found
