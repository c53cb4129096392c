"""Actions ask whose pledge it is, whatever face calls them."""

import pytest
from django.core.exceptions import PermissionDenied

from tracker.actions import pledges as pledge_actions
from tracker.actions import updates
from tracker.models import Indicator, Measurement
from tracker.vocabulary import StaffRole

EVERY_ROLE = list(StaffRole)


@pytest.fixture
def stranger(world):
    """Has every role, for another body."""
    return world.person("stranger", *EVERY_ROLE, bodies=[world.body("elsewhere")])


def test_no_step_is_taken_for_another_body_s_pledge(world, stranger):
    pledge = world.pledge()
    steps = [
        (updates.submit, world.draft(pledge), {}),
        (updates.withdraw, world.submitted(pledge), {}),
        (updates.publish, world.submitted(pledge), {}),
        (updates.return_, world.submitted(pledge), {"reason": "because"}),
        (updates.correct, world.published(pledge), {}),
    ]
    for step, update, more in steps:
        with pytest.raises(PermissionDenied):
            step(update, by=stranger, at=world.at, **more)
        state = update.state
        update.refresh_from_db()
        assert update.state == state


def test_nothing_is_made_public_for_another_body(world, stranger):
    pledge = world.pledge(public=False)
    with pytest.raises(PermissionDenied):
        pledge_actions.publish_pledge(pledge, by=stranger, at=world.at)
    indicator = Indicator.objects.create(
        programme=world.programme, code="B1", name_en="Output", unit_en="t"
    )
    value = Measurement.objects.create(
        indicator=indicator, value=1, measured_on="2023-01-01", publisher="Office"
    )
    with pytest.raises(PermissionDenied):
        pledge_actions.publish_measurement(value, by=stranger, at=world.at)


def test_a_retired_colleague_cares_for_nothing(world):
    world.reviewer.is_active = False
    assert not world.reviewer.cares_for_all
    world.reviewer.is_active = True
    assert world.reviewer.cares_for_all
