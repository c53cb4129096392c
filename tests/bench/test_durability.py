"""One kill of `make durability`. Its controls, which must lose, are in the whole run, as are
power and disks, which want root."""

import pytest

from bench.durability.runs import run

pytestmark = pytest.mark.sqlite_only


def test_a_killed_database_loses_nothing_that_was_acknowledged():
    outcome = run("database killed", "postgresql", 1)
    assert outcome.is_as_it_should_be, outcome.line()
    assert outcome.times == 1
    assert outcome.acknowledged >= 3
    # While it was away it was said so, and in no other way.
    assert set(outcome.refused) <= {503}, outcome.line()
