import pytest
from django.db import IntegrityError, connection, transaction

from tracker.models import Evidence, Update, guards
from tracker.vocabulary import Status


def test_every_guard_is_installed(db):
    assert guards.missing(connection) == []


def test_missing_names_a_lost_guard(db):
    guards.remove(connection)
    try:
        assert "tracker_standing_now" in guards.missing(connection)
    finally:
        guards.install(connection)


def test_a_published_update_cannot_be_changed_in_bulk(world):
    entry = world.published(world.pledge())
    with pytest.raises(IntegrityError), transaction.atomic():
        Update.objects.filter(pk=entry.pk).update(status=Status.KEPT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(update=entry).delete()
