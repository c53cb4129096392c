"""A real browser on a real server, with the Lingang record in it."""

import shutil
from unittest import mock

import pytest
from playwright.sync_api import sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.conftest import FIXTURES
from tests.factories import PASSWORD
from tracker.actions import loading, staff

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium():
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.fail("No Chromium found. Install it (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def live_server(request):
    """A server that hands out static files as in production: collected, under hashed names."""
    handler = "django.contrib.staticfiles.handlers.StaticFilesHandler"
    with mock.patch(handler, lambda application: application):
        server = LiveServer("127.0.0.1")
    yield server
    server.stop()


@pytest.fixture
def site(live_server, transactional_db):
    """The address of a server that serves the Lingang record and has the demo staff."""
    staff.make_demo_staff(password=PASSWORD)
    loading.load(FIXTURES / "lingang")
    return live_server.url


class Visitor:
    """One person with a browser of their own. What their browser complains of is kept."""

    def __init__(self, chromium, site, **options):
        self.base = site
        self.context = chromium.new_context(base_url=site, **options)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))

    def _note(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def sign_in(self, username):
        self.page.goto("/admin/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("[type=submit]")
        return self


@pytest.fixture
def visitor(chromium, site):
    """Makes visitors: `visitor()`, or with the options of a Playwright context."""
    visitors = []

    def make(**options):
        visitors.append(Visitor(chromium, site, **options))
        return visitors[-1]

    yield make
    for one in visitors:
        one.context.close()
