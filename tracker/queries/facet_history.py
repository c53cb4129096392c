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
from tracker.rules.bits import marked, packed
from tracker.rules.progress import Progress
from tracker.vocabulary import MilestoneState, Status

STEP = 50_000
#: So many pledges that moved since the log was read are read beside it. With more it is read anew.
MANY = 500
CHUNK = 5000
#: So many sets are made each at a time of its own.
FEW = 32


class State(NamedTuple):
    """What is counted of where a pledge stands."""

    status: str
    is_entered: bool
    has_evidence: bool
    progress: Progress


@dataclass
class _Standings:
    """Where each pledge stands, by its place: the number of a `State`, and days as numbers."""

    states: array
    due: array
    updated: array

    def copy(self) -> "_Standings":
        return _Standings(self.states[:], self.due[:], self.updated[:])

    def put(self, place: int, state: int, due: int, updated: int) -> None:
        self.states[place] = state
        self.due[place] = due
        self.updated[place] = updated


class History:
    """The log of the public pledges' entries, read in the edition of `facets`, whose places it has.

    It never changes once it is made, so that threads share it.
    """

    def __init__(self, facets: Facets) -> None:
        self.edition = facets.edition
        self.keys = facets.columns.keys
        self._numbers: dict[State, int] = {}
        self._parser = Parser()
        #: What each entry brought: when, to whom, the state and the due date from then on.
        self.days, self.places, self.states, self.dues = (array("I") for _each in range(4))
        #: What stands before any entry, and after every `STEP` of them.
        self.steps = [self._begin(facets)]
        self._read(facets)
        self.meanings = list(self._numbers)

    def fits(self, facets: Facets) -> bool:
        """Whether days of `facets` can be told from it: the same pledges, of which few moved."""
        return self.keys == facets.columns.keys and len(self._moved()) <= MANY

    def on(self, facets: Facets, day: date) -> Facets:
        """The pledges of `facets` as they stood on `day`."""
        number = bisect_right(self.days, day.toordinal())
        step = number // STEP
        stand = self.steps[step].copy()
        since = slice(step * STEP, number)
        for place, state, due, on in zip(
            self.places[since], self.states[since], self.dues[since], self.days[since], strict=True
        ):
            stand.put(place, state, due, on)
        meanings = [*self.meanings]
        for place, moved, due, on in self._moved_on(facets, day):
            meanings.append(moved)
            stand.put(place, len(meanings) - 1, due, on)
        return Facets(
            facets.edition,
            replace(facets.columns, due=array("q", stand.due), updated=array("q", stand.updated)),
            _Sets(facets, meanings, stand),
            now=facets,
        )

    # --- Reading ------------------------------------------------------------------------------

    def _begin(self, facets: Facets) -> _Standings:
        stated = (
            Pledge.objects.published().order_by("code").values_list("pk", text("original_due_on"))
        )
        due_of = {key: self._parser.day(due) for key, due in stated.iterator(chunk_size=CHUNK)}
        nothing = State(Status.NOT_RATED.value, False, False, self._parser.figure(0, 0, None))
        self._numbers[nothing] = 0
        return _Standings(
            states=array("I", [0]) * facets.size,
            due=array("I", (due_of.get(key, NEVER) for key in self.keys)),
            updated=array("I", facets.columns.announced),
        )

    def _read(self, facets: Facets) -> None:
        place_of = facets.place_of
        figures: dict[int, int] = {}
        counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        numbers: dict[tuple, int] = {}
        stand = self.steps[0].copy()
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
                state = numbers[said] = self._numbers.setdefault(meant, len(self._numbers))
            due = self._parser.day(due_on) if precision else stand.due[place]
            on = self._parser.day(effective_on)
            stand.put(place, state, due, on)
            self.days.append(on)
            self.places.append(place)
            self.states.append(state)
            self.dues.append(due)
            if len(self.days) % STEP == 0:
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

    def __init__(self, facets: Facets, meanings: list[State], stand: _Standings) -> None:
        lasting = ("programme", "pillar", "sector", "body")
        super().__init__({name: facets.sets[name] for name in lasting})
        self.meanings, self.stand, self.size = meanings, stand, facets.size

    def __missing__(self, name: str) -> Mapping[Any, int]:
        self[name] = self._of_due() if name == "dated" else self._by(_MEANT[name])
        return self[name]

    def _of_due(self) -> dict[Any, int]:
        dated = (place for place, due in enumerate(self.stand.due) if due != NEVER)
        return {True: packed(dated, self.size)}

    def _by(self, meant: Callable[[State], Any]) -> dict[Any, int]:
        values = list(dict.fromkeys(map(meant, self.meanings)))
        if len(values) > FEW:
            return self._sorted_by(meant)
        numbers = {value: number for number, value in enumerate(values)}
        number_of = [numbers[meant(state)] for state in self.meanings]
        marks = bytes(map(number_of.__getitem__, self.stand.states))
        sets = {value: marked(marks.translate(_only(number))) for value, number in numbers.items()}
        return {value: places for value, places in sets.items() if places}

    def _sorted_by(self, meant: Callable[[State], Any]) -> dict[Any, int]:
        """The same for many values: each pledge is looked at once."""
        members: dict[Any, list[int]] = {}
        own = [members.setdefault(meant(state), []) for state in self.meanings]
        for place, state in enumerate(self.stand.states):
            own[state].append(place)
        return {value: packed(places, self.size) for value, places in members.items() if places}


@cache
def _only(number: int) -> bytes:
    """What makes a `1` of one byte and a `0` of every other."""
    return bytes(49 if byte == number else 48 for byte in range(256))


_MEANT: dict[str, Callable[[State], Any]] = {
    "status": lambda state: state.status,
    "entered": lambda state: state.is_entered,
    "evidence": lambda state: state.has_evidence,
    "progress": lambda state: state.progress,
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
