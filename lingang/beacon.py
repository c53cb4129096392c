"""Which edition of the record is the present one, as every process of a machine knows it.

A request that is answered from memory cannot ask the database: that would cost more than the
answer. So the edition last read from the database stands in a small file that all processes have
in their memory. Whoever may have changed the record reads the edition anew and writes it there
before the answer goes out (`announce`); so what a reader asks for afterwards is never older.
What comes by another road, plain SQL for example, is seen within a second.

Where several machines share a cache (`CACHE_URL`), a counter there says that some machine
announced something, and each asks the database when it moved. To look at it for each page would
cost more than the page: what was seen there holds for a moment (`LEASE`), and whoever announces
waits for as long before the answer goes out. By then nobody trusts what they saw before.
"""

import fcntl
import logging
import mmap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, Error, connections

from tracker.models import Edition

logger = logging.getLogger(__name__)

SECOND = 1_000_000_000
LEASE = SECOND // 50
#: The numbers in the file, in this order: the edition, when it was asked for, since when that is
#: in doubt, the counter of the shared cache as it stood before, and when that was last seen.
EDITION, ASKED_AT, DOUBTED_AT, MOVES, SEEN_AT = range(5)
SIZE = 5 * 8
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
        # The clock begins anew when the machine does.
        self._numbers[ASKED_AT] = self._numbers[DOUBTED_AT] = self._numbers[SEEN_AT] = 0
        self._ask_database = ask
        self._is_shared = is_shared
        self._asking = threading.Lock()
        self._writing = threading.Lock()
        self._failed_at = 0

    def confirmed(self) -> int:
        """The present edition, or `Unconfirmed`."""
        numbers, now = self._numbers, time.monotonic_ns()
        asked_at = numbers[ASKED_AT]
        if (
            now - asked_at < SECOND
            and asked_at > numbers[DOUBTED_AT]
            and (not self._is_shared or self._is_quiet(now))
        ):
            return numbers[EDITION]
        return self._asked_once()

    @property
    def last_known(self) -> int:
        """The edition that was the present one when the database last said so."""
        return self._numbers[EDITION]

    def announce(self) -> None:
        """Tells everyone of what may just have been changed."""
        try:
            self.ask()
        except Unconfirmed:
            self._numbers[DOUBTED_AT] = time.monotonic_ns()
        if self._is_shared:
            try:
                cache.add(KEY, time.time_ns(), None)
                cache.incr(KEY)
            except Exception:
                # The other machines ask the database within a second.
                logger.exception("The shared cache could not be told of a new edition")
            time.sleep(LEASE / SECOND)

    def ask(self) -> int:
        """The present edition as the database has it now."""
        moves, asked_at = self._moves(), time.monotonic_ns()
        edition = self._read()
        with self._alone():
            if edition < self._numbers[EDITION]:
                # Another process has seen a later one meanwhile, or an older copy of the
                # database was put in its place. Asked again, the database says which.
                edition = self._read()
            self._numbers[EDITION] = edition
            self._numbers[MOVES] = moves
            self._numbers[ASKED_AT] = max(asked_at, self._numbers[ASKED_AT])
            self._numbers[SEEN_AT] = asked_at
        return edition

    def _asked_once(self) -> int:
        """As `ask`. Of many who want to know at once, one asks, and the others wait for it; while
        nothing is to be had, it is asked for beside the readers, and none waits."""
        begun = time.monotonic_ns()
        if self._failed_at:
            if begun - self._failed_at >= SECOND and self._asking.acquire(blocking=False):
                threading.Thread(target=self._try_again, daemon=True).start()
            raise Unconfirmed
        with self._asking:
            if self._failed_at:
                raise Unconfirmed
            if self._numbers[ASKED_AT] >= begun:
                return self._numbers[EDITION]
            return self.ask()

    def _try_again(self) -> None:
        try:
            with suppress(Unconfirmed):
                self.ask()
        finally:
            self._asking.release()

    def _read(self) -> int:
        try:
            edition = self._ask_database()
        except Error as error:
            self._failed_at = time.monotonic_ns()
            raise Unconfirmed from error
        self._failed_at = 0
        return edition

    def _is_quiet(self, now: int) -> bool:
        """Whether no machine announced anything since the database was asked."""
        numbers = self._numbers
        if now - numbers[SEEN_AT] < LEASE:
            return True
        if self._moves() != numbers[MOVES]:
            return False
        numbers[SEEN_AT] = now
        return True

    def _moves(self) -> int:
        """The counter of the shared cache; a number that it never has where it does not answer."""
        if not self._is_shared:
            return 0
        try:
            return cache.get_or_set(KEY, time.time_ns, None)
        except Exception:
            # Whatever the cache's own library raises: then the database is asked each time.
            return time.monotonic_ns()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other thread and no other process writes meanwhile."""
        with self._writing:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)


def from_the_database() -> int:
    """The edition that the primary database has. Where a kept connection broke, a new one is
    tried; where none is to be had, the caller has waited for it once already."""
    connection = connections[DEFAULT_DB_ALIAS]
    begun = time.monotonic_ns()
    try:
        return _edition(connection)
    except Error:
        if time.monotonic_ns() - begun > SECOND:
            raise
    return _edition(connection)


def _edition(connection) -> int:
    try:
        return Edition.objects.using(DEFAULT_DB_ALIAS).current()
    finally:
        # Outside a request nobody else gives back a connection that is not kept.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


def beacon() -> Beacon:
    """The beacon of this machine."""
    is_shared = not settings.CACHES["default"]["BACKEND"].endswith(".LocMemCache")
    return Beacon(settings.EDITION_FILE, ask=from_the_database, is_shared=is_shared)


def tell() -> None:
    """Announces, at the end of a command, what it may have changed."""
    if settings.EDITION_FILE.exists():
        beacon().announce()
