"""A pledge's record as its page tells it: every entry, which one holds, since when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from tracker.models import Milestone, Pledge, Reply, Update
from tracker.rules.asof import AsOf
from tracker.rules.dates import is_late
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


@dataclass(frozen=True)
class Step:
    """One milestone on a day."""

    milestone: Milestone
    state: MilestoneState
    is_late: bool
    has_moved: bool


def timeline(pledge: Pledge, asof: AsOf) -> Timeline:
    """The timeline of a pledge in a fixed number of queries, whatever its length."""
    updates = list(Update.objects.filter(pledge=pledge).seen(asof).with_details().latest_first())
    # A correction that takes effect after the day asked about withdraws what it corrects already.
    withdrawn = set(
        Update.objects.filter(pledge=pledge, corrects__isnull=False)
        .published(asof.known_on)
        .values_list("corrects_id", flat=True)
    )
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


def steps(pledge: Pledge, asof: AsOf) -> list[Step]:
    """The milestones of a pledge that the record holds on the day asked about, in their order."""
    return [
        step_on(milestone, asof.day)
        for milestone in pledge.milestones.as_of(asof.day, asof.known_on)
    ]


def step_on(milestone: Milestone, on: date) -> Step:
    """One milestone, `as_of` day `on`."""
    return Step(
        milestone=milestone,
        state=MilestoneState(milestone.state),
        is_late=is_late(
            milestone.due_on,
            milestone.state,
            on,
            final={MilestoneState.DONE, MilestoneState.DROPPED},
        ),
        has_moved=milestone.due_on != milestone.original_due_on,
    )
