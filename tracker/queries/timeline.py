"""A pledge's record as its page tells it: every entry, which one holds, since when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from tracker.models import Milestone, MilestoneChange, Pledge, Reply, Update
from tracker.rules.asof import AsOf
from tracker.rules.dates import is_late
from tracker.rules.slippage import Due, Slippage, slippage
from tracker.rules.standing import in_effect, since
from tracker.vocabulary import MilestoneState, Status


@dataclass(frozen=True)
class TimelineEntry:
    """One entry of the record. `corrected_by` is the entry that replaced it, known by then.

    An entry `is_withdrawn` also where that one takes effect too late to be seen itself. `replies`
    are what bodies that lead the pledge answered to it.
    """

    update: Update
    status: Status
    before: Status | None
    holds: bool
    corrected_by: Update | None
    is_withdrawn: bool
    replies: Sequence[Reply] = ()

    @property
    def is_change(self) -> bool:
        """Whether the entry moved the pledge to another status."""
        return self.before is not None and self.before != self.status


@dataclass(frozen=True)
class Timeline:
    """All entries, the latest first, and since when the present status has held."""

    entries: tuple[TimelineEntry, ...]
    since: date | None

    @property
    def latest(self) -> TimelineEntry | None:
        """The entry that the status rests on."""
        return next((entry for entry in self.entries if entry.holds), None)

    @property
    def counting(self) -> list[Update]:
        """The entries that no correction has replaced, the latest first."""
        return [entry.update for entry in self.entries if not entry.is_withdrawn]

    @property
    def reporting(self) -> Update | None:
        """The entry that the last reported progress comes from."""
        return next((u for u in self.counting if u.reported_progress is not None), None)

    @property
    def checked_on(self) -> date | None:
        """When a piece of its evidence was last looked at."""
        seen = (evidence.seen_on for u in self.counting for evidence in u.evidence.all())
        return max((day for day in seen if day), default=None)


@dataclass(frozen=True)
class Step:
    """One milestone on a day, and how its due date has moved by then."""

    milestone: Milestone
    state: MilestoneState
    is_late: bool
    slippage: Slippage

    @property
    def is_done(self) -> bool:
        return self.state == MilestoneState.DONE

    @property
    def counts(self) -> bool:
        """Whether progress counts it: a dropped one is left out."""
        return self.state != MilestoneState.DROPPED


def timeline(pledge: Pledge, asof: AsOf) -> Timeline:
    """The timeline of a pledge in a fixed number of queries, whatever its length."""
    updates = list(pledge.updates.seen(asof).with_details().latest_first())
    withdrawn = {update.corrects_id for update in updates if update.corrects_id}
    if asof.day < (asof.known_on or asof.today):
        # A correction that takes effect after the day asked about withdraws what it corrects
        # already. On the last day that is known there is none: none takes effect before it is
        # published.
        later = pledge.updates.filter(corrects__isnull=False).published(asof.known_on)
        withdrawn |= set(later.values_list("corrects_id", flat=True))
    return told(updates, asof, withdrawn, list(Reply.objects.to(updates).seen(asof)))


def told(
    updates: Sequence[Update],
    asof: AsOf,
    withdrawn: Collection[int],
    replies: Collection[Reply] = (),
) -> Timeline:
    """The timeline that `updates` with their details make, the latest first."""
    by_pk = {update.pk: update for update in updates}
    corrections = {u.corrects_id: u for u in updates if u.corrects_id in by_pk}
    holding = [u for u in in_effect(updates, asof.day, asof.known_on) if u.pk not in withdrawn]
    before = {
        update.pk: Status(earlier.status) if earlier else Status.NOT_RATED
        for update, earlier in zip_longest(holding, holding[1:])
    }
    return Timeline(
        entries=tuple(
            TimelineEntry(
                update=update,
                status=Status(update.status),
                before=before.get(update.pk),
                holds=bool(holding) and update.pk == holding[0].pk,
                corrected_by=corrections.get(update.pk),
                is_withdrawn=update.pk in withdrawn,
                replies=[reply for reply in replies if reply.update_id == update.pk],
            )
            for update in updates
        ),
        since=since(holding),
    )


def steps(counting: Sequence[Update], on: date) -> list[Step]:
    """The milestones that entries in effect on day `on`, the latest first, name, in their order.

    Each stands as the latest of them says: what `MilestoneQuerySet.as_of` asks of the database,
    told from entries that have been read.
    """
    # One that an editor types has no key yet.
    said: dict[int | None, list[tuple[Update, MilestoneChange]]] = {}
    for update in counting:
        for change in update.milestone_changes.all():
            said.setdefault(change.milestone_id, []).append((update, change))
    found = [_step(changes, on) for changes in said.values()]
    return sorted(found, key=lambda step: (step.milestone.order, step.milestone.pk or 0))


def _step(changes: Sequence[tuple[Update, MilestoneChange]], on: date) -> Step:
    """One milestone, of which entries said `changes`, the latest first."""
    latest = changes[0][1]
    milestone = latest.milestone
    milestone.state, milestone.done_on = latest.state, latest.done_on
    milestone.due_on, milestone.due_precision = latest.due_on, latest.due_precision
    return Step(
        milestone=milestone,
        state=MilestoneState(milestone.state),
        is_late=is_late(
            milestone.due_on,
            milestone.state,
            on,
            final={MilestoneState.DONE, MilestoneState.DROPPED},
        ),
        slippage=slippage(
            Due(milestone.original_due_on, milestone.original_due_precision),
            (
                (update.effective_on, Due(change.due_on, change.due_precision))
                for update, change in reversed(changes)
            ),
        ),
    )


def due_slippage(pledge: Pledge, record: Timeline) -> Slippage:
    """How the pledge's own due date has moved by the day that its `record` is read for."""
    return slippage(
        Due(pledge.original_due_on, pledge.original_due_precision),
        (
            (update.effective_on, Due(update.due_on, update.due_precision))
            for update in reversed(record.counting)
            if update.due_precision
        ),
    )
