"""Any past day of the record as it is known today, from a log of what each entry brought.

To read the whole record for a day takes seconds at a million entries. Known today, an entry holds
from its day of effect on, unless another corrects it, whatever the day: so what stands on a day is
what stood before the first entry, and then each that took effect by then. The log is read once.
What stands is kept whole after every `STEP` entries; a day is the step before it, and the entries
since.
"""

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from tracker.models import Evidence, MilestoneChange, Pledge, Touch, Update
from tracker.queries.facet_reading import Parser, text
from tracker.queries.facet_sets import NEVER, Facets
from tracker.rules.bits import Numbers, marked, packed
from tracker.rules.progress import Progress
from tracker.vocabulary import MilestoneState, Status

STEP = 50_000
#: So many pledges that moved since the log was read are read beside it. With more it is read anew.
MANY = 500
CHUNK = 5000


class State(NamedTuple):
    """What is counted of where a pledge stands."""

    status: str
    is_entered: bool
    has_evidence: bool
    progress: Progress


class Kind(NamedTuple):
    """What flags and most filters ask of a `State`: so few that each has a byte for its number."""

    status: str
    is_entered: bool
    has_evidence: bool


@dataclass
class _Standings:
    """Where each pledge stands, by its place: the numbers of its `State` and of its `Kind`, and
    days as numbers."""

    states: array
    kinds: bytearray
    due: array
    updated: array

    def copy(self) -> "_Standings":
        return _Standings(self.states[:], self.kinds[:], self.due[:], self.updated[:])


class _Meanings:
    """The states that there are, each with a number and with that of its kind."""

    def __init__(self, others: "_Meanings | None" = None) -> None:
        self.states: list[State] = list(others.states) if others else []
        self._number_of: dict[State, int] = dict(others._number_of) if others else {}
        self.kinds: dict[Kind, int] = dict(others.kinds) if others else {}
        #: By the number of a state, that of its kind.
        self.kind_of: list[int] = list(others.kind_of) if others else []

    def number(self, state: State) -> int:
        number = self._number_of.get(state)
        if number is None:
            number = self._number_of[state] = len(self.states)
            self.states.append(state)
            kind = Kind(state.status, state.is_entered, state.has_evidence)
            self.kind_of.append(self.kinds.setdefault(kind, len(self.kinds)))
        return number


class History:
    """The log of the public pledges' entries, read in the edition of `facets`, whose places it has.

    It never changes once it is made, so that threads share it.
    """

    def __init__(self, facets: Facets) -> None:
        self.edition = facets.edition
        self.keys = facets.columns.keys
        self.meanings = _Meanings()
        self._parser = Parser()
        #: What each entry brought: when, to whom, the state and the due date from then on.
        self.days, self.places, self.states, self.dues = (array("I") for _each in range(4))
        #: What stands before any entry, and after every `STEP` of them.
        self.steps = [self._begin(facets)]
        self._read(facets)

    def fits(self, facets: Facets) -> bool:
        """Whether days of `facets` can be told from it: the same pledges, of which few moved."""
        return self.keys == facets.columns.keys and len(self._moved()) <= MANY

    def on(self, facets: Facets, day: date) -> Facets:
        """The pledges of `facets` as they stood on `day`."""
        number = bisect_right(self.days, day.toordinal())
        step = number // STEP
        stand = self.steps[step].copy()
        self._bring_up(stand, slice(step * STEP, number))
        meanings = self.meanings
        moved = list(self._moved_on(facets, day))
        if moved:
            meanings = _Meanings(meanings)
        for place, state, due, on in moved:
            own = meanings.number(state)
            stand.states[place], stand.kinds[place] = own, meanings.kind_of[own]
            stand.due[place], stand.updated[place] = due, on
        sets = _Sets(facets, meanings, stand)
        return Facets(
            facets.edition,
            replace(facets.columns, due=stand.due, updated=stand.updated),
            sets,
            now=facets,
            figures=sets.figure_at,
        )

    def _bring_up(self, stand: _Standings, since: slice) -> None:
        """Puts into what stood before them what some entries brought. Fifty thousand times at
        worst: no call, and no look-up that can be done before."""
        states, kinds, dues, updated = stand.states, stand.kinds, stand.due, stand.updated
        kind_of = self.meanings.kind_of
        for place, state, due, on in zip(
            self.places[since], self.states[since], self.dues[since], self.days[since], strict=True
        ):
            states[place] = state
            kinds[place] = kind_of[state]
            dues[place] = due
            updated[place] = on

    # --- Reading ------------------------------------------------------------------------------

    def _begin(self, facets: Facets) -> _Standings:
        stated = (
            Pledge.objects.published().order_by("code").values_list("pk", text("original_due_on"))
        )
        due_of = {key: self._parser.day(due) for key, due in stated.iterator(chunk_size=CHUNK)}
        nothing = State(Status.NOT_RATED.value, False, False, self._parser.figure(0, 0, None))
        number = self.meanings.number(nothing)
        return _Standings(
            states=array("I", [number]) * facets.size,
            kinds=bytearray([self.meanings.kind_of[number]]) * facets.size,
            due=array("I", (due_of.get(key, NEVER) for key in self.keys)),
            updated=array("I", facets.columns.announced),
        )

    def _read(self, facets: Facets) -> None:
        place_of = facets.place_of
        figures: dict[int, int] = {}
        counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        numbers: dict[tuple, int] = {}
        stand = self.steps[0].copy()
        dues = stand.due[:]
        milestones = _Milestones()
        # A million times: what is looked up here is what takes the time.
        for pledge, pk, status, effective_on, figure, due_on, precision, cited in _entries():
            place = place_of.get(pledge)
            if place is None:
                continue  # It became public just now: the next edition gives it a place.
            if figure is not None:
                figures[place] = figure
            if pk in milestones.changes:
                milestones.count(pk, counts[place])
            done, total = counts.get(place, (0, 0))
            said = (status, cited, done, total, figures.get(place))
            state = numbers.get(said)
            if state is None:
                meant = State(status, True, cited, self._parser.figure(*said[2:]))
                state = numbers[said] = self.meanings.number(meant)
            if precision:
                dues[place] = self._parser.day(due_on)
            self.days.append(self._parser.day(effective_on))
            self.places.append(place)
            self.states.append(state)
            self.dues.append(dues[place])
            number = len(self.days)
            if number % STEP == 0:
                self._bring_up(stand, slice(number - STEP, number))
                self.steps.append(stand.copy())

    # --- What moved since ---------------------------------------------------------------------

    def _moved(self) -> list[int]:
        return list(Touch.objects.since(self.edition).values_list("pk", flat=True)[: MANY + 1])

    def _moved_on(self, facets: Facets, day: date) -> Iterator[tuple[int, State, int, int]]:
        own = [key for key in self._moved() if key in facets.place_of]
        if not own:
            return
        then = Pledge.objects.filter(pk__in=own).published().as_of(day).with_flags()
        for pledge in then:
            figure = self._parser.figure(
                pledge.milestones_done, pledge.milestones_total, pledge.reported_progress
            )
            yield (
                facets.place_of[pledge.pk],
                State(pledge.status, pledge.entry_id is not None, pledge.has_evidence, figure),
                pledge.due_on.toordinal() if pledge.due_on else NEVER,
                pledge.last_entry_on.toordinal(),
            )


class _Milestones:
    """What entries say of milestones, told in the order in which these take effect."""

    def __init__(self) -> None:
        changes: dict[int, list[tuple[int, str]]] = defaultdict(list)
        # Of drafts too: to leave them out takes longer, and nobody asks for theirs.
        told = MilestoneChange.objects.order_by().values_list("update_id", "milestone_id", "state")
        for update, milestone, state in told.iterator(chunk_size=CHUNK):
            changes[update].append((milestone, state))
        self.changes = changes
        self.states: dict[int, str] = {}

    def count(self, entry: int, counts: list[int]) -> None:
        """Brings the milestones of one pledge that are done, and all of them, up to date."""
        for milestone, state in self.changes.pop(entry):
            before = self.states.get(milestone)
            self.states[milestone] = state
            for sign, each in ((-1, before), (1, state)):
                counts[0] += sign * (each == MilestoneState.DONE)
                counts[1] += sign * (each in (MilestoneState.OPEN, MilestoneState.DONE))


class _Sets(dict[str, Mapping[Any, int]]):
    """The sets of a day: those that no day changes, and the others when they are asked for."""

    def __init__(self, facets: Facets, meanings: _Meanings, stand: _Standings) -> None:
        lasting = ("programme", "pillar", "sector", "body")
        super().__init__({name: facets.sets[name] for name in lasting})
        self.meanings, self.stand, self.size = meanings, stand, facets.size

    def figure_at(self, place: int) -> Progress:
        return self.meanings.states[self.stand.states[place]].progress

    def __missing__(self, name: str) -> Mapping[Any, int]:
        if name == "dated":
            self[name] = self._of_due()
        elif name == "progress":
            self[name] = self._by_progress()
        else:
            self[name] = self._by(_MEANT[name])
        return self[name]

    def _of_due(self) -> dict[Any, int]:
        everything = (1 << self.size) - 1
        return {True: everything & ~Numbers(self.stand.due).below(NEVER + 1)}

    def _by(self, meant: Callable[[Kind], Any]) -> dict[Any, int]:
        kinds: dict[Any, list[int]] = defaultdict(list)
        for kind, number in self.meanings.kinds.items():
            kinds[meant(kind)].append(number)
        sets = {
            value: marked(bytes(self.stand.kinds.translate(_ones_for(tuple(numbers)))))
            for value, numbers in kinds.items()
        }
        return {value: places for value, places in sets.items() if places}

    def _by_progress(self) -> dict[Any, int]:
        """There are many figures: each pledge is looked at once."""
        members: dict[Progress, list[int]] = {}
        own = [members.setdefault(state.progress, []) for state in self.meanings.states]
        for place, state in enumerate(self.stand.states):
            own[state].append(place)
        return {value: packed(places, self.size) for value, places in members.items() if places}


@cache
def _ones_for(numbers: tuple[int, ...]) -> bytes:
    """What makes a `1` of some bytes and a `0` of every other."""
    return bytes(49 if byte in numbers else 48 for byte in range(256))


_MEANT: dict[str, Callable[[Kind], Any]] = {
    "status": lambda kind: kind.status,
    "entered": lambda kind: kind.is_entered,
    "evidence": lambda kind: kind.has_evidence,
}


def _entries() -> Iterable[tuple]:
    """The entries that hold from some day on, as known today, in the order in which they do."""
    cited = Exists(Evidence.objects.filter(update=OuterRef("pk")))
    holding = Update.objects.published().uncorrected().of_public_pledges()
    return (
        holding.order_by("effective_on", "sequence")
        .values_list(
            *("pledge_id", "pk", "status"),
            text("effective_on"),
            "reported_progress",
            text("due_on"),
            "due_precision",
            cited,
        )
        .iterator(chunk_size=CHUNK)
    )
