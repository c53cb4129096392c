"""Where a few pledges stood on a past day whose sets are at hand, as `PledgeQuerySet.seen` says it.

That asks the database for each figure of each pledge by a question of its own: to put such a
question together takes longer than to read the entries of a page's pledges, and the figures of
milestones are known from the sets.
"""

from collections import defaultdict
from collections.abc import Sequence

from tracker.models import Pledge, Update
from tracker.models.pledge_queryset import PledgeQuerySet
from tracker.queries.facet_sets import Day
from tracker.vocabulary import Status


def in_bulk(pledges: PledgeQuerySet, keys: Sequence[int], day: Day) -> dict[int, Pledge]:
    """Those of `pledges` with these keys, by key, as they stood on `day`, whose sets
    are told from the log."""
    found = pledges.published().announced_by(day.day).in_bulk(keys)
    entries: dict[int, list[tuple]] = defaultdict(list)
    rows = Update.objects.filter(pledge__in=list(found)).in_effect(day.day)
    told = rows.order_by("effective_on", "sequence").values_list(
        *("pledge_id", "pk", "status", "effective_on"),
        *("reported_progress", "due_on", "due_precision"),
    )
    for key, *entry in told:
        entries[key].append(tuple(entry))
    for key, pledge in found.items():
        _stand(pledge, entries[key], day)
    return found


def _stand(pledge: Pledge, entries: list[tuple], day: Day) -> None:
    """Adds what `as_of`, `with_flags` and `seen` add; `entries` hold on `day`, the latest last."""
    pledge.status, pledge.entry_id = Status.NOT_RATED.value, None
    pledge.last_entry_on, pledge.reported_progress = pledge.announced_on, None
    pledge.due_on, pledge.due_precision = pledge.original_due_on, pledge.original_due_precision
    for key, status, effective_on, reported, due_on, precision in entries:
        pledge.status, pledge.entry_id, pledge.last_entry_on = status, key, effective_on
        if reported is not None:
            pledge.reported_progress = reported
        if precision:
            pledge.due_on, pledge.due_precision = due_on, precision
    place = day.facets.place_of[pledge.pk]
    figure = day.facets.figure_at(place)
    pledge.milestones_total, pledge.milestones_done = figure.total, figure.done
    pledge.has_evidence = bool(day.facets.sets["evidence"].get(True, 0) >> place & 1)
    pledge.asked_on = day.day
