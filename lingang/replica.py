"""Pages that are the same for everybody are read from a replica, where `DATABASE_REPLICA_URL` names
one; all else is read where it is written, from the primary.

`lingang.kept` says of each request which it is, by a `Reading` in its environ. One request reads
from one database. A replica may lag behind the primary, and may even be ahead of it, while the
primary still waits to hear that a change arrived: so it is asked first which edition it has, and
where that is another than the present one, the page is made from the primary.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.signals import request_finished
from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connections
from django.http import HttpRequest, HttpResponse

from tracker.models import Edition

logger = logging.getLogger(__name__)

PRIMARY, REPLICA = DEFAULT_DB_ALIAS, "replica"
#: What asks for a replica, among what a request brings along. No header is called so.
READING = "tracker.reading"
#: A replica that failed is left alone for so long, in seconds: a page does not wait for it twice.
PAUSE = 1.0

#: Where the present request reads. Outside a request, in commands, it is the primary.
_alias: ContextVar[str] = ContextVar("alias", default=PRIMARY)


@dataclass
class Reading:
    """What one page is read from. `edition` is the one that it is to be of; None where the primary
    does not say which is the present one: then it is whatever the replica has."""

    edition: int | None
    #: Whether the replica was read, and which editions it had before and after: of a page that was
    #: made while it moved on, one part may be older than another.
    is_from_replica: bool = False
    before: int | None = None
    after: int | None = None

    @property
    def has_moved(self) -> bool:
        """Whether the replica moved on meanwhile, or failed."""
        return self.before != self.after


class Router:
    """Django's router of databases."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return alias()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        # Who wrote reads from now on what was written.
        _alias.set(PRIMARY)
        return PRIMARY

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, database: str, app_label: str, **hints: Any) -> bool:
        return database == PRIMARY


def alias() -> str:
    """The database that is read now."""
    if connections[PRIMARY].in_atomic_block:
        return PRIMARY
    return _alias.get()


def is_there() -> bool:
    """Whether there is a replica to ask, and it did not fail just now."""
    return REPLICA in settings.DATABASES and time.monotonic() - _failed_at >= PAUSE


def reading(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: chooses the database of a request, and tells its `Reading` what was chosen."""
    if REPLICA not in settings.DATABASES:
        raise MiddlewareNotUsed

    def answer(request: HttpRequest) -> HttpResponse:
        asked: Reading | None = request.META.get(READING)
        _alias.set(PRIMARY)
        if asked is not None and is_there():
            has = _edition()
            if has is not None and asked.edition in (None, has):
                asked.is_from_replica, asked.before = True, has
                _alias.set(REPLICA)
        if asked is None:
            return get_response(request)
        if asked.edition is None and not asked.is_from_replica:
            # Nobody waits for the primary again, which does not answer.
            raise OperationalError("neither the primary nor a replica answers")
        response = get_response(request)
        if asked.is_from_replica:
            # A file that is sent as it comes is not read yet; it is one statement, never torn.
            asked.after = _edition()
        return response

    return answer


def _edition() -> int | None:
    """The edition of the replica; None where it does not answer."""
    global _failed_at  # noqa: PLW0603  One for all threads of the process.
    try:
        return Edition.objects.using(REPLICA).current()
    except Error as error:
        _failed_at = time.monotonic()
        logger.warning("The replica does not answer: %s", error)
        return None


_failed_at = -PAUSE


def _end(**_sent: Any) -> None:
    """A file that is sent as it comes is read up to here: only now is the request over."""
    _alias.set(PRIMARY)


request_finished.connect(_end)
