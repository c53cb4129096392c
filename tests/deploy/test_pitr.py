"""Back to a moment, as an operator goes there: by the scripts of deploy/pitr and the commands of
the site, on a server of the test's own."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import gettempdir

import pytest

from bench.cluster import Cluster

pytestmark = pytest.mark.sqlite_only

ROOT = Path(__file__).resolve().parent.parent.parent
#: What the site's people do meanwhile. Each is one process: starting one is most of its time.
PUBLISH = """
import time
from datetime import UTC, datetime
from django.core.management import call_command
from tests.factories import World
call_command("migrate", verbosity=0)
world = World(at=datetime.now(UTC))
pledge = world.pledge("P1.01")
world.published(pledge)
print(datetime.now(UTC).isoformat(" "))
time.sleep(0.01)
world.at = datetime.now(UTC)
world.published(pledge, "kept")
"""
PROVE_AND_BACK_UP = """
from pathlib import Path
from django.conf import settings
from django.core.management import call_command
call_command("verify_record")
call_command("backup", output=Path(settings.VAR_DIR) / "kept")
"""
ENTRIES = "SELECT count(*) FROM tracker_update WHERE state = 'published'"


class Site:
    """A site on PostgreSQL whose changes are archived, and what its operator types."""

    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster(folder)
        self.archive = folder / "archive"
        self.scripts = folder / "pitr"
        shutil.copytree(ROOT / "deploy" / "pitr", self.scripts)
        for place in ("", "wal", "base"):
            (self.archive / place).mkdir()
            if self.cluster.as_user:
                shutil.chown(self.archive / place, *self.cluster.as_user.values())
        self.var = folder / "var"

    def start(self) -> None:
        self.cluster.make()
        said = (ROOT / "deploy/pitr/archiving.conf").read_text().splitlines()
        settings = dict(
            line.partition("#")[0].split("=", 1) for line in said if line and line[0] != "#"
        )
        settings = {key.strip(): value.strip().strip("'") for key, value in settings.items()}
        command = settings["archive_command"].replace("/opt/tracker/deploy/pitr", str(self.scripts))
        settings["archive_command"] = command.replace("/srv/archive", str(self.archive))
        # The test's server loses no power: what a moment is, is the same without fsync.
        self.cluster.start("fsync=off", *(f"{key}={value}" for key, value in settings.items()))
        self.cluster.ask("CREATE DATABASE tracker")

    def type(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.scripts / script, *map(str, arguments)],
            cwd=self.cluster.folder,
            env={
                "PATH": f"{self.cluster.binaries}:{os.environ['PATH']}",
                "POSTGRES_BIN": str(self.cluster.binaries),
                "PGHOST": "127.0.0.1",
                "PGPORT": str(self.cluster.port),
                "PGUSER": "tracker",
                "HBA": "local all all trust",
                "LC_ALL": "C",
            },
            capture_output=True,
            text=True,
            check=False,
            **self.cluster.as_user,
        )

    def manage(self, *words: str, database: str = "", code: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=ROOT,
            env=os.environ
            | {
                "DATABASE_URL": database or self.cluster.url("tracker"),
                "POSTGRES_BIN": str(self.cluster.binaries),
                "VAR_DIR": str(self.var),
            },
            input=code,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def entries(self) -> str:
        return self.cluster.ask(ENTRIES, "tracker")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pitr")
    # The server is another user, and pytest's folders are for nobody else.
    for place in [folder, *folder.parents]:
        if place == Path(gettempdir()):
            break
        place.chmod(0o755)
    site = Site(folder)
    site.start()
    made = site.type("base-backup", site.archive)
    assert made.returncode == 0, made.stderr
    yield site
    site.cluster.stop()


def archived(site):
    """Waits until everything up to now is archived, as archive_timeout would see to."""
    site.cluster.ask("SELECT pg_create_restore_point('now')")
    file = site.cluster.ask("SELECT pg_walfile_name(pg_switch_wal())")
    for _attempt in range(200):
        if (site.archive / "wal" / f"{file}.gz").exists():
            return file
        time.sleep(0.05)
    raise AssertionError(site.cluster.ask("SELECT * FROM pg_stat_archiver"))


def test_back_to_a_moment(site):
    """Somebody drops a table; the operator goes back to the moment before, proves what is there,
    and puts it in place of what the site has."""
    moment = site.manage("shell", "--no-imports", code=PUBLISH).strip()
    assert site.entries() == "2"
    site.cluster.ask("DROP TABLE tracker_milestonechange CASCADE", "tracker")
    archived(site)

    folder = site.cluster.folder / "recovered"
    went = site.type("recover-to", site.archive, moment, folder)
    assert went.returncode == 0, went.stderr
    there = went.stdout.partition("DATABASE_URL=")[2].split()[0]
    try:
        said = site.manage("shell", "--no-imports", code=PROVE_AND_BACK_UP, database=there)
        assert "The record ends with entry 1," in said
    finally:
        stopped = [site.cluster.binaries / "pg_ctl", "stop", "-D", folder / "data"]
        subprocess.run(stopped, check=True, capture_output=True, **site.cluster.as_user)
    (backup,) = (site.var / "kept").glob("*.tar")
    assert "It is in place" in site.manage("restore", backup, "--replace")
    assert site.entries() == "1"


def test_what_cannot_be_reached_is_said_and_not_nearly_reached(site):
    archived(site)
    folder = site.cluster.folder / "nowhere"

    def refused(moment):
        done = site.type("recover-to", site.archive, moment, folder)
        shutil.rmtree(folder, ignore_errors=True)
        assert done.returncode != 0
        return done.stderr

    assert "say the zone" in refused("2026-11-29 03:10:00")
    assert "no copy in" in refused("2001-01-01 00:00:00 +0000")
    # After all that is archived: the end of the log is not that moment.
    assert "ended before configured recovery target was reached" in refused("2199-01-01T00:00Z")


def test_a_hole_in_the_log_is_not_taken_for_its_end(site):
    kept = site.archive / "wal" / f"{archived(site)}.gz"
    archived(site)
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    folder = site.cluster.folder / "holed"
    went = site.type("recover-to", site.archive, "latest", folder)
    kept.write_bytes(whole)
    assert went.returncode == 1
    assert "FATAL" in went.stderr


def test_old_copies_go_with_the_changes_that_only_they_asked_for(site):
    first = archived(site)
    for _night in range(2):
        done = site.type("base-backup", site.archive, 2)
        assert done.returncode == 0, done.stderr
    there = sorted(path.name for path in (site.archive / "base").glob("*Z"))
    assert len(there) == 2
    assert not (site.archive / "wal" / f"{first}.gz").exists()
    # And what is left is enough.
    folder = site.cluster.folder / "after"
    went = site.type("recover-to", site.archive, "latest", folder)
    assert went.returncode == 0, went.stderr
    assert there[-1] in went.stdout
    stopped = [site.cluster.binaries / "pg_ctl", "stop", "-D", folder / "data"]
    subprocess.run(stopped, check=True, capture_output=True, **site.cluster.as_user)


def test_an_archive_that_takes_nothing_is_noticed_and_nothing_is_written_over(site):
    archived(site)
    kept = max((site.archive / "wal").glob("0" * 7 + "*[0-9A-F].gz"))
    other = site.cluster.folder / "other"
    other.write_bytes(b"of another server")
    other.chmod(0o644)
    before = kept.read_bytes()
    done = site.type("keep-wal", site.archive, other, kept.stem)
    assert done.returncode == 1
    assert "two servers write into one archive" in done.stderr
    assert kept.read_bytes() == before
