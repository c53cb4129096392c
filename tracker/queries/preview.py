"""What a pledge's public page would say if an update were published now. Nothing is written."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from tracker.models import Evidence, Head, MilestoneChange, Pledge, Reply, Update
from tracker.queries.timeline import Step, Timeline, steps, told
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of
from tracker.rules.standing import in_effect, status_of
from tracker.vocabulary import UpdateState

#: Stands for the key of a row that is not kept yet.
UNKEPT = 0


@dataclass(frozen=True)
class Foreseen:
    """The page's parts as they would be."""

    asof: AsOf
    pledge: Pledge
    timeline: Timeline
    steps: list[Step]


def foresee(
    update: Update,
    evidence: Sequence[Evidence],
    changes: Sequence[MilestoneChange],
    *,
    at: datetime,
) -> Foreseen:
    """The page with `update`, which may be typed and not kept, as it would be from `at` on."""
    asof = AsOf(day_of(at))
    entry = _as_entry(update, evidence, changes, at)
    record = update.pledge.updates.published().with_details()
    entries = sorted(
        [entry, *record], key=lambda each: (each.effective_on, each.sequence or 0), reverse=True
    )
    withdrawn = {each.corrects_id for each in entries if each.corrects_id}
    replies = list(Reply.objects.to(record).seen(asof))
    pledge = Pledge.objects.as_of().with_flags().with_names().get(pk=update.pledge_id)
    holding = in_effect(entries, asof.day)
    _stand(pledge, holding)
    foreseen = steps(holding, asof.day)
    pledge.milestones_total = sum(step.counts for step in foreseen)
    pledge.milestones_done = sum(step.is_done for step in foreseen)
    return Foreseen(asof, pledge, told(entries, asof, withdrawn, replies), foreseen)


def _as_entry(
    update: Update, evidence: Sequence[Evidence], changes: Sequence[MilestoneChange], at: datetime
) -> Update:
    """The update as it would be read from the record, with its details in memory."""
    entry = copy(update)
    entry.pk = update.pk or UNKEPT
    entry.state, entry.published_at = UpdateState.PUBLISHED, at
    head = Head.objects.first()
    entry.sequence = (head.sequence if head else 0) + 1
    # Where the rows of a prefetch are kept: the page asks for them as for any entry's.
    details = {"evidence": evidence, "milestone_changes": changes}
    vars(entry)["_prefetched_objects_cache"] = {name: list(rows) for name, rows in details.items()}
    return entry


def _stand(pledge: Pledge, holding: Sequence[Update]) -> None:
    """Puts on the pledge what entries in effect say of it: `PledgeQuerySet.as_of` in Python."""
    latest = next(iter(holding), None)
    pledge.status = status_of(holding)
    pledge.entry_id = latest.pk if latest else None
    pledge.last_entry_on = latest.effective_on if latest else pledge.announced_on
    pledge.has_evidence = bool(latest and latest.evidence.all())
    reported = (u.reported_progress for u in holding if u.reported_progress is not None)
    pledge.reported_progress = next(reported, None)
    moved = next((u for u in holding if u.due_precision), None)
    pledge.due_on = moved.due_on if moved else pledge.original_due_on
    pledge.due_precision = moved.due_precision if moved else pledge.original_due_precision
