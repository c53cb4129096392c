"""What changed between two days: the record at the end of the one against that of the other.

Both days are read from the record by the same code as every page. Unless told otherwise each is
read *as published*: what a reader of that day could see (`as_of` and `known_on` are that day), so
that the answer for two past days never changes, whatever is published later. With `known_on`
both days are read as known on that one day: what happened, as far as is known by then.

A period begins after its first day and ends with its last one, so that two that follow one
another share no change.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import Count

from tracker.models import Milestone, Pledge, Update
from tracker.models.milestone import MilestoneQuerySet
from tracker.models.pledge_queryset import PledgeQuerySet
from tracker.models.texts import InByteOrder
from tracker.models.update import UpdateQuerySet
from tracker.rules.dates import is_late
from tracker.rules.standing import moves
from tracker.vocabulary import Status

CHUNK = 500
#: So many keys are named one by one. To find the rows of a question within another, a database
#: may well look through all there are.
FEW = 5000


@dataclass(frozen=True)
class StatusChange:
    """One time that a pledge came to another status: by the publication of `entry`.

    `rests_on` is the entry that the status rests on from then, `rested_on` the one before; None
    where no entry held. As published, a correction may let an older entry count again: the status
    then rests on that one and not on `entry`.
    """

    pledge: Pledge
    before: Status
    after: Status
    entry: Update
    rested_on: Update | None
    rests_on: Update | None

    @property
    def effective_on(self) -> date | None:
        """The day from which the status holds."""
        return self.rests_on.effective_on if self.rests_on else None

    @property
    def published_on(self) -> date | None:
        """The day on which readers first saw it."""
        return self.entry.published_on

    @property
    def is_correction(self) -> bool:
        return self.entry.corrects_id is not None


@dataclass(frozen=True)
class PledgeMove:
    """A pledge whose status on the two days differs, and the steps from the one to the other."""

    pledge: Pledge
    before: Status
    after: Status
    steps: tuple[StatusChange, ...]


@dataclass(frozen=True)
class DueMove:
    """A due date that on the two days differs: a pledge's, or that of its `milestone`.

    `entry` is the one of the period that last spoke of it, None where none did.
    """

    pledge: Pledge
    milestone: Milestone | None
    before_on: date | None
    before_precision: str
    after_on: date | None
    after_precision: str
    entry: Update | None

    @property
    def has_slipped(self) -> bool:
        """Whether it is later than it was, or is no longer stated at all."""
        if self.before_on is None:
            return False
        return self.after_on is None or self.after_on > self.before_on

    @property
    def days(self) -> int | None:
        """By how many days it moved, backwards if negative; None where one day is not stated."""
        if self.before_on is None or self.after_on is None:
            return None
        return (self.after_on - self.before_on).days

    @property
    def days_earlier(self) -> int | None:
        return None if self.days is None else -self.days


@dataclass(frozen=True)
class CorrectionMade:
    """A correction of the period, with the entry that it replaces."""

    pledge: Pledge
    correction: Update
    corrected: Update
    before: Status
    after: Status


@dataclass(frozen=True)
class StatusPair:
    """How many of the pledges have a status on the last day, and how many had it on the first."""

    status: Status
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class Changes:
    """What changed among some pledges after day `start` up to day `end`.

    Pledges are as they stand on `end`. `new` ones became public in the period; they are compared
    with nothing, and are in none of `moved`, `to_and_fro` and the due dates.
    """

    start: date
    end: date
    known_on: date | None
    total: int
    entries: int
    #: The statuses that some pledge has or had.
    counts: tuple[StatusPair, ...]
    new: tuple[Pledge, ...]
    moved: tuple[PledgeMove, ...]
    #: Those that came to another status and were back at the end.
    to_and_fro: tuple[PledgeMove, ...]
    slipped: tuple[DueMove, ...]
    #: Due dates that are earlier than they were, or stated for the first time.
    brought_forward: tuple[DueMove, ...]
    corrected: tuple[CorrectionMade, ...]
    newly_late: tuple[Pledge, ...]
    no_longer_late: tuple[Pledge, ...]

    @property
    def unmoved(self) -> int:
        """How many of the pledges have the status that they had."""
        return self.total - len(self.new) - len(self.moved)

    @property
    def is_empty(self) -> bool:
        """Whether the two days are told apart by nothing."""
        groups = (
            self.new,
            self.moved,
            self.to_and_fro,
            self.slipped,
            self.brought_forward,
            self.corrected,
            self.newly_late,
            self.no_longer_late,
        )
        return not any(groups)


def status_changes(
    start: date, end: date, pledges: PledgeQuerySet, known_on: date | None = None
) -> Iterator[StatusChange]:
    """Each change of status after day `start` up to day `end`, one by one, pledge by pledge.

    Done in their order, they lead from each pledge's status on `start` to that on `end`. The rows
    are streamed: one query, and memory for one pledge's entries. `pledges` come from `seen`.
    """
    spoken = _spoken_of(pledges, Update.objects.between(start, end, known_on))
    yield from _status_changes(start, end, spoken, known_on)


def _status_changes(
    start: date, end: date, spoken: Any, known_on: date | None
) -> Iterator[StatusChange]:
    entries = (
        Update.objects.published(known_on or end)
        .filter(pledge__in=spoken)
        .select_related("pledge", "corrects")
        .order_by(InByteOrder("pledge__code"), "sequence")
    )
    for pledge, own in groupby(entries.iterator(chunk_size=CHUNK), key=attrgetter("pledge")):
        yield from _steps(pledge, own, start, end, known_on)


def changes(
    start: date, end: date, pledges: PledgeQuerySet, known_on: date | None = None
) -> Changes:
    """What changed among `pledges`, in a fixed number of queries, whatever there is.

    `pledges` come from `seen`, as of `end` and as known on `known_on`, else on `end`.
    """
    chosen = pledges.touched_between(start, end, known_on)
    touched = list(chosen.order_by("code"))
    is_few = len(touched) <= FEW
    keys: Any = [pledge.pk for pledge in touched] if is_few else chosen.order_by().values("pk")
    earlier = {
        pledge.pk: pledge
        for pledge in Pledge.objects.filter(pk__in=keys)
        .published(known_on or start)
        .announced_by(start)
        .as_of(start, known_on or start)
    }
    entries = Update.objects.between(start, end, known_on)
    spoken = _spoken_of(pledges, entries)
    brought = _brought(entries, spoken)
    steps = defaultdict(list)
    for change in _status_changes(start, end, spoken, known_on):
        steps[change.pledge.pk].append(change)
    paths = [
        PledgeMove(
            pledge,
            Status(earlier[pledge.pk].status),
            Status(pledge.status),
            tuple(steps[pledge.pk]),
        )
        for pledge in touched
        if pledge.pk in earlier
    ]
    due = [
        *_pledges_due(touched, earlier, brought),
        *_milestones_due(
            [pledge for pledge in touched if pledge.pk in earlier],
            brought,
            entries,
            then=(start, known_on or start),
            now=(end, known_on or end),
        ),
    ]
    due.sort(key=lambda move: (move.pledge.code, move.milestone is not None))
    new = tuple(pledge for pledge in touched if pledge.pk not in earlier)
    counts = tuple(_counts(pledges, new, paths))
    late_then = {pk for pk, pledge in earlier.items() if _is_late(pledge, start)}
    return Changes(
        start=start,
        end=end,
        known_on=known_on,
        total=sum(pair.after for pair in counts),
        entries=sum(map(len, brought.values())),
        counts=counts,
        new=new,
        moved=tuple(path for path in paths if path.before != path.after),
        to_and_fro=tuple(path for path in paths if path.before == path.after and path.steps),
        slipped=tuple(move for move in due if move.has_slipped),
        brought_forward=tuple(move for move in due if not move.has_slipped),
        corrected=tuple(_corrections(touched, brought)),
        newly_late=tuple(p for p in touched if _is_late(p, end) and p.pk not in late_then),
        no_longer_late=tuple(p for p in touched if not _is_late(p, end) and p.pk in late_then),
    )


def _steps(
    pledge: Pledge, entries: Iterable[Update], start: date, end: date, known_on: date | None
) -> Iterator[StatusChange]:
    for move in moves(entries, start, end, known_on):
        yield StatusChange(
            pledge=pledge,
            before=_status(move.before),
            after=_status(move.after),
            entry=move.entry,
            rested_on=move.before,
            rests_on=move.after,
        )


def _status(entry: Update | None) -> Status:
    return Status(entry.status) if entry else Status.NOT_RATED


def _is_late(pledge: Pledge, on: date) -> bool:
    return is_late(pledge.due_on, pledge.status, on)


def _spoken_of(pledges: PledgeQuerySet, entries: UpdateQuerySet) -> Any:
    """Those of `pledges` that one of `entries` is of, as a filter takes them."""
    told = entries.order_by().values_list("pledge", flat=True)
    few = set(told.distinct()[: FEW + 1])
    if len(few) <= FEW:
        return list(pledges.order_by().filter(pk__in=few).values_list("pk", flat=True))
    return told.filter(pledge__in=pledges.order_by().values("pk"))


def _brought(entries: UpdateQuerySet, spoken: Any) -> dict[int, list[Update]]:
    """The entries of the period by pledge, in their order."""
    found = defaultdict(list)
    own = (
        entries.filter(pledge__in=spoken)
        .select_related("pledge", "corrects__pledge")
        .prefetch_related("milestone_changes")
        .order_by()
    )
    # Asked for them in order, a database may walk the whole record by its numbers.
    for entry in sorted(own, key=attrgetter("sequence")):
        found[entry.pledge_id].append(entry)
    return found


def _counts(
    pledges: PledgeQuerySet, new: Iterable[Pledge], paths: Iterable[PledgeMove]
) -> Iterator[StatusPair]:
    """The last day is counted by the database; what changed leads back to the first one."""
    after = Counter(dict(pledges.order_by().values_list("status").annotate(n=Count("pk"))))
    before = after.copy()
    before.subtract(pledge.status for pledge in new)
    before.subtract(path.after for path in paths)
    before.update(path.before for path in paths)
    for status in Status:
        if before[status] or after[status]:
            yield StatusPair(status, before[status], after[status])


def _pledges_due(
    touched: Sequence[Pledge], earlier: dict[int, Pledge], brought: dict[int, list[Update]]
) -> Iterator[DueMove]:
    for pledge in touched:
        before = earlier.get(pledge.pk)
        if before is None or before.due_on == pledge.due_on:
            continue
        speaking = [entry for entry in brought.get(pledge.pk, ()) if entry.due_precision]
        yield DueMove(
            pledge=pledge,
            milestone=None,
            before_on=before.due_on,
            before_precision=before.due_precision,
            after_on=pledge.due_on,
            after_precision=pledge.due_precision,
            entry=speaking[-1] if speaking else None,
        )


def _milestones_due(
    pledges: Sequence[Pledge],
    brought: dict[int, list[Update]],
    entries: UpdateQuerySet,
    *,
    then: tuple[date, date],
    now: tuple[date, date],
) -> Iterator[DueMove]:
    by_pk = {pledge.pk: pledge for pledge in pledges}
    # Only an entry of the period can have moved one: by what it says, or by what it withdraws.
    own: MilestoneQuerySet = Milestone.objects.filter(
        pledge__in=entries.order_by().values("pledge")
    )
    earlier = {milestone.pk: milestone for milestone in own.as_of(*then)}
    for milestone in own.as_of(*now):
        before, pledge = earlier.get(milestone.pk), by_pk.get(milestone.pledge_id)
        if before is None or pledge is None or before.due_on == milestone.due_on:
            continue
        speaking = [
            entry
            for entry in brought.get(milestone.pledge_id, ())
            if milestone.pk in {change.milestone_id for change in entry.milestone_changes.all()}
        ]
        yield DueMove(
            pledge=pledge,
            milestone=milestone,
            before_on=before.due_on,
            before_precision=before.due_precision,
            after_on=milestone.due_on,
            after_precision=milestone.due_precision,
            entry=speaking[-1] if speaking else None,
        )


def _corrections(
    touched: Sequence[Pledge], brought: dict[int, list[Update]]
) -> Iterator[CorrectionMade]:
    for pledge in touched:
        for entry in brought.get(pledge.pk, ()):
            if entry.corrects is not None:
                yield CorrectionMade(
                    pledge=pledge,
                    correction=entry,
                    corrected=entry.corrects,
                    before=Status(entry.corrects.status),
                    after=Status(entry.status),
                )
