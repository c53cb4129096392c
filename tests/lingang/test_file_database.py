"""SQLite's file stays open between requests, as long as it is the one that lies at its place."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from django.db import OperationalError

from lingang.file_database.base import DatabaseWrapper
from lingang.settings import DATABASES

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


def file_with(place, text):
    with closing(sqlite3.connect(place)) as made, made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE said (what)")
        made.execute("INSERT INTO said VALUES (?)", [text])
    return place


def moved(place, folder):
    """Moves the file with what belongs to it, and leaves the place empty."""
    folder.mkdir(exist_ok=True)
    for part in place.parent.glob(f"{place.name}*"):
        part.rename(folder / part.name)


@pytest.fixture
def place(tmp_path):
    return file_with(tmp_path / "tracker.sqlite3", "old")


@pytest.fixture
def site(place):
    """A thread's connection under the site's own settings, told where its file is."""
    usual = {"ATOMIC_REQUESTS": False, "AUTOCOMMIT": True, "TIME_ZONE": None}
    wrapper = DatabaseWrapper({**usual, **DATABASES["default"], "NAME": place}, "of the test")
    yield wrapper
    wrapper.close()


def asked(site):
    """What a request reads that comes now."""
    site.close_if_unusable_or_obsolete()
    try:
        with site.cursor() as cursor:
            cursor.execute("SELECT what FROM said")
            return [what for (what,) in cursor.fetchall()]
    finally:
        site.close_if_unusable_or_obsolete()


def test_the_file_stays_open(site):
    assert asked(site) == ["old"]
    first = site.connection
    assert asked(site) == ["old"]
    assert site.connection is first


def test_after_a_fault_it_is_opened_anew(site):
    assert asked(site) == ["old"]
    first = site.connection
    with pytest.raises(OperationalError), site.cursor() as cursor:
        cursor.execute("SELECT * FROM nothing")
    assert asked(site) == ["old"]
    assert site.connection is not first


def test_a_file_put_in_its_place_is_what_the_next_request_reads(site, place, tmp_path):
    assert asked(site) == ["old"]
    moved(place, tmp_path / "away")
    file_with(place, "new")
    assert asked(site) == ["new"]


def test_without_the_file_nothing_is_read_until_it_is_back(site, place, tmp_path):
    assert asked(site) == ["old"]
    moved(place, tmp_path / "away")
    with pytest.raises(OperationalError, match="no such table"):
        asked(site)
    moved(place, tmp_path / "empty")
    moved(tmp_path / "away" / place.name, tmp_path)
    assert asked(site) == ["old"]


def test_who_had_the_old_file_open_takes_nothing_from_the_new_one(site, place, tmp_path):
    assert asked(site) == ["old"]
    moved(place, tmp_path / "away")
    file_with(place, "new")
    with closing(sqlite3.connect(place)) as writer, writer:
        writer.execute("INSERT INTO said VALUES ('acknowledged')")
        writer.commit()
        site.close()
        # Read as whoever opens the file after a power cut would: with its journal.
        copy = tmp_path / "copy"
        copy.mkdir()
        journal = place.with_name(f"{place.name}-wal")
        assert journal.stat().st_size
        for part in (place, journal):
            shutil.copy(part, copy)
        with closing(sqlite3.connect(copy / place.name)) as later:
            assert later.execute("SELECT what FROM said").fetchall() == [
                ("new",),
                ("acknowledged",),
            ]
