"""The public pledges as sets: how many fit what is asked for, and which.

A list with its filters asks some eighty times "how many". Each answer is an intersection of sets
of places (`rules.bits`), in microseconds at 100,000 pledges. `Pledge.objects.seen` and the filters
of `forms.pledges` say the same in the database's words; `tests/queries/test_facets.py` holds the
two equal.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.conf import settings

from tracker.models import Pledge, Update
from tracker.queries.belonging import GROUPS, Belonging, address_of
from tracker.queries.entry_log import EntryLog
from tracker.queries.summary import FlagCount, Freshness, StatusCount, Summary
from tracker.rules.asof import AsOf
from tracker.rules.bits import Numbers, Order, packed, places
from tracker.rules.grams import Keys, Places, folded
from tracker.rules.progress import Progress, roll_up_counted
from tracker.vocabulary import Flag, Status

#: So many days are kept at a time: of today's sets, and of past ones.
DAYS = 8
#: No day: before every other, as a number.
NEVER = 0


@dataclass(frozen=True)
class Wanted:
    """What a reader asks for, in the words of an address. `found` are the places of the
    pledges that a search found, None where nothing is searched for."""

    programme: str = ""
    pillar: str = ""
    sector: str = ""
    body: str = ""
    status: tuple[str, ...] = ()
    flag: tuple[str, ...] = ()
    due_after: date | None = None
    due_before: date | None = None
    found: int | None = None


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
        codes: str = "",
        belonging: Belonging | None = None,
        now: "Facets | None" = None,
        figures: "Callable[[int], Progress] | None" = None,
    ) -> None:
        self.edition = edition
        #: Those of today, where these are the same pledges on another day: what no day changes is
        #: theirs.
        self._now = now
        #: Of a past day told from the log: the progress that the pledge at a place stated.
        self._figures = figures
        #: What the groups were called on the day that the sets are of.
        self.belonging = belonging or Belonging()
        #: The edition in which all were read, and those in which some were read again.
        self.since = edition if since is None else since
        self.columns = columns
        self.sets = sets
        #: Their codes in small letters, each behind a line feed: of 100,000 they take 1 MB.
        self.codes: str = codes or (now.codes if now else "")
        self.size: int = len(columns.keys)
        self.all = (1 << self.size) - 1
        self.touched = touched or {}
        self._orders = dict(orders or {})
        self._days: dict[date, Day] = {}
        self._groups: dict[str, list[Any]] = {}
        #: What forms make of the groups, by language: for them to fill.
        self.offered: dict[str | None, Any] = {}

    def groups(self, name: str) -> list[Any]:
        """The groups that a public pledge belongs to, each with its `pledge_count`."""
        if self._now:
            return self._now.groups(name)
        if name not in self._groups:
            self._groups[name] = self._read_groups(name)
        return self._groups[name]

    def _read_groups(self, name: str) -> list[Any]:
        found = []
        for group in self.belonging.groups(name):
            group.pledge_count = self.sets[name].get(group.pk, 0).bit_count()
            if group.pledge_count:
                found.append(group)
        return found

    @cached_property
    def _places(self) -> Places:
        return self._now._places if self._now else Places(self.columns.keys)

    @property
    def place_of(self) -> dict[int, int]:
        return self._places.place_of

    def places_of(self, keys: Keys) -> int:
        """The set of the places of some pledges; those that are not public have none."""
        return self._places.of(keys)

    def coded(self, begin: str) -> int:
        """The pledges that `PledgeQuerySet.coded` gives."""
        if not begin.isascii():
            return self.places_of(Keys.of(Pledge.objects.coded(begin).values_list("pk", flat=True)))
        sought = f"\n{folded(begin)}"
        number = self.codes.count(sought)
        if not number:
            return 0
        first, last = (
            self.codes.count("\n", 0, find(sought))
            for find in (self.codes.index, self.codes.rindex)
        )
        if last - first + 1 == number:
            return ((1 << number) - 1) << first
        # In a database that orders texts as a language does, others may stand between them.
        codes = self.codes.split("\n")[1:]
        return packed((n for n, one in enumerate(codes) if one.startswith(sought[1:])), self.size)

    @cached_property
    def log(self) -> EntryLog:
        """The entries of today's record; read when it is first asked for."""
        return EntryLog().followed(self.place_of)

    @property
    def has_log(self) -> bool:
        """Whether it was read."""
        return "log" in self.__dict__

    @cached_property
    def entries(self) -> array:
        """How many entries the record of each now has."""
        counted = Counter(self.log.places)
        return array("I", (counted[place] for place in range(self.size)))

    @cached_property
    def corrections(self) -> list[tuple[int, int]]:
        """The entries that correct another, the last published first, each with its pledge."""
        found = Update.objects.filter(corrects__isnull=False, sequence__isnull=False)
        return list(found.order_by("-sequence").values_list("pk", "pledge_id"))

    @cached_property
    def last_announced(self) -> int:
        if self._now:
            return self._now.last_announced
        return max(self.columns.announced, default=NEVER)

    @cached_property
    def final(self) -> int:
        return reduce(or_, (self.sets["status"].get(status, 0) for status in Status.final()), 0)

    def set_of(self, name: str, value: str) -> int:
        """The pledges that one choice of a filter gives, by the value that addresses have for it.

        Two programmes may have a pillar of the same number: both are meant.
        """
        if name == "status":
            return self.sets["status"].get(value, 0)
        chosen = (group.pk for group in self.groups(name) if address_of(name, group) == value)
        return reduce(or_, (self.sets[name][pk] for pk in chosen), 0)

    def order(self, name: str) -> Order:
        """The order of that name; made when it is first asked for."""
        if self._now and name in LASTING:
            return self._now.order(name)
        if name not in self._orders:
            self._orders[name] = ORDERS[name](self)
        return self._orders[name]

    @property
    def is_told(self) -> bool:
        """Whether they are of a past day, as known today."""
        return self._figures is not None

    def figure_at(self, place: int) -> Progress:
        """The progress that the pledge at a place stated, where they are told of a past day."""
        if self._figures is None:
            raise ValueError("These are not of a past day.")
        return self._figures(place)

    @property
    def is_passing(self) -> bool:
        """Whether it is asked little before it goes: to put a hundred thousand in order takes
        four times as long as to look at each once, and is worth it where that is done often."""
        return self._now is not None

    def before(self, name: str, day: int) -> int:
        """The pledges whose `due` or `updated` day is before one."""
        if not self.is_passing or name in self._orders:
            return self.order(name).below(day) if self.size else 0
        column = Numbers(getattr(self.columns, name))
        return column.below(day) & ~column.below(NEVER + 1)

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
        is_later = facets.last_announced > number
        self.seen = (
            packed((n for n, on in enumerate(announced) if on <= number), facets.size)
            if is_later
            else facets.all
        )
        open_ended = self.seen & ~facets.final
        overdue = facets.before("due", number)
        aged = facets.before("updated", number - settings.STALE_AFTER_DAYS)
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
            fits &= wanted.found
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
                counted[address_of(name, group)] += (fits & sets[name][group.pk]).bit_count()
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
        updated = self.facets.columns.updated
        if self.facets.is_passing:
            latest = max((updated[place] for place in places(entered)), default=NEVER)
        else:
            first = self.facets.order("-updated").page(entered, 0, 1)
            latest = updated[first[0]] if first else NEVER
        return date.fromordinal(latest) if latest else None

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
            updated=(entered & ~self.facets.before("updated", begin)).bit_count(),
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
        pledges = facets.belonging.by_title(Pledge.objects.published(), suffix)
        own = (facets.place_of.get(key) for key in pledges.values_list("pk", flat=True))
        # A pledge made public just now has no place yet: the next edition gives it one.
        order = [place for place in own if place is not None]
        missing = set(range(facets.size)).difference(order)
        return Order([*order, *sorted(missing)])

    return order


#: What pledges keep as long as the same ones are public: it is handed on to the next edition.
STEADY = ("_places",)
#: The orders that no day changes.
LASTING = ("code", "-code", "title_en", "title_zh")
#: The orders of a list, by the names that addresses have for them, titles in each language.
ORDERS: dict[str, Callable[[Facets], Order]] = {
    "code": lambda facets: Order(range(facets.size)),
    "-code": lambda facets: Order(range(facets.size - 1, -1, -1)),
    "due": _by("due"),
    "-due": _by("due", backwards=True),
    "updated": _by("updated"),
    "-updated": _by("updated", backwards=True),
    "title_en": _by_title("en"),
    "title_zh": _by_title("zh"),
}
