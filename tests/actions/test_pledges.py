from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from tests.models import raw
from tracker.actions.pledges import publish_measurement, publish_pledge
from tracker.models import Indicator, Measurement, Pledge
from tracker.vocabulary import StaffRole


@pytest.fixture
def rows(world):
    indicator = Indicator.objects.create(
        programme=world.programme, code="B1", name_en="Output", unit_en="%"
    )
    measurement = Measurement.objects.create(
        indicator=indicator, value=Decimal(1), measured_on=date(2023, 1, 1), publisher="P"
    )
    return {publish_pledge: world.pledge(public=False), publish_measurement: measurement}


ACTIONS = pytest.mark.parametrize("publish", [publish_pledge, publish_measurement])


@ACTIONS
def test_publishing_says_who_and_when(world, rows, publish):
    done = publish(rows[publish], by=world.reviewer, at=world.at)
    kept = type(done)._default_manager.get(pk=done.pk)
    for row in (done, kept):
        assert (row.published_by, row.published_at) == (world.reviewer, world.at)


@ACTIONS
def test_what_is_public_stays_as_it_is(world, rows, publish):
    publish(rows[publish], by=world.reviewer, at=world.at)
    colleague = world.person("colleague", StaffRole.REVIEWER)
    again = publish(rows[publish], by=colleague, at=world.later(days=1))
    again.refresh_from_db()
    assert (again.published_by, again.published_at) == (world.reviewer, world.at)


@ACTIONS
@pytest.mark.parametrize("role", [StaffRole.EDITOR, StaffRole.MANAGER, None])
def test_only_a_reviewer_publishes(world, rows, publish, role):
    person = world.person("somebody", *([role] if role else []))
    before = raw.rows()
    with pytest.raises(PermissionDenied):
        publish(rows[publish], by=person, at=world.at)
    assert raw.rows() == before
    assert not Measurement.objects.published().exists()


def test_publishing_writes_nothing_else_of_a_row_that_was_read_before(world):
    stale = world.pledge(public=False)
    Pledge.objects.update(title_en="A better title")
    publish_pledge(stale, by=world.reviewer, at=world.at)
    assert Pledge.objects.get().title_en == "A better title"
