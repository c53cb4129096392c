"""A copy of the record as a zip file: the same record gives the same bytes.

Members are stored as they are, for how tightly a machine packs is its own affair, and so that a
reader knows beforehand how much a copy holds.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.files.storage import default_storage

from tracker.models import FrozenFile, Period
from tracker.queries.chain import head, links
from tracker.queries.copies import (
    TABLES,
    Copy,
    closed_periods,
    member_of,
    member_of_frozen,
    public_evidence,
)
from tracker.rules.chain import canonical
from tracker.rules.copies import FORMAT, MANIFEST, RECORD

#: The earliest day that a zip file can name: the moment of making is nobody's question.
_NO_DAY = (1980, 1, 1, 0, 0, 0)


class Unfit(Exception):
    """The record cannot be copied, for it is not whole. The message says what is missing."""


def whole() -> IO[bytes]:
    """The copy, on disk until it is closed."""
    file = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def write(target: IO[bytes]) -> None:
    """Writes the copy to a file that can be sought in.

    Raises Unfit where a document or a frozen file is not the one that was published.
    """
    made: dict[str, dict[str, Any]] = {}
    end = head()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy:
        rows = Copy()
        for table in TABLES:
            made[table.file] = _add(copy, table.file, _lines(rows.rows(table)))
        record = ({"content": link.content, "digest": link.digest} for link in links())
        made[RECORD] = _add(copy, RECORD, _lines(record))
        for name, pieces, digest in _files():
            said = _add(copy, name, pieces)
            if said["sha256"] != digest:
                raise Unfit(f"{name} is not what was published: run verify_record")
            made[name] = said | {"rows": None}
        manifest = {
            "format": FORMAT,
            "head": {"number": end.number, "digest": end.digest},
            "members": made,
        }
        text = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        _add(copy, MANIFEST, [text.encode()])


def _lines(rows: Iterable[Any]) -> Iterator[bytes]:
    return (canonical(row) + b"\n" for row in rows)


def _files() -> Iterator[tuple[str, Iterator[bytes], str]]:
    """The documents of evidence and the frozen files, each with the digest that it must have."""
    for evidence in public_evidence().exclude(file="").iterator(chunk_size=500):
        name, kept = member_of(evidence), evidence.file.name
        if not (name and kept and default_storage.exists(kept)):
            raise Unfit(f"the file of the evidence {evidence.uid} is gone: run verify_record")
        yield name, _stored(kept), evidence.file_sha256
    for period in closed_periods():
        for file in _frozen(period):
            yield member_of_frozen(file), iter([bytes(file.content)]), file.sha256


def _frozen(period: Period) -> Iterator[FrozenFile]:
    files = period.files.select_related("period").order_by("filename")
    return files.iterator(chunk_size=1)


def _stored(name: str) -> Iterator[bytes]:
    with default_storage.open(name) as file:
        yield from file.chunks()


def _add(copy: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> dict[str, Any]:
    """Adds a member; gives its SHA-256 and the number of its pieces."""
    entry = zipfile.ZipInfo(name, _NO_DAY)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    digest, count = sha256(), 0
    with copy.open(entry, "w", force_zip64=True) as member:
        for piece in pieces:
            member.write(piece)
            digest.update(piece)
            count += 1
    return {"sha256": digest.hexdigest(), "rows": count}
