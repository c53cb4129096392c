"""The public pledges as sets, kept in the process under the edition that they were read in.

When the record moves on, what was touched is read again. Threads share what is kept.
"""

from datetime import date
from threading import Lock

from django.db import connections

from tracker.models import Edition
from tracker.queries.facet_history import History
from tracker.queries.facet_reading import moved, read
from tracker.queries.facet_sets import DAYS, Day, Facets
from tracker.queries.moment import one_moment
from tracker.rules.asof import AsOf

#: By database: a replica may lag behind its primary, and neither's makes that of the other anew.
_kept: dict[str, Facets] = {}
_lock = Lock()


def facets() -> Facets:
    """The public pledges as they stand now.

    Within a transaction they are made for its own use: what it sees, others may not yet see.
    """
    alias = Edition.objects.db
    if connections[alias].in_atomic_block:
        return read(0)
    edition = Edition.objects.current()
    kept = _kept.get(alias)
    if kept is None or kept.edition != edition:
        with _lock:
            # What one thread made while another waited is taken by both.
            edition = Edition.objects.current()
            kept = _kept.get(alias)
            if kept is None or kept.edition != edition:
                has_moved_on = kept is not None and kept.edition < edition
                kept = moved(kept, edition) if kept and has_moved_on else read(edition)
                _kept[alias] = kept
    return kept


def forget() -> None:
    """Lets go of all that is kept: for tests, which empty the database behind its back."""
    _kept.clear()
    _past.clear()
    _histories.clear()


def facets_on(asof: AsOf) -> Day:
    """The public pledges as of the day asked about."""
    return facets().on(asof) if asof.is_now else _then(asof)


def _then(asof: AsOf) -> Day:
    """A past day, from the record. The last few are kept, for the edition they were read in."""
    key = (asof.day, asof.known_on)
    own = connections[Edition.objects.db].in_atomic_block
    edition = 0 if own else Edition.objects.current()
    if not own and (kept := _past.get(key)) and kept.facets.edition == edition:
        return kept
    if asof.known_on is None:
        now = facets()
        found = Day(_history(now).on(now, asof.day), asof.day)
    else:
        found = Day(read(edition, asof), asof.day)
    if not own:
        with _lock:
            while len(_past) >= DAYS:
                _past.pop(next(iter(_past)), None)
            _past[key] = found
    return found


def _history(now: Facets) -> History:
    """The log that days are told from. It is read again when too much has moved since."""
    alias = Edition.objects.db
    if connections[alias].in_atomic_block:
        return History(now)
    kept = _histories.get(alias)
    if kept is None or not kept.fits(now):
        with _reading:
            kept = _histories.get(alias)
            if kept is None or not kept.fits(now):
                # All of it of one moment: entries are published meanwhile.
                with one_moment(alias):
                    edition = Edition.objects.current()
                    kept = History(now if now.edition == edition else read(edition))
                _histories[alias] = kept
    return kept


_past: dict[tuple[date, date | None], Day] = {}
_histories: dict[str, History] = {}
_reading = Lock()
