"""The last good copies of public pages on disk, for the time in which the database is away.

Each process keeps pages in its own memory; here a page that another process made, or one from
before a start, is found too. There are so many places and no more: a page that falls on another's
place takes it. Only addresses without a question have one, for of the others there is no end.
"""

import gzip
import json
import os
import threading
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

PLACES = 4096


class LastGood:
    """Copies by what was asked. A disk that is full or read-only keeps nobody from reading."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)

    def put(self, asked: tuple, said: dict[str, Any], body: bytes) -> None:
        place = self._place(asked)
        writing = place.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        head = json.dumps({"asked": asked, **said}).encode()
        with suppress(OSError):
            writing.write_bytes(head + b"\n" + gzip.compress(body, 1, mtime=0))
            # Whole or not at all, whoever reads meanwhile.
            writing.replace(place)

    def find(self, asked: tuple) -> tuple[dict[str, Any], bytes] | None:
        with suppress(OSError, ValueError, EOFError):
            head, _end, packed = self._place(asked).read_bytes().partition(b"\n")
            said = json.loads(head)
            if tuple(said.pop("asked")) == asked:
                return said, gzip.decompress(packed)
        return None

    def _place(self, asked: tuple) -> Path:
        digest = sha256(repr(asked).encode(errors="replace")).digest()
        return self.folder / str(int.from_bytes(digest[:4]) % PLACES)
