"""The runs: what is killed or cut off, how often, and what became of what was acknowledged."""

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.cluster import Failed
from bench.durability.databases import Database, database
from bench.durability.disk import Disk
from bench.durability.judge import Judge, Verdict
from bench.durability.site import Site
from bench.durability.writers import Writers
from bench.race import PASSWORD

#: How often a control may be tried until it loses something.
TRIES = 20
EARLY = "bench.durability.early"
SET_UP = f"""
from datetime import date
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
from tracker.actions import pledges, updates
from tracker.actions.staff import sync_roles
from tracker.models import Evidence, Milestone, Pledge, Programme, Update, User
groups, at, day = sync_roles(), timezone.now(), date(2022, 8, 20)
def person(role):
    made = User.objects.create_user(role, password="{PASSWORD}", is_staff=True, is_site_wide=True)
    made.groups.add(groups[role])
    return made
with transaction.atomic():
    editor, reviewer = person("editor"), person("reviewer")
    programme = Programme.objects.create(slug="d", name_en="D", announced_on=day)
    rows, submitted = [], []
    for number in range(UPDATES):
        pledge = Pledge.objects.create(
            programme=programme, code=f"D{{number}}", slug=f"d{{number}}", wording="w",
            title_en="Pledge", announced_on=day,
        )
        if number < 3:
            rows.append(Milestone.objects.create(pledge=pledge, title_en="start").pk)
        pledge = pledges.publish_pledge(pledge, by=reviewer, at=at)
        update = Update.objects.create(
            pledge=pledge, status="in_progress", effective_on=date(2023, 1, 1),
            narrative_en="Work went on.", created_at=at, created_by=editor,
            edited_at=at, edited_by=editor,
        )
        Evidence.objects.create(
            update=update, kind="official", title="Document", publisher="Publisher",
            url="https://example.org/document",
        )
        submitted.append(updates.submit(update, by=editor, at=at).pk)
print(",".join(map(str, rows)), ",".join(map(str, submitted)))
"""


@dataclass
class Outcome:
    """What became of a run. `lost` are writes that were acknowledged and are not there."""

    what: str
    database: str
    is_control: bool
    times: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    lost: set[str] = field(default_factory=set)
    torn: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    seconds: float = 0

    @property
    def is_as_it_should_be(self) -> bool:
        if self.is_control:
            return bool(self.lost or self.faults)
        return not (self.lost or self.torn or self.faults)

    def add(self, verdict: Verdict) -> None:
        self.lost |= {str(one) for one in verdict.missing}
        self.torn |= {str(one) for one in verdict.torn}
        if verdict.fault:
            self.faults.append(verdict.fault)

    def line(self) -> str:
        told = (
            f"{'control' if self.is_control else 'site   '} {self.database:<10} {self.what:<15} "
            f"{self.times:>4} times, {self.acknowledged:>6} acknowledged, "
            f"{self.unanswered:>4} unanswered, refused {self.refused or 'none'}, "
            f"LOST {len(self.lost)}, torn {len(self.torn)}, faults {len(self.faults)}, "
            f"{self.seconds:.0f} s: "
        )
        if self.is_as_it_should_be:
            return f"{told}good"
        return f"{told}NOT AS IT SHOULD BE {self.faults[:1]} {sorted(self.torn)[:3]}"


@dataclass
class Scene:
    """A site that is written to, on a database whose data is in a folder or on a disk."""

    site: Site
    data: Database
    disk: Disk | None
    writers: Writers
    judge: Judge


@contextmanager
def scene(
    kind: str, *, on_disk: bool, careless: bool, wsgi: str, updates: int, megabytes: int = 512
) -> Iterator[Scene]:
    with ExitStack() as stack:
        tools = Path(tempfile.mkdtemp(prefix="tracker-durability-"))
        tools.chmod(0o755)
        stack.callback(shutil.rmtree, tools, ignore_errors=True)
        disk = Disk(megabytes) if on_disk else None
        if disk:
            stack.callback(disk.remove)
        folder = disk.at if disk else tools / "on"
        folder.mkdir(exist_ok=True)
        data = database(kind, folder, tools)
        data.start(careless)
        stack.callback(data.stop)
        site = Site(data.url, tools / "var", wsgi=wsgi, settings=data.settings)
        code = SET_UP.replace("UPDATES", str(updates))
        said = site.python("manage.py", "shell", "--no-imports", code=code).split()
        rows, submitted = ([int(one) for one in part.split(",")] for part in said[-2:])
        site.start()
        stack.callback(site.stop)
        writers = Writers(site.port, rows, submitted)
        # Its own settings are always those of the site: it only looks.
        judge = stack.enter_context(
            Judge(site.environment | {"DJANGO_SETTINGS_MODULE": "lingang.settings"})
        )
        writers.start()
        stack.callback(writers.stop)
        yield Scene(site, data, disk, writers, judge)


def workers_killed(here: Scene, outcome: Outcome) -> None:
    said = here.writers.said()
    here.site.kill_a_worker()
    outcome.add(here.judge.look(here.data.url, said))


def database_killed(here: Scene, outcome: Outcome) -> None:
    said = here.writers.said()
    here.data.kill(here.site)
    outcome.add(here.judge.look(here.data.url, said))


def power_cut(here: Scene, outcome: Outcome) -> None:
    assert here.disk
    said = here.writers.said()
    with here.disk.after_a_power_cut(here.data.writing(here.site)) as place:
        try:
            with here.data.found(place) as url:
                outcome.add(here.judge.look(url, said))
        except Failed as error:
            outcome.faults.append(str(error))


HARM: dict[str, Callable[[Scene, Outcome], None]] = {
    "workers killed": workers_killed,
    "database killed": database_killed,
    "power cut": power_cut,
}


def run(what: str, kind: str, times: int, *, control: bool = False, minutes: float = 0) -> Outcome:
    """Does `what` so many times to a site on a database of `kind` that is written to all along.

    It ends sooner where `minutes` are over; what it says is how often it was done. A control ends
    when it has lost something, and is tried no more than TRIES times.
    """
    # What each control does without: a process that is killed loses what it had not handed over,
    # a disk what it was not asked to keep.
    by_process = what == "workers killed" or (what, kind) == ("database killed", "sqlite")
    outcome = Outcome(what, "SQLite" if kind == "sqlite" else "PostgreSQL", control)
    with scene(
        kind,
        on_disk=what == "power cut",
        careless=control and not by_process,
        wsgi=EARLY if control and by_process else "lingang.wsgi",
        updates=4 * (TRIES if control else times) + 20,
    ) as here:
        # To set it up takes a minute, on a busy machine several: not of the time that is given.
        begun = time.monotonic()
        for _turn in range(TRIES if control else times):
            # Not always at the same point of a write.
            here.writers.more(3)
            time.sleep(random.uniform(0, 0.1))
            HARM[what](here, outcome)
            outcome.times += 1
            if control and (outcome.lost or outcome.faults):
                break
            if minutes and time.monotonic() - begun > 60 * minutes:
                break
        here.writers.stop()
        if not control and what != "power cut":
            outcome.add(here.judge.look(here.data.url, here.writers.said()))
        notes = here.writers.notes
        outcome.acknowledged, outcome.unanswered = notes.acknowledged, notes.unanswered
        outcome.refused = notes.refused
        outcome.seconds = time.monotonic() - begun
    return outcome
