"""Two servers of the site, a primary and a replica: published on one, read on the other; the
primary is killed, and nothing that was acknowledged is lost."""

import json
import sys
import threading
import time
from contextlib import suppress

import pytest
from django.conf import settings

from tests.admin.desk import address
from tests.cluster import Cluster
from tests.test_kept_live import newest, what_is_torn

# What they ask is the cluster's own database, in other processes.
pytestmark = [pytest.mark.postgresql_only, pytest.mark.django_db]

ENTRIES = 40
PAGE, API = "/en/pledges/P1.01/", "/api/v1/pledges/P1.01/"
#: Fills the primary: a pledge, and entries of it that wait for the reviewer, who is signed in.
SEED = f"""
import json, django; django.setup()
from datetime import UTC, datetime
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.conf import settings
from tests.admin.desk import signed_in
from tests.factories import World
from tests.test_kept_live import STATUSES
world = World(datetime(2026, 11, 23, 4, 0, tzinfo=UTC))
pledge = world.pledge()
def waiting(number):
    text = f"Entry {{number}}."
    update = world.submitted(
        pledge, STATUSES[number % 2], narrative_en=text, narrative_zh=text
    )
    return update.pk, update.version
updates = [waiting(number) for number in range(1, {ENTRIES} + 1)]
session = signed_in(world.reviewer).cookies[settings.SESSION_COOKIE_NAME].value
print(json.dumps([updates, session]))
"""
TOKEN = "t" * 32


class Site:
    """The cluster, and the reviewer who publishes one entry after another in it."""

    def __init__(self, cluster, updates, session):
        self.cluster, self.updates, self.session = cluster, updates, session
        self.one, self.two = cluster.apps
        self.acknowledged = 0

    def publish(self, app, timeout=60):
        """Publishes the next entry; its number, once that is acknowledged."""
        pk, version = self.updates[self.acknowledged]
        headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        step = address("update", "step", pk, "publish")
        status, given, body = app.ask(step, "POST", f"seen={version}", headers, timeout)
        assert status == 302, f"{status} {given} {body[:300]}"
        self.acknowledged += 1
        return self.acknowledged


@pytest.fixture(scope="module")
def site(django_db_setup):
    cluster = Cluster("log_statement=all")
    (cluster.apps[0].folder / "static").symlink_to(settings.STATIC_ROOT)
    said = []
    cluster.environment["DJANGO_SETTINGS_MODULE"] = settings.SETTINGS_MODULE
    cluster.apps[0].environment["DJANGO_SETTINGS_MODULE"] = settings.SETTINGS_MODULE
    try:
        cluster.primary.begin()
        said = json.loads(cluster.run([sys.executable, "-c", SEED]))
        cluster.start()
        yield Site(cluster, *said)
    finally:
        cluster.stop()


def statements(server):
    return (server.folder / "log").read_text().count('FROM "tracker_pledge"')


def test_published_on_one_it_is_read_on_the_other_at_once(site):
    for number in range(6):
        writer, reader = (site.one, site.two) if number % 2 else (site.two, site.one)
        entry = site.publish(writer)
        for path in (PAGE, API):
            status, _headers, body = reader.ask(path)
            assert (status, newest(body), what_is_torn(path, body)) == (200, entry, "")


def test_pages_are_made_from_the_replica_and_kept(site):
    def counts():
        return statements(site.cluster.primary), statements(site.cluster.replica)

    before = counts()
    for app in (site.one, site.two):
        for number in range(4):
            assert app.ask(f"/en/pledges/?q=pledge{number}")[0] == 200
    primary, replica = counts()
    assert primary == before[0]
    assert replica > before[1] + 8


def test_while_the_replica_lags_no_page_is_older_than_what_was_published(site):
    site.cluster.replica.ask("SELECT pg_wal_replay_pause()")
    try:
        # It is acknowledged: the replica has it on its disk, and nobody can read it there yet.
        entry = site.publish(site.one)
        for app in (site.one, site.two):
            assert newest(app.ask(PAGE)[2]) == entry
    finally:
        site.cluster.replica.ask("SELECT pg_wal_replay_resume()")


def test_while_the_cache_is_away_no_page_is_older_than_what_was_published(site):
    site.cluster.stop_cache()
    try:
        entry = site.publish(site.one)
        for app in (site.one, site.two):
            status, _headers, body = app.ask(PAGE)
            assert (status, newest(body)) == (200, entry)
            # The picture of a page is kept in the cache, and drawn anew without it.
            assert app.ask("/en/pledges/P1.01/card.png")[0] == 200
    finally:
        site.cluster.start_cache()


def test_without_the_replica_readers_go_on_and_a_publication_waits_for_it(site):
    site.cluster.replica.stop()
    publishing = threading.Thread(target=site.publish, args=(site.one,))
    publishing.start()
    for number in range(4):
        for app in (site.one, site.two):
            assert app.ask(f"/en/pledges/?q=alone{number}")[0] == 200
    publishing.join(timeout=1)
    assert publishing.is_alive(), "acknowledged, and in one place only"
    site.cluster.replica.begin()
    publishing.join(timeout=60)
    assert not publishing.is_alive()
    assert newest(site.two.ask(PAGE)[2]) == site.acknowledged


class Reader(threading.Thread):
    """Reads pages of one server, some of them asked for the first time; notes what failed."""

    def __init__(self, site, app):
        super().__init__()
        self.site, self.app, self.is_over = site, app, False
        self.faults, self.pages, self.copies = [], 0, 0

    def run(self):
        while not self.is_over:
            self.pages += 1
            new = f"/en/pledges/?q={self.app.name}{self.pages}"
            self.read((PAGE, API, new)[self.pages % 3])

    def read(self, path):
        at_least = self.site.acknowledged
        try:
            status, headers, body = self.app.ask(path)
        except OSError as error:
            self.faults.append(f"{path}: {error!r}")
            return
        is_copy = "X-Served-Stale" in headers
        self.copies += is_copy
        if status != 200:
            self.faults.append(f"{path}: {status}")
        elif torn := what_is_torn(path, body):
            self.faults.append(torn)
        elif path in (PAGE, API) and not is_copy and newest(body) < at_least:
            self.faults.append(f"entry {newest(body)} after {at_least} was published")


def test_the_primary_is_killed_and_nothing_acknowledged_is_lost(site):
    readers = [Reader(site, app) for app in site.cluster.apps]
    for reader in readers:
        reader.start()
    killing = threading.Thread(target=kill_after, args=(site, site.acknowledged + 5))
    try:
        until(lambda: all(reader.pages for reader in readers))
        killing.start()
        with suppress(AssertionError, OSError):
            while True:
                site.publish(site.one)
        killing.join()
        acknowledged = site.acknowledged
        # The public site is read from the replica meanwhile, and says that it is.
        assert "X-Served-Stale" in site.two.ask("/en/pledges/?q=meanwhile")[1]
        # Who asked just before may wait some seconds for the dead one: each is to have seen it.
        until(lambda: all(reader.copies for reader in readers))
        site.cluster.promote()
        entry = published_again(site)
    finally:
        for reader in readers:
            reader.is_over = True
        for reader in readers:
            reader.join()
    assert [fault for reader in readers for fault in reader.faults] == []
    assert all(reader.pages > reader.copies > 0 for reader in readers)
    for app in site.cluster.apps:
        status, body = unmarked(app)
        assert (status, newest(body)) == (200, entry)
        for number in range(1, acknowledged + 1):
            assert f"Entry {number}." in body
    said = site.cluster.run([sys.executable, "manage.py", "verify_record"])
    assert f"entry {entry}," in said


def until(holds, seconds=30):
    """Waits until `holds()` does; not for ever."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)


def kill_after(site, entries):
    """Kills the primary as soon as so many are acknowledged, with the next one under way."""
    while site.acknowledged < entries:
        time.sleep(0.005)
    site.cluster.primary.kill()


def unmarked(app):
    """What a server answers once its processes have found the promoted database."""
    for _try in range(300):
        status, headers, body = app.ask(API)
        if "X-Served-Stale" not in headers:
            return status, body
        time.sleep(0.1)
    raise AssertionError("it still sends copies")


def published_again(site):
    """The number of the first entry that the promoted server acknowledged."""
    for _try in range(100):
        try:
            return site.publish(site.two)
        except AssertionError:
            # That which was under way when the primary died may have been kept, or not.
            if newest(site.two.ask(API)[2]) > site.acknowledged:
                site.acknowledged += 1
            time.sleep(0.1)
    raise AssertionError("nobody publishes any more")
