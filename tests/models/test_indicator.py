from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tracker.actions.pledges import publish_measurement
from tracker.models import Indicator, Measurement, Source


@pytest.fixture
def indicator(world):
    return Indicator.objects.create(
        programme=world.programme, code="B1", name_en="Output", unit_en="%"
    )


def test_a_measurement_is_published_from_its_day_on(world, indicator):
    value = Measurement.objects.create(
        indicator=indicator, value=Decimal("1.5"), measured_on=date(2023, 1, 1), publisher="P"
    )
    assert not Measurement.objects.published().exists()
    publish_measurement(value, by=world.reviewer, at=datetime(2026, 11, 23, 16, 0, tzinfo=UTC))
    assert Measurement.objects.published().get() == value
    assert not Measurement.objects.published(date(2026, 11, 23)).exists()
    assert Measurement.objects.published(date(2026, 11, 24)).get() == value


def test_a_measurement_quotes_the_words_that_state_it(world, indicator):
    source = Source.objects.create(
        slug="source",
        programme=world.programme,
        title_en="Source",
        publisher_en="Publisher",
        published_on=date(2022, 8, 20),
        language="en",
        text="It has reached 40%. Good.",
    )
    of_source = Measurement(indicator=indicator, source=source, start=7, end=18)
    assert of_source.quotation == "reached 40%"
    assert Measurement(indicator=indicator, publisher="Publisher").quotation == ""


def test_names(indicator):
    value = Measurement(indicator=indicator, measured_on=date(2023, 1, 1))
    assert str(indicator) == "B1 Output"
    assert str(value) == f"{indicator.pk}: 2023-01-01"
