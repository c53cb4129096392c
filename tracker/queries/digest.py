"""What a digest holds: the entries that one address has not been sent yet, each once."""

from collections.abc import Iterable

from django.db.models import Q

from tracker.models import Subscription, Update
from tracker.queries.news import News, news
from tracker.rules.asof import AsOf


def digest(parts: Iterable[tuple[Subscription, int]], *, upto: int, asof: AsOf) -> list[News]:
    """The public entries after each subscription's number, up to `upto`, in their order.

    What several of the subscriptions ask for is there once.
    """
    wanted = Q(pk__in=[])
    for subscription, after in parts:
        wanted |= Q(sequence__gt=after, pledge__in=subscription.pledges().values("pk"))
    entries = Update.objects.seen(asof).filter(wanted, sequence__lte=upto)
    return news(entries.with_pledges().with_details().order_by("sequence"))
