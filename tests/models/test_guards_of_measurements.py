"""A published measurement, and the first date of a recorded milestone, stay as they were."""

from datetime import date

import pytest

from tests.models import raw
from tests.models.raw import refused
from tracker.actions import updates
from tracker.actions.pledges import publish_measurement
from tracker.models import Indicator, Measurement
from tracker.vocabulary import MilestoneState


@pytest.fixture
def measurement(world):
    indicator = Indicator.objects.create(
        programme=world.programme, code="B1", name_en="Output", unit_en="t"
    )
    row = Measurement.objects.create(
        indicator=indicator, value=40, measured_on=date(2022, 8, 20), publisher="Office"
    )
    return publish_measurement(row, by=world.reviewer, at=world.at)


def test_a_published_measurement_is_not_changed(measurement):
    with refused("a published measurement"):
        Measurement.objects.update(value=41)
    with refused("a published measurement"):
        raw.update(measurement, published_at=None, published_by_id=None)


def test_a_published_measurement_is_not_deleted(measurement):
    with refused("a published measurement"):
        measurement.delete()
    with refused("a published measurement"):
        raw.delete(measurement)


@pytest.mark.sqlite_only
def test_a_published_measurement_is_not_replaced(measurement):
    for other in ({"value": 41}, {"id": 999, "value": 41}):
        with refused("a published measurement"):
            raw.insert_like(measurement, verb="INSERT OR REPLACE", **other)


def test_a_measurement_that_is_not_public_can_be_mended(world, measurement):
    row = Measurement.objects.create(
        indicator=measurement.indicator, value=1, measured_on=date(2023, 1, 1), publisher="Office"
    )
    Measurement.objects.filter(pk=row.pk).update(value=2)
    row.delete()
    assert Measurement.objects.get() == measurement


def test_a_recorded_milestone_keeps_its_first_date(world):
    pledge = world.pledge()
    first = {"original_due_on": date(2024, 12, 31), "original_due_precision": "year"}
    recorded = world.milestone(pledge, **first)
    waiting = world.milestone(pledge, "Second step", **first)
    draft = world.draft(pledge)
    world.change(draft, recorded, state=MilestoneState.OPEN)
    entry = updates.submit(draft, by=world.author, at=world.at)
    updates.publish(entry, by=world.reviewer, at=world.at)
    with refused("keeps its first date"):
        raw.update(recorded, original_due_on=date(2025, 12, 31))
    raw.update(waiting, original_due_on=date(2025, 12, 31))
