"""The file that a backup is: how it is written, and how it is read back and believed."""

import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import file_digest, sha256
from pathlib import Path, PurePosixPath
from typing import Any

FORMAT = 1
MANIFEST = "manifest.json"
MEDIA = "media"


class BadBackup(Exception):
    """The file is no whole backup; its text says why."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str
    engine: str
    database: str
    head: dict[str, Any]
    migrations: list[str]
    versions: dict[str, str]
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


@contextmanager
def written(target: Path) -> Iterator[tarfile.TarFile]:
    """A tar to fill, which is `target` once it is whole and on disk, and nothing before."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield tar
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)
        _sync_folder(target.parent)
    finally:
        partial.unlink(missing_ok=True)


def add(tar: tarfile.TarFile, path: Path, name: str, manifest: Manifest) -> None:
    """Puts a file in, and the SHA-256 of what was put in down in the manifest."""
    with path.open("rb") as file:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = os.fstat(file.fileno()).st_size, 0o600
        manifest.files[name] = file_digest(file, "sha256").hexdigest()
        file.seek(0)
        tar.addfile(entry, file)


def close(tar: tarfile.TarFile, manifest: Manifest) -> None:
    """Ends a backup with its manifest."""
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
    entry = tarfile.TarInfo(MANIFEST)
    entry.size, entry.mode = len(text), 0o600
    tar.addfile(entry, io.BytesIO(text))


def unpacked(source: Path, folder: Path) -> Manifest:
    """Lays the files of a backup in `folder`, each as its SHA-256 says."""
    try:
        with tarfile.open(source, mode="r:") as tar:
            members = {member.name: member for member in tar}
            manifest = _manifest(tar, members)
            for name, digest in manifest.files.items():
                if name not in members or not _lay(tar, members[name], folder) == digest:
                    raise BadBackup(f"{name} in it is not what was put into it")
    except (tarfile.TarError, OSError) as error:
        raise BadBackup(f"it cannot be read: {error}") from error
    return manifest


def _manifest(tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> Manifest:
    file = tar.extractfile(members[MANIFEST]) if MANIFEST in members else None
    if file is None:
        raise BadBackup("it has no manifest: it was cut off, or is no backup of this site")
    try:
        manifest = Manifest(**json.load(file))
    except (ValueError, TypeError) as error:
        raise BadBackup("its manifest cannot be read") from error
    if manifest.format != FORMAT:
        raise BadBackup(f"it is of format {manifest.format}, and this program reads {FORMAT}")
    if manifest.database not in manifest.files:
        raise BadBackup("it holds no database")
    return manifest


def _lay(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> str:
    """Writes one file into `folder`, nowhere else, and gives its SHA-256."""
    parts = PurePosixPath(member.name).parts
    inside = tar.extractfile(member) if member.isfile() else None
    if inside is None or ".." in parts or member.name.startswith("/"):
        raise BadBackup(f"{member.name} is no file that a backup holds")
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = sha256()
    with target.open("wb") as out:
        while piece := inside.read(1024 * 1024):
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
