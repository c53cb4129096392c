"""Publishing what a body that leads a pledge answers to a final status."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tracker.actions.updates import Refused
from tracker.models import Body, Pledge, Reply, User
from tracker.rules.replies import refusals
from tracker.vocabulary import Refusal


@transaction.atomic
def publish(reply: Reply, *, by: User, at: datetime, seen: int | None = None) -> Reply:
    """Makes a reply public, for ever, beside the entry that it answers.

    Where `seen` is given, it is the version that `by` was looking at. Raises Refused with all that
    stands against it, PermissionDenied where `by` may not publish or does not speak for the body.
    """
    in_care = Pledge.objects.in_care_of(by).filter(pk=reply.update.pledge_id).exists()
    speaks = Body.objects.spoken_for_by(by).filter(pk=reply.body_id).exists()
    if not (in_care and speaks and by.has_perm("tracker.publish_reply")):
        raise PermissionDenied
    # The pledge first, as for the steps of an update: no correction comes in between.
    Pledge.objects.select_for_update().filter(pk=reply.update.pledge_id).first()
    current = Reply.objects.select_for_update().get(pk=reply.pk)
    reasons = list(refusals(current.answer()))
    if seen is not None and seen != current.version:
        reasons.insert(0, Refusal.CHANGED_MEANWHILE)
    if reasons:
        raise Refused(reasons)
    current.published_at, current.published_by = at, by
    current.save(update_fields=["version", "published_at", "published_by"])
    return current
