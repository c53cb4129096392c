"""The public pledges as sets, kept in the process under the edition that they were read in.

When the record moves on, what was touched is read again. Threads share what is kept.
"""

from datetime import date
from threading import Lock

from django.db import connection

from tracker.models import Edition
from tracker.queries.facet_reading import moved, read
from tracker.queries.facet_sets import DAYS, Day, Facets
from tracker.rules.asof import AsOf

_kept: Facets | None = None
_lock = Lock()


def facets() -> Facets:
    """The public pledges as they stand now.

    Within a transaction they are made for its own use: what it sees, others may not yet see.
    """
    global _kept  # noqa: PLW0603  One for all threads of the process.
    if connection.in_atomic_block:
        return read(0)
    edition = Edition.objects.current()
    kept = _kept
    if kept is None or kept.edition != edition:
        with _lock:
            # What one thread made while another waited is taken by both.
            edition = Edition.objects.current()
            if _kept is None or _kept.edition != edition:
                has_moved_on = _kept is not None and _kept.edition < edition
                _kept = moved(_kept, edition) if _kept and has_moved_on else read(edition)
            kept = _kept
    return kept


def forget() -> None:
    """Lets go of all that is kept: for tests, which empty the database behind its back."""
    global _kept  # noqa: PLW0603
    _kept = None
    _past.clear()


def facets_on(asof: AsOf) -> Day:
    """The public pledges as of the day asked about."""
    return facets().on(asof) if asof.is_now else _then(asof)


def _then(asof: AsOf) -> Day:
    """A past day, from the record. The last few are kept, for the edition they were read in."""
    key = (asof.day, asof.known_on)
    own = connection.in_atomic_block
    edition = 0 if own else Edition.objects.current()
    if not own and (kept := _past.get(key)) and kept.facets.edition == edition:
        return kept
    found = Day(read(edition, asof), asof.day)
    if not own:
        with _lock:
            while len(_past) >= DAYS:
                _past.pop(next(iter(_past)), None)
            _past[key] = found
    return found


_past: dict[tuple[date, date | None], Day] = {}
