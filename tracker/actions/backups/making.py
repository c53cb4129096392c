"""Making a backup, and keeping no more of them than asked."""

import fcntl
import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import django
from django.conf import settings

from tracker.actions.backups import archive
from tracker.actions.backups.engines import engine

NAMES = "tracker-*.tar"


def back_up(
    folder: Path, *, at: datetime, keep: int | None = None
) -> tuple[Path, archive.Manifest]:
    """Writes a backup into `folder`, and takes the oldest away beyond `keep`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        # Nobody else writes here now: what is not whole is what a killed backup left.
        for left in folder.glob(".tracker-*.partial"):
            left.unlink()
        target = folder / f"tracker-{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.tar"
        manifest = _write(target, at)
        if keep:
            for old in sorted(folder.glob(NAMES))[:-keep]:
                old.unlink()
    return target, manifest


def _write(target: Path, at: datetime) -> archive.Manifest:
    database = engine()
    with tempfile.TemporaryDirectory(prefix=".tracker-", dir=target.parent) as side:
        copy = Path(side) / database.file
        head, migrations, version = database.copy(copy)
        manifest = archive.Manifest(
            made_at=at.astimezone(UTC).isoformat(),
            engine=database.name,
            database=database.file,
            head=head,
            migrations=migrations,
            versions={
                "python": platform.python_version(),
                "django": django.__version__,
                database.name: version,
            },
        )
        with archive.written(target) as tar:
            archive.add(tar, copy, database.file, manifest)
            # After the database: a file is there before the row that names it.
            media = Path(settings.MEDIA_ROOT)
            for path in sorted(path for path in media.rglob("*") if path.is_file()):
                name = f"{archive.MEDIA}/{path.relative_to(media).as_posix()}"
                archive.add(tar, path, name, manifest)
            archive.close(tar, manifest)
    return manifest


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder; the second waits."""
    descriptor = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
