"""Restoring a backup: laid down on the side, proved there, and only then put in place."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from tracker.actions.backups import archive
from tracker.actions.backups.engines import SIGN_OUT, Engine, engine


class Refused(Exception):
    """The backup was not restored, and what was there is untouched; the text says why."""


def restore(
    source: Path,
    *,
    at: datetime,
    replace: bool = False,
    only_check: bool = False,
    say: Callable[[str], object] = lambda line: None,
) -> None:
    """Puts the site back to a backup; `only_check` stops when it is proved that it could be."""
    database = engine()
    if not (replace or only_check) and database.holds_record():
        raise Refused(
            "there is a record here already. See with --check whether the backup is good, and give "
            "--replace to put it in the record's place"
        )
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=settings.VAR_DIR) as name:
        side = Path(name)
        manifest = archive.unpacked(source, side)
        say(f"{source} is whole: made {manifest.made_at}, {len(manifest.files)} files.")
        _fitting(manifest, database)
        try:
            database.lay(side / manifest.database, side)
            if set(MigrationLoader(None).disk_migrations) - _applied(manifest):
                _command("migrate", "--verbosity=0", database=database, side=side)
            _command("verify_record", database=database, side=side)
            head = manifest.head["sequence"], manifest.head["digest"]
            if database.ask("SELECT sequence, digest FROM tracker_head") != [head][: bool(head[1])]:
                raise Refused("the record in it does not end where its manifest says")
            say(f"The record in it verifies. It ends with entry {head[0]}, digest {head[1]}.")
            if only_check:
                return
            database.ask(SIGN_OUT)
            _lay_media(side / archive.MEDIA, at)
            kept = database.switch(at)
            say(f"It is in place, and everybody is signed out. What was there is kept as {kept}.")
        finally:
            database.clear()


def _fitting(manifest: archive.Manifest, database: Engine) -> None:
    if manifest.engine != database.name:
        raise Refused(f"it is of {manifest.engine}, and this site runs on {database.name}")
    known = set(MigrationLoader(None).disk_migrations)
    ahead = sorted(name for app, name in _applied(manifest) - known if app == "tracker")
    if ahead:
        raise Refused(f"it was made by a newer version of this program: it has {ahead[0]}")


def _applied(manifest: archive.Manifest) -> set[tuple[str, str]]:
    pairs = (name.split(".", 1) for name in manifest.migrations)
    return {(app, name) for app, name in pairs}


def _command(*words: str, database: Engine, side: Path) -> None:
    """Runs one of the site's own commands on the database on the side, with the files beside it."""
    environment = os.environ | database.environment(side)
    environment |= {"VAR_DIR": str(side), "SECRET_KEY": settings.SECRET_KEY}
    done = subprocess.run(  # noqa: S603 (a command of this project)
        [sys.executable, "manage.py", *words],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise Refused(f"{words[0]} failed on it: {lines[-1]}")


def _lay_media(media: Path, at: datetime) -> None:
    """Adds the files of a backup to the site's; one that differs is kept beside."""
    for path in sorted(path for path in media.rglob("*") if path.is_file()):
        target = Path(settings.MEDIA_ROOT) / path.relative_to(media)
        if target.exists():
            if _digest(target) == _digest(path):
                continue
            target.rename(f"{target}.before-{at:%Y%m%d%H%M%S}")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
