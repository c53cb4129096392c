"""A copy of a record as a file: opened, and looked through before a row of it is believed."""

import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from typing import IO, Any

from tracker.queries.copies import TABLES
from tracker.rules.copies import FORMAT, MANIFEST, RECORD, is_a_file

PIECE = 64 * 1024
#: A list of members that is longer is none.
MOST = 64 * 1024 * 1024
TABLE_FILES = {table.file for table in TABLES}


class BadCopy(Exception):
    """A copy cannot be brought in; nothing was. The message says where, what and what to do."""


class Archive:
    """The members of a copy, each with the content that its manifest promises."""

    def __init__(self, file: IO[bytes]) -> None:
        """Raises BadCopy where it is no copy, or not whole."""
        try:
            self._zip = zipfile.ZipFile(file)
        except zipfile.BadZipFile:
            raise BadCopy("It is no zip file. Name a file that export_record made.") from None
        names = [entry.filename for entry in self._zip.infolist()]
        if MANIFEST not in names:
            raise BadCopy(
                f"It has no {MANIFEST}: it is no copy. Name a file that export_record made."
            )
        for entry in self._zip.infolist():
            # Stored as they are, members hold no more than the file does.
            if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
                raise BadCopy(f"{entry.filename} is packed or locked. Export it anew.")
        self.manifest = self._manifest()
        self._compare(names)

    def _manifest(self) -> dict[str, Any]:
        if self._zip.getinfo(MANIFEST).file_size > MOST:
            raise BadCopy(f"{MANIFEST} is too long. Export it anew.")
        try:
            manifest = json.loads(self._zip.read(MANIFEST))
            members = manifest["members"]
            _said = {name: member["sha256"] for name, member in members.items()}
            _end = manifest["head"]["number"], manifest["head"]["digest"]
        except (ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile):
            raise BadCopy(f"{MANIFEST} cannot be read. Export it anew.") from None
        if manifest.get("format") != FORMAT:
            raise BadCopy(
                f"It is of the format {manifest.get('format')}, and this site reads {FORMAT}. "
                "Use that release."
            )
        return manifest

    def _compare(self, names: list[str]) -> None:
        members = self.manifest["members"]
        if sorted(names) != sorted([*members, MANIFEST]):
            odd = sorted({*names} ^ {*members, MANIFEST}) or sorted(names)
            raise BadCopy(
                f"{odd[0]} is there and not in its list, or the other way round. Export it anew."
            )
        needed = TABLE_FILES | {RECORD}
        for name in members:
            if name not in needed and not is_a_file(name):
                raise BadCopy(f"{name} is no member of a copy. Export it anew.")
        for name in sorted(needed - set(members)):
            raise BadCopy(f"{name} is missing. Export it anew.")
        for name, said in members.items():
            if self._digest(name) != said["sha256"]:
                raise BadCopy(f"{name} is not what was exported. Take the copy anew.")

    def _digest(self, name: str) -> str:
        digest = sha256()
        try:
            with self._zip.open(name) as member:
                while piece := member.read(PIECE):
                    digest.update(piece)
        except zipfile.BadZipFile:
            return ""
        return digest.hexdigest()

    def rows(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows of a member, each with the number of its line."""
        with self._zip.open(name) as member:
            for number, line in enumerate(member, 1):
                try:
                    row = json.loads(line)
                except ValueError:
                    row = None
                if not isinstance(row, dict):
                    raise BadCopy(f"{name}, line {number}: it is no JSON object. Export it anew.")
                yield number, row

    def content(self, name: str) -> bytes:
        """A document or a frozen file."""
        return self._zip.read(name)

    def has(self, name: str) -> bool:
        return name in self.manifest["members"]
