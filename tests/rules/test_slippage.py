from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.dates import last_day
from tracker.rules.slippage import Due, Shift, Unit, shift, slippage
from tracker.vocabulary import DatePrecision


def due(text):
    """2024, 2024-06 or 2024-06-15 as a due date of that precision; nothing for none."""
    if not text:
        return Due(None, DatePrecision.NONE)
    precision = {4: DatePrecision.YEAR, 7: DatePrecision.MONTH, 10: DatePrecision.DAY}[len(text)]
    day = date.fromisoformat(text + "-01-01"[: 10 - len(text)])
    return Due(last_day(day, precision), precision)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("2024", "2025", Shift(1, Unit.YEAR, True)),
        ("2024", "2022", Shift(2, Unit.YEAR, False)),
        ("2024-03", "2024-12", Shift(9, Unit.MONTH, True)),
        ("2024-03", "2025-03", Shift(12, Unit.MONTH, True)),
        ("2024-12", "2024-11", Shift(1, Unit.MONTH, False)),
        # The end of a year and the end of a month.
        ("2024", "2025-06", Shift(6, Unit.MONTH, True)),
        ("2024-06", "2024", Shift(6, Unit.MONTH, True)),
        # The same day of another month, or the last of both.
        ("2024-01-15", "2024-10-15", Shift(9, Unit.MONTH, True)),
        ("2024-02-29", "2024-03-31", Shift(1, Unit.MONTH, True)),
        ("2024-01", "2024-02-29", Shift(1, Unit.MONTH, True)),
        ("2024", "9999-12-31", Shift(7975 * 12, Unit.MONTH, True)),
        # Else by the day.
        ("2024-01-15", "2024-01-16", Shift(1, Unit.DAY, True)),
        ("2024-02-28", "2024-02-29", Shift(1, Unit.DAY, True)),
        ("2024-01-31", "2024-02-28", Shift(28, Unit.DAY, True)),
        ("2024-03-10", "2024-01-31", Shift(39, Unit.DAY, False)),
        ("2024-03", "2024-04-15", Shift(15, Unit.DAY, True)),
        # Stated otherwise, but the same last day; and where there is no date there is no distance.
        ("2024", "2024-12-31", None),
        ("2024-12", "2024", None),
        ("", "2024", None),
        ("2024", "", None),
        ("", "", None),
    ],
)
def test_a_shift_is_told_in_the_unit_in_which_both_dates_are_exact(before, after, expected):
    assert shift(due(before), due(after)) == expected


FIRST, SECOND, THIRD = date(2023, 1, 1), date(2023, 6, 1), date(2024, 1, 1)


@pytest.mark.parametrize(
    ("first", "said", "moves", "in_all"),
    [
        ("2024", [], [], None),
        ("2024", [(FIRST, "2024")], [], None),
        ("2024", [(FIRST, "2024-12-31")], [], None),
        ("2024-03", [(FIRST, "2024-12")], [FIRST], Shift(9, Unit.MONTH, True)),
        # Moved twice, by nine months.
        (
            "2024-03",
            [(FIRST, "2024-06"), (SECOND, "2024-06"), (THIRD, "2024-12")],
            [FIRST, THIRD],
            Shift(9, Unit.MONTH, True),
        ),
        ("2024-03", [(FIRST, "2024-06"), (SECOND, "2024-03")], [FIRST, SECOND], None),
        ("2024-03", [(FIRST, "2024-01")], [FIRST], Shift(2, Unit.MONTH, False)),
        # A date is given for the first time, or taken away.
        ("", [(FIRST, "2024")], [FIRST], None),
        ("2024", [(FIRST, "")], [FIRST], None),
        ("2024", [(FIRST, ""), (SECOND, "2025")], [FIRST, SECOND], Shift(1, Unit.YEAR, True)),
    ],
)
def test_each_other_date_is_a_move_and_the_whole_is_from_the_first_to_the_last(
    first, said, moves, in_all
):
    found = slippage(due(first), [(on, due(text)) for on, text in said])
    assert [move.on for move in found.moves] == moves
    assert found.shift == in_all
    assert found.first == due(first)
    assert found.now == due(said[-1][1] if said else first)


dues = st.builds(
    lambda day, precision: Due(last_day(day, precision), precision),
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.sampled_from([DatePrecision.DAY, DatePrecision.MONTH, DatePrecision.YEAR]),
)


@given(one=dues, other=dues)
def test_there_and_back_is_as_far(one, other):
    there, back = shift(one, other), shift(other, one)
    assert (there is None) == (back is None) == (one.on == other.on)
    if there:
        assert (there.count, there.unit) == (back.count, back.unit)
        assert there.count > 0
        assert there.is_later is not back.is_later
