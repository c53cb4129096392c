"""What the beacon says is never older than what was announced, and it never waits in vain."""

import threading
import time

import pytest
from django.core.cache import cache
from django.db import DatabaseError

from lingang.beacon import LEASE, SECOND, Beacon, Unconfirmed


class Database:
    """Says which edition is the present one, as long as it is there."""

    def __init__(self):
        self.edition, self.asked, self.is_down = 1, 0, False

    def __call__(self):
        self.asked += 1
        if self.is_down:
            raise DatabaseError("gone")
        return self.edition


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def machine(tmp_path, database):
    """Makes a process of the machine that is named; the machines share a cache."""
    cache.clear()
    yield lambda name: Beacon(tmp_path / name, ask=database, is_shared=True)
    cache.clear()


@pytest.fixture
def process(tmp_path, database):
    """Makes a process of one machine that shares nothing."""
    return lambda: Beacon(tmp_path / "alone", ask=database, is_shared=False)


def test_many_ask_and_the_database_is_asked_once(process, database):
    one, other = process(), process()
    assert {one.confirmed(), *(other.confirmed() for _ in range(50))} == {1}
    assert database.asked == 1


def test_what_one_process_announces_the_others_know(process, database):
    one, other = process(), process()
    assert other.confirmed() == 1
    database.edition = 2
    one.announce()
    assert other.confirmed() == 2


def test_what_one_machine_announces_the_others_ask_for(machine, database):
    writer, neighbour, elsewhere = machine("a"), machine("a"), machine("b")
    writer.announce()
    assert elsewhere.confirmed() == 1
    database.edition = 2
    # A neighbour sees it between the writing and the telling: the others are told all the same.
    neighbour.ask()
    writer.announce()
    assert elsewhere.confirmed() == 2


def test_a_shared_cache_that_forgot_is_begun_anew(machine, database):
    one = machine("a")
    one.confirmed()
    cache.clear()
    time.sleep(LEASE / SECOND)
    for _ in range(20):
        one.confirmed()
    assert database.asked == 2


def test_a_shared_cache_that_is_away_is_done_without(machine, database, monkeypatch):
    one = machine("a")
    one.confirmed()

    def fails(*_):
        raise ConnectionError

    monkeypatch.setattr(cache, "get_or_set", fails)
    database.edition = 2
    time.sleep(LEASE / SECOND)
    assert one.confirmed() == 2


def test_the_shared_cache_is_looked_at_once_in_a_while(machine, monkeypatch):
    one, neighbour = machine("a"), machine("a")
    one.confirmed()
    looked = []
    found = cache.get_or_set
    monkeypatch.setattr(cache, "get_or_set", lambda *key: looked.append(key) or found(*key))
    until = time.monotonic_ns() + 3 * LEASE
    asked = 0
    while time.monotonic_ns() < until:
        one.confirmed()
        neighbour.confirmed()
        asked += 2
    assert len(looked) <= 4 < asked


def test_who_announces_waits_until_nobody_trusts_what_they_saw(machine, database):
    writer, elsewhere = machine("a"), machine("b")
    for edition in range(2, 7):
        elsewhere.confirmed()
        database.edition = edition
        writer.announce()
        assert elsewhere.confirmed() == edition


def test_an_older_copy_of_the_database_is_believed(process, database):
    one = process()
    database.edition = 5
    one.ask()
    database.edition = 3
    assert one.ask() == 3


def test_a_write_whose_edition_cannot_be_read_leaves_nobody_certain(process, database):
    one, other = process(), process()
    assert other.confirmed() == 1
    database.is_down = True
    one.announce()
    with pytest.raises(Unconfirmed):
        other.confirmed()
    database.is_down, database.edition, other._failed_at = False, 2, 0
    assert other.confirmed() == 2


def test_while_the_database_is_away_nobody_waits_for_it(process, database):
    go_on = threading.Event()

    def slow():
        go_on.wait(10)
        return database()

    one = process()
    # It failed more than a second ago: it may be asked anew.
    one._ask_database, one._failed_at = slow, 1
    for _ in range(3):
        with pytest.raises(Unconfirmed):
            one.confirmed()
    assert database.asked == 0
    go_on.set()
    with one._asking:
        assert one.confirmed() == 1
    assert database.asked == 1
