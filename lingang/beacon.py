"""Which edition of the record is the present one, as every process of a machine knows it.

A request that is answered from memory cannot ask the database: that would cost more than the
answer. So the edition last read from the database stands in a small file that all processes have
in their memory. Whoever may have changed the record reads the edition anew and writes it there
before the answer goes out (`announce`); so what a reader asks for afterwards is never older.
What comes by another road, plain SQL for example, is seen within a second.

Where several machines share a cache (`CACHE_URL`), a counter there says that some machine
announced something, and each asks the database when it moved.
"""

import fcntl
import logging
import mmap
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, Error, connections

from tracker.models import Edition

logger = logging.getLogger(__name__)

SECOND = 1_000_000_000
#: The numbers in the file, in this order.
EDITION, ASKED_AT, MOVES = range(3)
SIZE = 3 * 8
#: Counts, in a cache that machines share, how often one of them announced an edition.
KEY = "editions-announced"


class Unconfirmed(Exception):
    """The database does not say which edition is the present one."""


class Beacon:
    """The present edition. `confirmed` is asked for each page, `announce` after each write."""

    def __init__(self, path: Path, *, ask: Callable[[], int], is_shared: bool) -> None:
        self._file = path.open("a+b")
        self._file.truncate(SIZE)
        # Each number is written as one word: nobody reads half of it.
        self._numbers = memoryview(mmap.mmap(self._file.fileno(), SIZE)).cast("Q")
        # What another start of the machine left there is worth nothing: it is asked for first.
        self._numbers[ASKED_AT] = 0
        self._ask_database = ask
        self._is_shared = is_shared
        self._asking = threading.Lock()
        self._failed_at = 0

    def confirmed(self) -> int:
        """The present edition, or `Unconfirmed`."""
        numbers = self._numbers
        if time.monotonic_ns() - numbers[ASKED_AT] < SECOND and (
            not self._is_shared or self._moves() == numbers[MOVES]
        ):
            return numbers[EDITION]
        return self._asked_once()

    def announce(self) -> None:
        """Tells everyone of what may have been changed just now. Nobody waits for it in vain."""
        before = self._numbers[EDITION]
        try:
            moved = self.ask() != before
        except Unconfirmed:
            moved = True
            # Whatever the others know is in doubt.
            self._numbers[ASKED_AT] = 0
        if moved and self._is_shared:
            try:
                cache.add(KEY, time.time_ns(), None)
                cache.incr(KEY)
            except Exception:
                # The others ask the database within a second.
                logger.exception("The shared cache could not be told of a new edition")

    def ask(self) -> int:
        """The present edition as the database has it now."""
        moves, asked_at = self._moves() or 0, time.monotonic_ns()
        edition = self._read()
        with self._alone():
            if edition < self._numbers[EDITION]:
                # Another process has seen a later one meanwhile, or an older copy of the
                # database was put in its place. Asked again, the database says which.
                edition = self._read()
            self._numbers[EDITION] = edition
            self._numbers[MOVES] = moves
            self._numbers[ASKED_AT] = max(asked_at, self._numbers[ASKED_AT])
        return edition

    def _asked_once(self) -> int:
        """As `ask`; of many who want to know at once, one asks, and not twice a second in vain."""
        begun = time.monotonic_ns()
        if begun - self._failed_at < SECOND:
            raise Unconfirmed
        with self._asking:
            if self._failed_at >= begun:
                raise Unconfirmed
            if self._numbers[ASKED_AT] >= begun and not self._is_shared:
                return self._numbers[EDITION]
            return self.ask()

    def _read(self) -> int:
        try:
            edition = self._ask_database()
        except Error as error:
            self._failed_at = time.monotonic_ns()
            raise Unconfirmed from error
        self._failed_at = 0
        return edition

    def _moves(self) -> int | None:
        """How often machines announced something; None where the cache does not know."""
        if not self._is_shared:
            return 0
        try:
            return cache.get(KEY) or None
        except Exception:
            # Whatever a cache's own library raises: then the database is asked.
            return None

    def _alone(self):
        return _Alone(self._file, self._asking_file)

    #: Locks on files are a process's, not a thread's.
    _asking_file = threading.Lock()


class _Alone:
    """No other thread and no other process writes meanwhile."""

    def __init__(self, file, lock) -> None:
        self.file, self.lock = file, lock

    def __enter__(self) -> None:
        self.lock.acquire()
        fcntl.lockf(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_exception) -> None:
        fcntl.lockf(self.file, fcntl.LOCK_UN)
        self.lock.release()


def from_the_database() -> int:
    """The edition that the primary database has. A connection that broke is tried once anew."""
    connection = connections[DEFAULT_DB_ALIAS]
    with suppress(Error):
        return _edition(connection)
    return _edition(connection)


def _edition(connection) -> int:
    try:
        return Edition.objects.using(DEFAULT_DB_ALIAS).current()
    finally:
        # Outside a request nobody else gives the connection back.
        if not connection.in_atomic_block:
            connection.close()


def beacon() -> Beacon:
    """The beacon of this machine."""
    is_shared = not settings.CACHES["default"]["BACKEND"].endswith(".LocMemCache")
    return Beacon(_path(), ask=from_the_database, is_shared=is_shared)


def _path() -> Path:
    return Path(settings.VAR_DIR) / "edition"


def tell() -> None:
    """Announces, at the end of a command, what it may have changed."""
    if _path().exists():
        beacon().announce()
