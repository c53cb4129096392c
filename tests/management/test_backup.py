"""`backup` and `restore`: there and back on a database in use, and what is refused on the way."""

import os
import signal
import stat
import subprocess
import sys
import tarfile
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection

from tests.conftest import NOW
from tests.factories import World
from tracker.actions import updates
from tracker.models import Head, Pledge, Session, guards
from tracker.queries import chain
from tracker.queries.verification import checks

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def world(transactional_db, media):
    return World(at=NOW)


def run(command, *words):
    out = StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


def backed_up(folder):
    run("backup", "--output", folder)
    return max(folder.glob("*.tar"))


def with_file(world):
    draft = world.draft(world.pledge(), evidence=0)
    evidence = world.evidence(draft)
    evidence.file = ContentFile(b"as it was", "notice.txt")
    evidence.clean()
    evidence.save()
    updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )
    return Path(evidence.file.path)


def test_there_and_back(world, client, tmp_path):
    file = with_file(world)
    client.force_login(world.author)
    said = run("backup", "--output", tmp_path / "kept")
    (backup,) = (tmp_path / "kept").glob("tracker-*.tar")
    head = Head.objects.get()
    assert f"ends with entry 1, digest {head.digest}" in said
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert [path.name for path in backup.parent.iterdir() if path != backup] == [".lock"]

    world.published(Pledge.objects.get())
    world.pledge("P1.02")
    file.unlink()
    with pytest.raises(CommandError, match=r"there is a record here .*Nothing was changed"):
        run("restore", backup)
    assert chain.head().number == 2

    said = run("restore", backup, "--replace")
    assert f"verifies. It ends with entry 1, digest {head.digest}" in said
    assert "everybody is signed out" in said
    assert "before" in said
    assert [pledge.code for pledge in Pledge.objects.all()] == ["P1.01"]
    assert chain.head().digest == head.digest
    assert file.read_bytes() == b"as it was"
    assert [check.fault for check in checks(NOW.date()) if check.fault] == []
    assert guards.missing(connection) == []
    assert not Session.objects.exists()
    # And it goes on from there.
    world.published(Pledge.objects.get())
    assert chain.head().number == 2


def broken(backup, target, *, without="", other=""):
    """The backup again, with something in it left out or altered."""
    with tarfile.open(backup) as tar, tarfile.open(target, "w") as out:
        for member in tar:
            content = tar.extractfile(member).read()
            if member.name == without:
                continue
            if member.name == other:
                content = content[:-1] + bytes([content[-1] ^ 1])
            member.size = len(content)
            out.addfile(member, BytesIO(content))
    return target


def test_what_is_not_whole_is_refused(world, tmp_path):
    with_file(world)
    backup = backed_up(tmp_path / "kept")
    with tarfile.open(backup) as tar:
        database, file, manifest = tar.getnames()
    bad = tmp_path / "bad.tar"
    for said, changes in {
        "it has no manifest": {"without": manifest},
        f"{database} in it is not what": {"other": database},
        f"{file} in it is not what": {"without": file},
    }.items():
        with pytest.raises(CommandError, match=said):
            run("restore", broken(backup, bad, **changes), "--check")
    bad.write_bytes(backup.read_bytes()[:5000])
    with pytest.raises(CommandError, match=r"restored: it (cannot be read|has no manifest)"):
        run("restore", bad, "--check")
    with pytest.raises(CommandError, match="cannot be read"):
        run("restore", tmp_path / "none.tar", "--check")


def test_a_record_that_does_not_verify_is_refused_whatever_its_manifest_says(world, tmp_path):
    world.published(world.pledge())
    guards.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_update SET narrative_en = 'Otherwise.'")
    guards.install(connection)
    backup = backed_up(tmp_path)
    with pytest.raises(CommandError, match=r"verify_record failed.*entry 1: its content"):
        run("restore", backup, "--replace")
    assert chain.head().number == 1


def test_the_newest_are_kept(world, tmp_path):
    made = [backed_up(tmp_path) for _number in range(3)]
    (tmp_path / ".tracker-old.tar.partial").write_text("of a killed one")
    run("backup", "--output", tmp_path, "--keep", "2")
    left = sorted(tmp_path.glob("*.tar"))
    assert len(left) == 2
    assert made[2] in left
    assert not list(tmp_path.glob(".*.partial"))
    with pytest.raises(CommandError, match="1 or more"):
        run("backup", "--keep", "0")


#: Writes a backup as the command does, and is killed when all but the manifest is in.
KILLED = """
import os, signal, sys
from pathlib import Path
from tracker.actions.backups import archive
with archive.written(Path(sys.argv[1])) as tar:
    archive.add(tar, Path("manage.py"), "database.sqlite3", type("M", (), {"files": {}})())
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_backup_leaves_nothing_that_looks_whole(tmp_path, settings):
    target = tmp_path / "tracker-1.tar"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, target], cwd=settings.BASE_DIR, check=False, env=os.environ
    )
    assert done.returncode == -signal.SIGKILL
    assert not target.exists()
    assert [path.suffix for path in tmp_path.iterdir()] == [".partial"]


@pytest.mark.postgresql_only
def test_without_postgresqls_programs_it_is_said_what_to_install(db, settings, tmp_path):
    settings.POSTGRES_BIN = str(tmp_path)
    with pytest.raises(CommandError, match=r"pg_dump is not installed.*postgresql-client"):
        run("backup", "--output", tmp_path / "kept")
    assert not list((tmp_path / "kept").glob("*.tar"))


@pytest.mark.sqlite_only
def test_a_database_that_cannot_be_read_is_kept_and_replaced(world, tmp_path):
    world.published(world.pledge())
    backup = backed_up(tmp_path)
    live = Path(connection.settings_dict["NAME"])
    connection.close()
    for end in ("-wal", "-shm"):
        Path(f"{live}{end}").unlink(missing_ok=True)
    live.write_bytes(b"no database " * 1000)
    with pytest.raises(CommandError, match="there is a record here already"):
        run("restore", backup)
    said = run("restore", backup, "--replace")
    assert "could not read. Restart the site" in said
    assert chain.head().number == 1
