"""Numbers followed over time: their charts, and the tables that say the same."""

from datetime import date
from decimal import Decimal

import pytest

from tracker.models import Indicator, Measurement
from tracker.rules.asof import AsOf
from tracker.templatetags.tracker_charts import chart

TODAY = date(2026, 11, 23)


@pytest.fixture
def indicator(world):
    return Indicator.objects.create(
        programme=world.programme, code="B1", name_en="Output", unit_en="tonnes"
    )


@pytest.fixture
def measure(world, indicator):
    def measure(value, on, *, public=True, **values):
        return Measurement.objects.create(
            indicator=indicator,
            value=value,
            measured_on=on,
            **({"publisher": "The Office"} | values),
            **({"published_at": world.at, "published_by": world.reviewer} if public else {}),
        )

    return measure


def drawn(on=TODAY):
    return chart(Indicator.objects.seen(AsOf(TODAY, on)).get())


def test_a_single_value_stands_on_its_stem(measure):
    measure(340, date(2021, 12, 31), is_baseline=True)
    (mark,) = drawn().marks
    assert (mark.x, mark.is_labelled) == (160, True)
    assert mark.y < drawn().zero
    assert drawn().line == ""
    assert drawn().target is None


def test_values_stand_by_their_days_and_as_high_as_they_are(measure, indicator):
    for value, year in ((0, 2020), (50, 2021), (25, 2022)):
        measure(value, date(year, 1, 1))
    Indicator.objects.update(target=100, target_on=date(2024, 1, 1))
    found = drawn()
    xs, ys = [m.x for m in found.marks], [m.y for m in found.marks]
    assert xs == sorted(xs)
    assert abs((xs[1] - xs[0]) - (xs[2] - xs[1])) <= 1
    height = found.zero - found.target.y
    heights = [found.zero - y for y in ys]
    assert heights == pytest.approx([0, height / 2, height / 4], abs=1)
    assert found.target.x > xs[-1]
    assert [m.is_labelled for m in found.marks] == [True, False, True]
    assert found.line.count(",") == 3


@pytest.mark.parametrize("values", [(0,), (0, 0), (-5, 5), (-5,), (Decimal("0.0001"),)])
def test_any_values_can_be_drawn(measure, values):
    for year, value in enumerate(values, start=2020):
        measure(value, date(year, 1, 1))
    found = drawn()
    assert all(0 <= m.y <= found.height and 0 <= m.x <= found.width for m in found.marks)
    assert all((m.y < found.zero) == (m.value > 0) for m in found.marks if abs(m.value) >= 1)


def test_the_table_says_all_that_the_chart_shows(world, measure, read, indicator):
    measure(Decimal("1234.5000"), date(2021, 12, 31), is_baseline=True, period_en="2021")
    measure(2000, date(2022, 12, 31), url="https://example.org/office", qualifier_en="nearly")
    Indicator.objects.update(target=5000, target_on=date(2030, 12, 31))
    page = read("/en/")
    assert "Output" in page.texts("h3")
    assert "Output" in page.texts("caption")
    for text in ("1,234.5", "nearly 2,000", "5,000"):
        assert text in page.texts("td")
    assert {"2021 Baseline The Office", "Target Dec. 31, 2030"} <= set(page.texts("th"))
    assert "https://example.org/office" in page.links
    assert page.faults == []


def test_values_are_seen_once_published_and_from_their_day_on(world, measure, read, indicator):
    measure(11, date(2023, 12, 31))
    measure(22, date(2024, 12, 31))
    measure(33, date(2025, 12, 31), public=False)
    assert {"11", "22"} <= set(read("/en/").texts("td"))
    assert "33" not in read("/en/").texts("td")
    assert "22" not in read("/en/?as_of=2024-12-30").texts("td")
    assert "Output" not in read("/en/?as_of=2023-12-30").texts("h3")
    assert "Output" not in read("/en/?known_on=2026-11-22").texts("h3")
    # Those of a pledge stand on its page.
    pledge = world.pledge()
    Indicator.objects.update(pledge=pledge)
    assert "Output" not in read("/en/").texts("h3")
    assert "Output" in read("/en/pledges/P1.01/").texts("h3")


def test_the_lingang_record_has_three_numbers_with_their_words(lingang, read):
    page = read("/en/")
    assert [text for text in page.texts("td") if text in {"40", "nearly 340", "27"}] == [
        "40",
        "nearly 340",
        "27",
    ]
    assert len(page.texts("q")) == 3
