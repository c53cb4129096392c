"""One tampering: done, looked for, taken back."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from random import Random

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from bench.tampering.ways import WAYS, WAYS_TO_HIDE, Way, nothing
from tracker.models import guards
from tracker.queries import chain
from tracker.views.data import record

SCRIPT = Path(__file__).resolve().parent.parent.parent / "static" / "check_record.py"

#: Of so many tamperings one is of those that hide themselves.
HIDDEN = 10


@dataclass
class Outcome:
    """What became of all of them. `missed` says what was done and not found."""

    tried: int = 0
    refused: int = 0
    missed: list[str] = field(default_factory=list)
    #: What was found where nothing had been done.
    false: set[str] = field(default_factory=set)
    done: dict[str, int] = field(default_factory=dict)

    @property
    def found(self) -> int:
        return self.tried - len(self.missed)

    @property
    def is_as_it_should_be(self) -> bool:
        return not self.missed and not self.false


def run(seed: int, times: int) -> Outcome:
    """Tampers so many times with the record of the present database, once `record.fill` has added
    to it, each time from anew.

    Nothing of it stays. What the database's own constraints refuse is not counted as tampering.
    Before and after, the control: the same with nothing done, of which nothing may be found.
    """
    outcome, chance = Outcome(), Random(seed)
    earlier = chain.head().digest
    _control(outcome, earlier)
    while outcome.tried < times:
        hides = chance.randrange(HIDDEN) == 0
        way = chance.choice(WAYS_TO_HIDE if hides else WAYS)
        look = (lambda: script_says(earlier)) if hides else verify_says
        try:
            said, fault = tampered(way, chance, look)
        except DatabaseError:
            outcome.refused += 1
            continue
        outcome.tried += 1
        outcome.done[said] = outcome.done.get(said, 0) + 1
        if not fault:
            outcome.missed.append(said)
    _control(outcome, earlier)
    return outcome


def _control(outcome: Outcome, earlier: str) -> None:
    for look in (verify_says, lambda: script_says(earlier)):
        _said, fault = tampered(nothing, Random(0), look)
        outcome.false |= {fault} if fault else set()


def tampered(way: Way, chance: Random, look: Callable[[], str]) -> tuple[str, str]:
    """What was done to the record, and what `look` found. Then all is as it was before."""
    with put_back():
        guards.remove(connection)
        # What the database refuses it refuses here: nothing is left to be asked at the end.
        said = way(chance)
        connection.check_constraints()
        guards.install(connection)
        return said, look()


@contextmanager
def put_back():
    """Whatever is done inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def verify_says() -> str:
    """The fault that `verify_record` names; nothing where it finds none."""
    try:
        call_command("verify_record", stdout=StringIO())
    except CommandError as error:
        return str(error)
    return ""


def script_says(earlier: str) -> str:
    """The fault that the citizens' script names, given the record as one downloads it and a head
    that was written down earlier."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.writelines(record(RequestFactory().get("/en/data/record.jsonl")))
        file.flush()
        done = subprocess.run(
            [sys.executable, str(SCRIPT), file.name, earlier],
            capture_output=True,
            text=True,
            check=False,
        )
    return done.stderr.strip() if done.returncode else ""
