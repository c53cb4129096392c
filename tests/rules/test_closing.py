from datetime import date

import pytest

from tracker.rules.closing import known_on, refusals
from tracker.vocabulary import Refusal

END = date(2026, 9, 30)
ASKED = {
    "is_closed": False,
    "ends_on": END,
    "on": date(2026, 10, 1),
    "missing": 0,
    "although_missing": False,
}


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({}, []),
        ({"on": END}, [Refusal.PERIOD_NOT_OVER]),
        ({"missing": 1}, [Refusal.PERIOD_INCOMPLETE]),
        ({"missing": 1, "although_missing": True}, []),
        ({"on": END, "missing": 2}, [Refusal.PERIOD_NOT_OVER, Refusal.PERIOD_INCOMPLETE]),
        ({"is_closed": True, "missing": 2}, [Refusal.PERIOD_CLOSED]),
    ],
)
def test_when_a_period_may_be_closed(values, refused):
    assert list(refusals(**ASKED | values)) == refused


def test_its_reports_are_known_as_of_a_day_that_is_over_and_never_before_its_last():
    assert known_on(date(2026, 10, 1)) == END
