from datetime import date

import pytest

from tracker.rules.asof import AsOf

TODAY, PAST, LONG_AGO = date(2026, 11, 23), date(2025, 1, 1), date(2024, 1, 1)


@pytest.mark.parametrize(
    ("on", "known_on", "day", "is_now", "parameters"),
    [
        (None, None, TODAY, True, {}),
        (TODAY, None, TODAY, True, {}),
        (TODAY, TODAY, TODAY, True, {}),
        (PAST, None, PAST, False, {"as_of": "2025-01-01"}),
        (None, PAST, PAST, False, {"known_on": "2025-01-01"}),
        (LONG_AGO, PAST, LONG_AGO, False, {"as_of": "2024-01-01", "known_on": "2025-01-01"}),
        (TODAY, PAST, TODAY, False, {"as_of": "2026-11-23", "known_on": "2025-01-01"}),
    ],
)
def test_the_day_asked_about(on, known_on, day, is_now, parameters):
    asof = AsOf(TODAY, on, known_on)
    assert (asof.day, asof.is_now, asof.parameters) == (day, is_now, parameters)
