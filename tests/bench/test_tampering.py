"""A few of the tamperings of `make tamper`, of a seed of their own."""

import pytest
from django.core.management import call_command
from django.db import connection

from bench.tampering import trial, ways
from bench.tampering.record import fill
from tests.models import raw
from tracker.models import guards


@pytest.fixture
def record(lingang):
    """The record of the command. What waits for the end of the transaction is asked at once: guards
    are made on tables that wait for nothing."""
    fill()
    connection.check_constraints()


@pytest.mark.usefixtures("record")
def test_whatever_is_tampered_with_is_found_and_nothing_of_it_stays():
    before = raw.rows()
    outcome = trial.run(seed=41, times=24)
    assert outcome.missed == []
    assert outcome.false == set()
    assert outcome.found == 24
    assert raw.rows() == before
    assert guards.missing(connection) == []
    call_command("verify_record")


@pytest.mark.usefixtures("record")
def test_what_is_not_found_is_told(monkeypatch):
    """The control of the tool itself: where nothing is done, nothing is found."""
    monkeypatch.setattr(trial, "WAYS", (ways.nothing,))
    monkeypatch.setattr(trial, "WAYS_TO_HIDE", (ways.nothing,))
    outcome = trial.run(seed=41, times=2)
    assert outcome.missed == ["nothing"] * 2
    assert not outcome.is_as_it_should_be
