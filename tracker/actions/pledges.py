"""Making pledges and measurements public."""

from datetime import datetime
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tracker.models import Measurement, Pledge, User

Row = TypeVar("Row", Pledge, Measurement)


def _publish(row: Row, permission: str, by: User, at: datetime) -> Row:
    if not by.has_perm(f"tracker.{permission}"):
        raise PermissionDenied
    current = type(row)._default_manager.select_for_update().get(pk=row.pk)
    if current.published_at is None:
        current.published_at, current.published_by = at, by
        current.save(update_fields=["published_at", "published_by"])
    return current


@transaction.atomic
def publish_pledge(pledge: Pledge, *, by: User, at: datetime) -> Pledge:
    """Makes a pledge public, for ever. One that is public stays as it is."""
    return _publish(pledge, "publish_pledge", by, at)


@transaction.atomic
def publish_measurement(measurement: Measurement, *, by: User, at: datetime) -> Measurement:
    """Makes a measurement public. One that is public stays as it is."""
    return _publish(measurement, "publish_measurement", by, at)
