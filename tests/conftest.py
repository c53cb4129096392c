"""Fixtures that every kind of test shares, and the rule that no test is skipped in silence."""

import gc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation
from whitenoise.base import WhiteNoise

from tests import snapshot
from tests.factories import World
from tracker.actions import loading, staff
from tracker.models import guards
from tracker.queries import facets

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"


def pytest_configure():
    """Hashing a password is slow on purpose; what is slow in every sign-in is tested nowhere."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(config, items):
    """A test for one database is left out on the other, not skipped: a skip is a failure.

    One that asks no database at all runs once, with SQLite's.
    """
    on_postgresql = "postgres" in settings.DATABASES["default"]["ENGINE"]
    other = "sqlite_only" if on_postgresql else "postgresql_only"
    left_out = [
        item
        for item in items
        if item.get_closest_marker(other) or (on_postgresql and not _asks_a_database(item))
    ]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def _asks_a_database(item):
    fixtures = {"db", "transactional_db"} & set(item.fixturenames)
    return bool(fixtures or item.get_closest_marker("django_db"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that should have run and was skipped fails the run."""
    report = (yield).get_result()
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and a skip proves nothing: {report.longrepr}"


def pytest_sessionstart(session):
    """Static files are collected once, before there are workers: compressing them takes seconds."""
    if not hasattr(session.config, "workerinput"):
        call_command("collectstatic", interactive=False, verbosity=0)


def pytest_collection_finish(session):
    """What is imported by now stays: looking through it for rubbish again and again takes a tenth
    of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_read_once():
    """Each client of a test begins a site of its own, which would look at every file anew."""
    read, kept = WhiteNoise.update_files_dictionary, {}

    def once(self, root, prefix):
        if root not in kept:
            read(self, root, prefix)
            kept[root] = dict(self.files)
        self.files |= kept[root]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _guards_stand_aside_for_flush():
    """Between tests on a live server every table is emptied, which the guards rightly refuse."""
    original = TransactionTestCase._fixture_teardown

    def teardown(self):
        connection = connections["default"]
        guards.remove(connection)
        try:
            original(self)
        finally:
            guards.install(connection)
            facets.forget()
            snapshot.forget()

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


@pytest.fixture(autouse=True)
def _in_english():
    """A request leaves its language behind in its thread: each test begins in English."""
    translation.activate("en")
    yield
    translation.deactivate()


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def world(db):
    """A small record: one programme, and factories for what a test needs beside it."""
    return World(at=NOW)


@pytest.fixture
def lingang(db):
    """The Lingang record, loaded as `make run` loads it."""
    if not snapshot.LINGANG.lay():
        staff.sync_roles()
        loading.load(FIXTURES / "lingang")
        snapshot.LINGANG.take()
