"""Looks at a database after the worst: is every acknowledged write there, and nothing half there?

It is a process of its own that stays, as starting one would take longer than looking:

with Judge(environment) as judge:
    verdict = judge.look(url, said)
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Verdict:
    """`missing` was acknowledged and is not there; `torn` is there in part; `fault` is what
    `verify_record` says, or why the database cannot be read at all."""

    missing: list
    torn: list
    fault: str

    @property
    def is_good(self) -> bool:
        return not (self.missing or self.torn or self.fault)


class Judge:
    def __init__(self, environment: dict[str, str]) -> None:
        # On a database of its own name at first: which one it looks at is said each time.
        self.environment = os.environ | environment
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Judge":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.durability.judge"],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_what) -> None:
        if self.process and self.process.stdin:
            self.process.stdin.close()
            self.process.wait(timeout=20)

    def look(self, url: str, said: dict[str, list]) -> Verdict:
        """Asks the database at `url` for what was `said` to be there."""
        assert self.process
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"url": url, **said}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the judge is gone")
        return Verdict(**json.loads(line))


def main() -> None:
    import django

    django.setup()
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(_looked(asked)), flush=True)


def _looked(asked: dict) -> dict:
    from django.db import DatabaseError, connection

    from tracker.queries.moment import one_moment

    _turn_to(asked["url"])
    try:
        # Colleagues go on saving meanwhile: what is compared is to be of one moment.
        with one_moment():
            return {"missing": _missing(asked), "torn": _torn(), "fault": _fault()}
    except DatabaseError as error:
        return {"missing": [], "torn": [], "fault": f"it cannot be read: {error}"}
    finally:
        # It lets go of the file: the disk that it is on is taken away.
        connection.close()


def _turn_to(url: str) -> None:
    import environ
    from django.db import connection

    connection.close()
    if close_pool := getattr(connection, "close_pool", None):
        close_pool()
    given = environ.Env.db_url_config(url)
    names = ("NAME", "HOST", "PORT", "USER")
    connection.settings_dict |= {name: given.get(name) for name in names}
    # One look, one connection: a pool would go on to knock at a server that is gone.
    connection.settings_dict["OPTIONS"].pop("pool", None)


def _missing(asked: dict) -> list:
    from tracker.models import Milestone, Update

    titles = set(Milestone.history.values_list("id", "title_en"))
    published = set(Update.objects.published().values_list("pk", flat=True))
    return [
        *([row, title] for row, title in asked["titles"] if (row, title) not in titles),
        *(update for update in asked["published"] if update not in published),
    ]


def _torn() -> list:
    """A milestone without the history of its last save, or with one that it does not hold; an
    entry without its place in the desk's log."""
    from django.contrib.admin.models import LogEntry

    from tracker.models import Milestone, Update

    last = dict(_history())
    torn = [
        [row, title]
        for row, title in Milestone.objects.values_list("pk", "title_en")
        if last.get(row) != title
    ]
    logged = set(
        LogEntry.objects.filter(content_type__model="update").values_list("object_id", flat=True)
    )
    published = Update.objects.published().values_list("pk", flat=True)
    return torn + [pk for pk in published if str(pk) not in logged]


def _history():
    from tracker.models import Milestone

    return Milestone.history.order_by("history_id").values_list("id", "title_en")


def _fault() -> str:
    import io

    from django.core.management import CommandError, call_command

    try:
        call_command("verify_record", stdout=io.StringIO())
    except CommandError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    main()
