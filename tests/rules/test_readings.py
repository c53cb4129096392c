"""What one cell says, and what is too uncertain to be taken."""

from datetime import date

import pytest

from tracker.rules import readings
from tracker.rules.readings import between, due, key, percentage, same, whole_number
from tracker.rules.tables import Misread
from tracker.vocabulary import CellFault, DateOrder


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("2025-02-03", date(2025, 2, 3), "day"),
        ("2025-02-03 00:00:00", date(2025, 2, 3), "day"),
        ("2025/2/3", date(2025, 2, 3), "day"),
        ("2025.2.3", date(2025, 2, 3), "day"),
        ("２０２５年２月３日", date(2025, 2, 3), "day"),
        ("2025年6月30日前", date(2025, 6, 30), "day"),
        ("January 20, 2021", date(2021, 1, 20), "day"),
        ("Jan. 20, 2021", date(2021, 1, 20), "day"),
        ("20 January 2021", date(2021, 1, 20), "day"),
        ("2025-02", date(2025, 2, 28), "month"),
        ("2025年12月底前", date(2025, 12, 31), "month"),
        ("June 2025", date(2025, 6, 30), "month"),
        ("2025", date(2025, 12, 31), "year"),
        ("2025年底", date(2025, 12, 31), "year"),
    ],
)
def test_a_day_a_month_or_a_year_ends_on_its_last_day(text, day, precision):
    assert due(text) == (day, precision)


@pytest.mark.parametrize(
    "text", ["31/02/2025", "2025-02-31", "2025-2-30", "soon", "45321", "3/4/25", "Q3 2025", "0000"]
)
def test_what_is_no_date_says_what_to_write(text):
    with pytest.raises(Misread) as misread:
        due(text)
    assert str(misread.value) == f"'{text}' is no date; use YYYY-MM-DD"


@pytest.mark.parametrize("text", ["03/04/2025", "3.4.2025", "25/12/2025"])
def test_whether_the_day_or_the_month_comes_first_is_not_guessed(text):
    with pytest.raises(Misread) as misread:
        due(text)
    assert misread.value.fault == CellFault.AMBIGUOUS_DATE


def test_whoever_brings_the_file_in_may_say_which_comes_first():
    assert readings.day("03/04/2025", DateOrder.DAY_FIRST) == date(2025, 4, 3)
    assert readings.day("03/04/2025", DateOrder.MONTH_FIRST) == date(2025, 3, 4)
    with pytest.raises(Misread):
        readings.day("25/12/2025", DateOrder.MONTH_FIRST)


def test_a_month_is_no_single_day():
    with pytest.raises(Misread) as misread:
        readings.day("2025-06")
    assert misread.value.fault == CellFault.WHOLE_DAY


@pytest.mark.parametrize(("text", "number"), [("45", 45), ("45%", 45), ("４５％", 45), ("0", 0)])
def test_a_percentage_is_a_whole_number(text, number):
    assert percentage(text) == number


@pytest.mark.parametrize("text", ["0.45", "45.5", "101", "-1", "half", "1/2"])
def test_other_percentages_are_refused(text):
    with pytest.raises(Misread):
        percentage(text)


def test_numbers_that_excel_turned_into_decimals_are_whole():
    assert whole_number("3.0") == 3
    with pytest.raises(Misread):
        whole_number("3.5")


@pytest.mark.parametrize("text", ["Due on", "due_on", "DUE-ON", "ｄｕｅ　ｏｎ", " due  on: "])
def test_names_are_compared_without_case_width_and_punctuation(text):
    assert key(text) == "due on"


def test_line_ends_and_outer_white_space_are_no_difference():
    assert same("a\r\nb ", "a\nb")
    assert not same("a b", "ab")


def test_long_texts_are_shown_around_their_difference():
    old, new = between("x" * 200 + "old" + "y" * 200, "x" * 200 + "new" + "y" * 200)
    assert "xold" in old
    assert "xnew" in new
    assert max(len(old), len(new)) <= 62
    assert between("short", "text") == ("short", "text")
