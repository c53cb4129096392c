from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.progress import Basis, Progress, progress, roll_up, rounded


@pytest.mark.parametrize(
    ("given", "percent", "basis", "shown"),
    [
        ((0, 0, None), None, Basis.NONE, None),
        ((0, 0, 0), Decimal(0), Basis.REPORTED, 0),
        ((0, 0, 40), Decimal(40), Basis.REPORTED, 40),
        ((0, 0, 100), Decimal(100), Basis.REPORTED, 100),
        ((0, 4, None), Decimal(0), Basis.MILESTONES, 0),
        ((1, 4, None), Decimal(25), Basis.MILESTONES, 25),
        ((1, 8, None), Decimal("12.5"), Basis.MILESTONES, 13),
        ((4, 4, None), Decimal(100), Basis.MILESTONES, 100),
        # Milestones win over what was reported.
        ((1, 4, 90), Decimal(25), Basis.MILESTONES, 25),
        ((0, 4, 90), Decimal(0), Basis.MILESTONES, 0),
    ],
)
def test_progress_is_the_share_of_milestones_else_what_was_reported_else_no_figure(
    given, percent, basis, shown
):
    done, total, reported = given
    figure = progress(milestones_done=done, milestones_total=total, reported=reported)
    assert (figure.percent, figure.basis, figure.shown) == (percent, basis, shown)
    counted = (done, total) if basis is Basis.MILESTONES else (0, 0)
    assert (figure.done, figure.total) == counted


@pytest.mark.parametrize(
    ("percent", "shown"),
    [
        (None, None),
        (Decimal(0), 0),
        (Decimal("0.4999"), 0),
        (Decimal("0.5"), 1),
        (Decimal("1.5"), 2),
        (Decimal("2.5"), 3),
        (Decimal(100) / 3, 33),
        (Decimal(200) / 3, 67),
        (Decimal("99.5"), 100),
        (Decimal(100), 100),
    ],
)
def test_halves_are_rounded_up_and_no_figure_is_not_zero(percent, shown):
    assert rounded(percent) == shown


def of(percent):
    return Progress(None if percent is None else Decimal(percent), Basis.REPORTED)


@pytest.mark.parametrize(
    ("percents", "mean", "counted", "total", "shown"),
    [
        ([], None, 0, 0, None),
        ([None, None], None, 0, 2, None),
        ([0], Decimal(0), 1, 1, 0),
        ([0, None], Decimal(0), 1, 2, 0),
        # A pledge without a figure does not count as zero: the mean of 50 and 100 is 75.
        ([50, 100, None], Decimal(75), 2, 3, 75),
        ([0, 0, 100], Decimal(100) / 3, 3, 3, 33),
        ([0, 1], Decimal("0.5"), 2, 2, 1),
    ],
)
def test_a_roll_up_is_the_mean_of_those_that_have_a_figure(percents, mean, counted, total, shown):
    figure = roll_up(of(percent) for percent in percents)
    assert (figure.percent, figure.counted, figure.total) == (mean, counted, total)
    assert figure.shown == shown


@given(st.lists(st.one_of(st.none(), st.integers(0, 100)), max_size=30))
def test_a_roll_up_lies_between_its_least_and_greatest_figure(percents):
    known = [percent for percent in percents if percent is not None]
    figure = roll_up(of(percent) for percent in percents)
    assert (figure.counted, figure.total) == (len(known), len(percents))
    if known:
        assert min(known) <= figure.percent <= max(known)
        assert abs(Fraction(figure.percent) - Fraction(sum(known), len(known))) < Fraction(
            1, 10**20
        )
    else:
        assert figure.percent is None
