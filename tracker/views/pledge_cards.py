"""The cards of pledges in lists, rendered once and kept in the process for as long as they hold.

A card depends on its pledge, which `Touch` numbers, on the day, and on the language: nothing else
is printed on one. Those with the places that a search found are made anew each time.
"""

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import connections
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from tracker.models import Body, Pledge
from tracker.queries import past_standings
from tracker.queries.facet_sets import Day
from tracker.queries.words import Words
from tracker.rules.asof import AsOf

#: So many cards are kept, of about a kilobyte each. When there are more, the oldest half goes.
MOST = 20_000

_kept: dict[tuple, SafeString] = {}
_lock = Lock()


def read(
    keys: Sequence[int], asof: AsOf, day: Day | None = None, *, body: Body | None = None
) -> list[Pledge]:
    """The pledges `keys` with what a card prints, in that order and in the words of the day.

    Where `day` is at hand, a past one is told with its help.
    """
    is_told = day is not None and day.facets.is_told
    pledges = Pledge.objects.all() if is_told else Pledge.objects.seen(asof)
    if body:
        pledges = pledges.prefetch_related("responsibilities")
    seen = past_standings.in_bulk(pledges, keys, day) if day and is_told else pledges.in_bulk(keys)
    found = {pledge.pk: pledge for pledge in Words(asof.known_on).pledges(seen.values())}
    # One that is no longer seen, since the list was counted, is left out.
    return [found[key] for key in keys if key in found]


def rendered(pledge: Pledge, asof: AsOf, *, body: Body | None = None, **more: Any) -> SafeString:
    """One card."""
    context = {"pledge": pledge, "asof": asof, "body": body, "wanted": None, "finds": None} | more
    return get_template("components/pledge_card.html").render(context)


def cards(
    keys: Sequence[int], day: Day, asof: AsOf, *, body: Body | None = None
) -> list[SafeString]:
    """The cards of the pledges `keys`; `day` knows in which edition each last moved."""
    about = (
        get_language(),
        day.day,
        tuple(asof.parameters.items()),
        body and body.pk,
        settings.STALE_AFTER_DAYS,
    )
    names = {key: (key, day.facets.moved_in(key), *about) for key in keys}
    # Within a transaction nothing is kept, nor taken: others must not see what it does.
    is_own = connections[Pledge.objects.db].in_atomic_block
    found = {} if is_own else {key: _kept[name] for key, name in names.items() if name in _kept}
    missing = [key for key in keys if key not in found]
    if missing:
        made = {
            pledge.pk: rendered(pledge, asof, body=body)
            for pledge in read(missing, asof, day, body=body)
        }
        found |= made
        if not is_own:
            _keep((names[key], card) for key, card in made.items())
    return [found[key] for key in keys if key in found]


def _keep(made: Iterable[tuple[tuple, SafeString]]) -> None:
    with _lock:
        _kept.update(made)
        if len(_kept) > MOST:
            for name in list(_kept)[: MOST // 2]:
                del _kept[name]
