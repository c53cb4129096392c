"""Making pledges and measurements public."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tracker.actions.updates import Refused
from tracker.models import Measurement, Pledge, User
from tracker.vocabulary import Refusal


def _permitted(by: User, permission: str, pledge_id: int | None) -> None:
    """Raises PermissionDenied unless `by` has the permission and the pledge in their care.

    What belongs to no pledge is in the care of those who work for every body.
    """
    in_care = by.cares_for_all or Pledge.objects.in_care_of(by).filter(pk=pledge_id).exists()
    if not (in_care and by.has_perm(f"tracker.{permission}")):
        raise PermissionDenied


@transaction.atomic
def publish_pledge(pledge: Pledge, *, by: User, at: datetime, seen: int | None = None) -> Pledge:
    """Makes a pledge public, for ever. One that is public stays as it is.

    Raises Refused where the pledge has moved on since `by` looked at it, in its version `seen`.
    """
    _permitted(by, "publish_pledge", pledge.pk)
    current = Pledge.objects.select_for_update().get(pk=pledge.pk)
    if current.published_at is None:
        if seen is not None and seen != current.version:
            raise Refused([Refusal.CHANGED_MEANWHILE])
        current.published_at, current.published_by = at, by
        current.save(update_fields=["version", "published_at", "published_by"])
    return current


@transaction.atomic
def publish_measurement(measurement: Measurement, *, by: User, at: datetime) -> Measurement:
    """Makes a measurement public. One that is public stays as it is."""
    _permitted(by, "publish_measurement", measurement.indicator.pledge_id)
    current = Measurement.objects.select_for_update().get(pk=measurement.pk)
    if current.published_at is None:
        current.published_at, current.published_by = at, by
        current.save(update_fields=["published_at", "published_by"])
    return current
