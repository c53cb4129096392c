"""Beginning a milestone: its own row, and the update by which readers come to see it."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from tracker.actions.updates import Refused
from tracker.models import Milestone, MilestoneChange, Pledge, Update, User
from tracker.vocabulary import DatePrecision, Refusal


@transaction.atomic
def begin(
    update: Update,
    *,
    by: User,
    title_en: str = "",
    title_zh: str = "",
    due_on: date | None = None,
    due_precision: str = DatePrecision.NONE,
) -> Milestone:
    """Adds an open milestone to the pledge of a draft, which names it.

    Raises Refused where the update is no draft any more, PermissionDenied where `by` may not.
    """
    in_care = Pledge.objects.in_care_of(by).filter(pk=update.pledge_id).exists()
    if not (in_care and by.has_perm("tracker.add_milestone")):
        raise PermissionDenied
    current = Update.objects.select_for_update().get(pk=update.pk)
    if not current.allows("edit"):
        raise Refused([Refusal.NOT_EDITABLE])
    others = Milestone.objects.filter(pledge=current.pledge_id)
    milestone = Milestone(
        pledge_id=current.pledge_id,
        order=(others.aggregate(last=Max("order"))["last"] or 0) + 1,
        title_en=title_en,
        title_zh=title_zh,
        original_due_on=due_on,
        original_due_precision=due_precision,
    )
    milestone.full_clean()
    milestone.save()
    MilestoneChange.objects.create(
        update=current,
        milestone=milestone,
        due_on=milestone.original_due_on,
        due_precision=milestone.original_due_precision,
    )
    return milestone
