"""Eight colleagues edit the same rows at once, and it is counted what became of each save.

    make race                 10,000 conflicting saves on the tracker, then 400 on the stock admin
    .venv/bin/python -m bench.race --saves 500 --stock 100

It starts the real server on a database made for it (SQLite; with `DATABASE_URL`, that one, which
must be empty) and talks to it over HTTP, as eight browsers with sessions of their own would. The
same is then done to Django's stock admin on the same models, to show what is being prevented. A
save is *lost* if it was acknowledged and somebody saved over it who had not seen it. The script
ends with 1 if a save was lost, or refused without being told.
"""

import argparse
import http.client
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "only-for-the-race-0f3a"
COLLEAGUES = 8
ROWS = 4
TURNS_ON_A_ROW = 10
MODEL = "/admin/tracker/milestone"

#: What a browser got: the status and the page.
Answer = tuple[int, str]


# --- a browser --------------------------------------------------------------------------------


class Inputs(HTMLParser):
    """The named inputs of a page, and what they hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        of = dict(attrs)
        if tag == "input" and of.get("name") and of.get("type") not in {"submit", "checkbox"}:
            self.values[of["name"]] = of.get("value") or ""
        elif tag == "select":
            self._select = of.get("name") or ""
        elif tag == "option" and "selected" in of and self._select:
            self.values[self._select] = of.get("value") or ""


class Browser:
    """One colleague's: a connection and a session, over HTTP."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, address: str, data: dict[str, str] | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Referer"] = f"http://127.0.0.1:{self.port}{address}"
            body = urlencode(data)
        try:
            self.connection.request("GET" if data is None else "POST", address, body, headers)
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:
            # The server closes a connection now and then; nothing was sent over it.
            self.connection.close()
            if data is not None:
                raise
            return self.ask(address)
        page = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
        return answer.status, page

    def sign_in(self, username: str) -> None:
        address = "/admin/login/"
        form = Inputs(self.ask(address)[1]).values
        sent = form | {"username": username, "password": PASSWORD, "next": "/admin/"}
        status, _page = self.ask(address, sent)
        if status != 302:
            sys.exit(f"{username} could not sign in: {status}")


# --- the race ---------------------------------------------------------------------------------


@dataclass
class Save:
    """One attempt: what was seen when the page was opened, what was typed, what was answered."""

    row: int
    seen: str
    typed: str
    status: int
    is_told: bool


@dataclass
class Outcome:
    """What became of all attempts."""

    acknowledged: int = 0
    told: int = 0
    lost: int = 0
    untold: int = 0
    unaccounted: int = 0
    faults: list[int] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        return not (self.lost or self.untold or self.unaccounted or self.faults)


def attempts(
    name: str, ask: Callable[..., Answer], rows: list[int], turns: Iterable[int], meet
) -> list[Save]:
    """One colleague's saves. All have opened a row, and then all save it: each turn is a conflict.

    Whoever is refused goes on from the page that told them, as a person would.
    """
    saves, form, row = [], {}, 0
    for turn in turns:
        if rows[turn // TURNS_ON_A_ROW % len(rows)] != row:
            form, row = {}, rows[turn // TURNS_ON_A_ROW % len(rows)]
        address = f"{MODEL}/{row}/change/"
        if not form:
            form = Inputs(ask(address)[1]).values
            seen = form["title_en"]
        meet()
        typed = f"{name} {turn}"
        status, page = ask(address, form | {"title_en": typed, "_continue": "1"})
        back = Inputs(page).values if status == 409 else {}
        # Told: the typed text is in the form again, and the page says what stands now.
        is_told = back.get("title_en") == typed and "opened" in back
        saves.append(Save(row, seen, typed, status, is_told))
        form = back if is_told else {}
        if is_told:
            seen = json.loads(back["opened"])["fields"]["title_en"]
    return saves


def judged(saves: list[Save], history: dict[int, list[str]]) -> Outcome:
    """Compares what was answered with what the history holds: each row's titles, in order."""
    outcome = Outcome()
    written = {(row, title) for row, titles in history.items() for title in titles}
    seen_by = {(save.row, save.typed): save.seen for save in saves}
    for save in saves:
        kept = (save.row, save.typed) in written
        if save.status == 302:
            outcome.acknowledged += 1
            outcome.unaccounted += not kept
        elif save.status == 409:
            outcome.told += save.is_told
            outcome.untold += not save.is_told
            outcome.unaccounted += kept
        else:
            outcome.faults.append(save.status)
    for row, titles in history.items():
        for before, after in itertools.pairwise(titles):
            # Whoever wrote `after` had seen something older than `before`.
            outcome.lost += seen_by.get((row, after), before) != before
    return outcome


def race(askers: dict[str, Callable[..., Answer]], rows: list[int], saves: int) -> list[Save]:
    """All colleagues at once; about `saves` attempts between them."""
    barrier = threading.Barrier(len(askers), timeout=120)
    results: dict[str, list[Save]] = {}

    def run(name, ask):
        turns = range(saves // len(askers))
        try:
            results[name] = attempts(name, ask, rows, turns, barrier.wait)
        except BaseException:
            barrier.abort()
            raise

    threads = [threading.Thread(target=run, args=one) for one in askers.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(results) != len(askers):
        sys.exit("A colleague gave up; see above.")
    return [save for done in results.values() for save in done]


# --- the real server --------------------------------------------------------------------------


class Server:
    """The tracker as `make run` serves it, on a database made for this run."""

    def __init__(self, settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tracker-race-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = os.environ | {
            "VAR_DIR": str(self.folder),
            "SECRET_KEY": "only-for-the-race-" + "0" * 40,
            "HTTPS_ONLY": "0",
            "REQUIRE_2FA": "0",
            "DEBUG": "0",
            "DJANGO_SETTINGS_MODULE": settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def python(self, *arguments: str, code: str = "") -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            input=code,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stderr)
        return done.stdout

    def start(self) -> None:
        self.python("manage.py", "migrate", "--verbosity", "0")
        self.python("manage.py", "sync_roles")
        self.python("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "lingang.wsgi:application"),
                *("--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"),
                *("--workers", "2", "--threads", "4", "--no-control-socket"),
                *("--log-level", "error", "--keep-alive", "60"),
            ],
            cwd=ROOT,
            env=self.environment,
            # It notes every refusal, of which there are thousands.
            stderr=(self.folder / "log").open("wb"),
        )
        for _attempt in range(300):
            try:
                if Browser(self.port).ask("/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        sys.exit("The server did not start.")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(timeout=40)
        shutil.rmtree(self.folder, ignore_errors=True)


SET_UP = """
from datetime import date
from tracker.actions.staff import sync_roles
from tracker.models import Milestone, Pledge, Programme, User
groups = sync_roles()
for number in range({colleagues}):
    person = User.objects.create_user(
        f"colleague-{{number}}", password="{password}", is_staff=True, is_site_wide=True
    )
    person.groups.add(groups["editor"])
day = date(2022, 8, 20)
programme = Programme.objects.create(slug="race", name_en="Race", announced_on=day)
pledge = Pledge.objects.create(
    programme=programme, code="R1", wording="w", title_en="Race", announced_on=day
)
for number in range({rows}):
    print(Milestone.objects.create(pledge=pledge, title_en=f"start {{number}}").pk)
"""
HISTORY = """
from tracker.models import Milestone
for row, title in Milestone.history.order_by("history_id").values_list("id", "title_en"):
    print(row, title)
for row, title in Milestone.objects.values_list("pk", "title_en"):
    assert Milestone.history.filter(id=row).first().title_en == title
"""


def run(settings: str, saves: int) -> tuple[Outcome, float]:
    server = Server(settings)
    try:
        server.start()
        code = SET_UP.format(colleagues=COLLEAGUES, password=PASSWORD, rows=ROWS)
        rows = [
            int(line)
            for line in server.python("manage.py", "shell", "--no-imports", code=code).split()
        ]
        browsers = {}
        for number in range(COLLEAGUES):
            browser = Browser(server.port)
            browser.sign_in(f"colleague-{number}")
            browsers[f"colleague-{number}"] = browser.ask
        begun = time.monotonic()
        done = race(browsers, rows, saves)
        seconds = time.monotonic() - begun
        history: dict[int, list[str]] = {row: [] for row in rows}
        for line in server.python("manage.py", "shell", "--no-imports", code=HISTORY).splitlines():
            row, title = line.split(" ", 1)
            history[int(row)].append(title)
        return judged(done, history), seconds
    finally:
        server.stop()


def told(name: str, outcome: Outcome, seconds: float) -> None:
    tried = outcome.acknowledged + outcome.told + outcome.untold + len(outcome.faults)
    print(
        f"{name}: {tried} saves tried in {seconds:.0f} s; {outcome.acknowledged} acknowledged, "
        f"{outcome.told} refused and told; lost {outcome.lost}, refused untold {outcome.untold}, "
        f"not as answered {outcome.unaccounted}, faults {len(outcome.faults)}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--saves", type=int, default=10_000, help="on the tracker (10000)")
    parser.add_argument("--stock", type=int, default=400, help="on the stock admin (400)")
    asked = parser.parse_args()
    outcome, seconds = run("lingang.settings", asked.saves)
    told("the tracker", outcome, seconds)
    if asked.stock and "DATABASE_URL" not in os.environ:
        told("the stock admin", *run("bench.stock", asked.stock))
    return 0 if outcome.is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
