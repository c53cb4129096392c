"""A few kills of `make durability`, and that its controls lose. Power and disks want root: they are
in the whole run alone."""

import pytest

from bench.durability.runs import run

pytestmark = pytest.mark.sqlite_only


def test_a_killed_database_loses_nothing_that_was_acknowledged():
    outcome = run("database killed", "postgresql", 3)
    assert outcome.is_as_it_should_be, outcome.line()
    assert outcome.times == 3
    assert outcome.acknowledged >= 9
    # While it was away it was said so, and in no other way.
    assert set(outcome.refused) <= {503}, outcome.line()


def test_a_site_that_says_saved_too_early_is_found_out():
    outcome = run("workers killed", "sqlite", 1, control=True)
    assert outcome.lost, outcome.line()
