"""What is due when: the days that a reader's calendar takes over."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from tracker.models import Milestone, Pledge
from tracker.models.pledge_queryset import PledgeQuerySet
from tracker.rules.asof import AsOf


@dataclass(frozen=True)
class Deadline:
    """One day on which a pledge, or a milestone of it, is due.

    `revision` and `revised_at` are of its pledge's record: any publication there may move it, also
    one that corrects an entry and says nothing of the milestone.
    """

    uid: str
    pledge: Pledge
    milestone: Milestone | None
    due_on: date
    due_precision: str
    revision: int
    revised_at: datetime


def deadlines(pledges: PledgeQuerySet, asof: AsOf) -> list[Deadline]:
    """The deadlines of `pledges` that a reader sees on the day asked about, in two queries."""
    with_steps = Exists(Milestone.objects.filter(pledge=OuterRef("pk")))
    seen = pledges.seen(asof).filter(Q(due_on__isnull=False) | with_steps)
    by_pk = {pledge.pk: pledge for pledge in seen.with_revision().order_by("code")}
    milestones = (
        Milestone.objects.as_of(asof.day, asof.known_on)
        .filter(pledge__in=pledges.seen(asof).order_by().values("pk"), due_on__isnull=False)
        .order_by("pledge__code", "order", "pk")
    )
    found = [
        _deadline(f"pledge-{pledge.code}-due", pledge, None, pledge)
        for pledge in by_pk.values()
        if pledge.due_on
    ]
    found += [_deadline(str(m.uid), by_pk[m.pledge_id], m, m) for m in milestones]
    return sorted(found, key=lambda deadline: (deadline.due_on, deadline.pledge.code))


def _deadline(uid: str, pledge: Pledge, milestone: Milestone | None, dated) -> Deadline:
    return Deadline(
        uid=uid,
        pledge=pledge,
        milestone=milestone,
        due_on=dated.due_on,
        due_precision=dated.due_precision,
        revision=pledge.revision,
        revised_at=pledge.revised_at,
    )
