"""Readers and a reviewer at once, over HTTP, on the server that `make run` starts."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string

from tests.admin.desk import address, signed_in
from tests.factories import World
from tracker.vocabulary import Status

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = int(os.environ.get("KEPT_ENTRIES", "8"))
READERS = 3
ADDRESSES = ["/en/pledges/P1.01/", "/zh-hans/pledges/P1.01/", "/api/v1/pledges/P1.01/"]
#: What an entry of an even number says, and one of an odd number.
STATUSES = (Status.IN_PROGRESS, Status.STALLED)


def database_url():
    of = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{of['NAME']}"
    return f"postgres://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT']}/{of['NAME']}"


@pytest.fixture
def port(tmp_path):
    """The port of a server with two processes, on the database of the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "VAR_DIR": settings.VAR_DIR.as_posix(),
        "WEB_WORKERS": "2",
    }
    command = f"gunicorn lingang.wsgi:application --bind 127.0.0.1:{number} --worker-class gthread"
    server = subprocess.Popen(
        [sys.executable, "-m", *command.split(), "--workers", "2", "--threads", "4"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _try in range(200):
            try:
                if asked(number, "/healthz")[0] == 200:
                    break
            except OSError:
                time.sleep(0.05)
        yield number
    finally:
        server.terminate()
        server.wait(timeout=30)


def asked(port, path, method="GET", body=None, headers=None):
    site = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        site.request(method, path, body, headers or {})
        answer = site.getresponse()
        return answer.status, dict(answer.headers), answer.read().decode()
    finally:
        site.close()


class Reader(threading.Thread):
    """Reads one address again and again; notes each page that is older than the last publication
    before it was asked for, or that says two things at once."""

    def __init__(self, port, path, published):
        super().__init__()
        self.port, self.path, self.published = port, path, published
        self.faults, self.pages, self.is_over = [], 0, False

    def run(self):
        tag, shown = "", 0
        while not self.is_over:
            at_least = self.published[0]
            headers = {"If-None-Match": tag} if tag else {}
            status, given, body = asked(self.port, self.path, headers=headers)
            self.pages += 1
            if status == 200:
                tag, shown = given.get("ETag", ""), newest(body)
                if torn := what_is_torn(self.path, body):
                    self.faults.append(torn)
            elif status != 304:
                self.faults.append(f"{status}: {body[:200]}")
            if shown < at_least:
                self.faults.append(f"entry {shown} after {at_least} was published ({status})")


def newest(body):
    return max((int(number) for number in re.findall(r"Entry (\d+)\.", body)), default=0)


def what_is_torn(path, body):
    if not path.startswith("/api/"):
        return ""
    said = json.loads(body)
    number = newest(body)
    wanted = STATUSES[number % 2] if number else Status.NOT_RATED
    if (said["head"]["number"], said["pledge"]["status"]) == (number, wanted):
        return ""
    return f"entry {number} beside {said['head']['number']} and {said['pledge']['status']}"


def test_no_reader_is_sent_a_page_older_than_what_was_published(transactional_db, now, port):
    world = World(now)
    pledge = world.pledge()
    waiting = [
        world.submitted(
            pledge,
            STATUSES[number % 2],
            narrative_en=f"Entry {number}.",
            narrative_zh=f"Entry {number}.",
        )
        for number in range(1, ENTRIES + 1)
    ]
    token = _get_new_csrf_string()
    session = signed_in(world.reviewer).cookies[settings.SESSION_COOKIE_NAME].value
    headers = {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={token}",
        "X-CSRFToken": token,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    published = [0]
    readers = [Reader(port, path, published) for path in ADDRESSES for _ in range(READERS - 1)]
    for reader in readers:
        reader.start()
    try:
        for number, update in enumerate(waiting, 1):
            step = address("update", "step", update.pk, "publish")
            status, _given, body = asked(port, step, "POST", f"seen={update.version}", headers)
            assert status == 302, body[:300]
            published[0] = number
            time.sleep(0.05)
    finally:
        for reader in readers:
            reader.is_over = True
        for reader in readers:
            reader.join()
    assert [fault for reader in readers for fault in reader.faults] == []
    assert sum(reader.pages for reader in readers) > ENTRIES
    for path in ADDRESSES:
        assert newest(asked(port, path)[2]) == ENTRIES
