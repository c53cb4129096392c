"""What Prometheus asks: counts of requests from every process, and the state of the record.

Nothing is counted and `/metrics` is not found unless `METRICS_TOKEN` is set. The processes of one
server share a folder of counts, which the library reads together; `bin/serve` empties it.
"""

import os
import secrets
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse

from tracker.models import Edition, Feedback, Head, Reply, Update

#: The upper ends of the classes of the histogram, in seconds.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


@cache
def _library() -> SimpleNamespace:
    """The library, once its folder is there: it looks for it as it is imported."""
    folder = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.METRICS_DIR)))
    folder.mkdir(parents=True, exist_ok=True)
    import prometheus_client as client  # noqa: PLC0415
    from prometheus_client import multiprocess  # noqa: PLC0415
    from prometheus_client.core import (  # noqa: PLC0415
        CounterMetricFamily,
        GaugeMetricFamily,
    )

    own = client.CollectorRegistry()
    return SimpleNamespace(
        client=client,
        multiprocess=multiprocess,
        counter=CounterMetricFamily,
        gauge=GaugeMetricFamily,
        requests=client.Counter(
            "tracker_requests", "Answers sent", ["route", "method", "status"], registry=own
        ),
        seconds=client.Histogram(
            "tracker_request_seconds",
            "From the request to the end of its answer",
            ["route"],
            buckets=SECONDS,
            registry=own,
        ),
        kept=client.Counter(
            "tracker_kept_pages", "Pages kept in front of the site", ["outcome"], registry=own
        ),
    )


def count(*, route: str, method: str, status: int, seconds: float) -> None:
    """One answer was sent."""
    if settings.METRICS_TOKEN:
        library = _library()
        library.requests.labels(route, method, str(status)).inc()
        library.seconds.labels(route).observe(seconds)


def kept(outcome: str) -> None:
    """A page kept in front of the site was asked for: a `hit`, a `miss`, a `stale` one."""
    if settings.METRICS_TOKEN:
        _library().kept.labels(outcome).inc()


def metrics(request: HttpRequest) -> HttpResponse:
    """The view. Whoever lacks the token is not told that there is anything."""
    offered = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not secrets.compare_digest(
        offered.encode(errors="replace"), expected.encode()
    ):
        raise Http404
    library = _library()
    registry = library.client.CollectorRegistry()
    library.multiprocess.MultiProcessCollector(registry)
    registry.register(_Record())
    answer = HttpResponse(
        library.client.generate_latest(registry),
        content_type=library.client.CONTENT_TYPE_LATEST,
    )
    answer["Cache-Control"] = "no-store"
    return answer


class _Record:
    """The state of the record, asked for when it is told."""

    def collect(self) -> Iterator:
        library = _library()
        try:
            figures = _figures()
        except DatabaseError:
            figures = {}
        yield library.gauge(
            "tracker_database_up", "Whether the database answers", value=bool(figures)
        )
        if figures:
            yield library.counter(
                "tracker_publishes", "Entries ever published", value=figures["tracker_record_head"]
            )
        for name, value in figures.items():
            yield library.gauge(name, HELP[name], value=value)

    def describe(self) -> list:
        return []


HELP = {
    "tracker_record_head": "The number of the last entry of the record",
    "tracker_edition": "The edition of what readers see",
    "tracker_updates_awaiting_review": "Updates submitted and not yet looked at",
    "tracker_messages_waiting": "Readers' messages that nobody has handled",
    "tracker_replies_unpublished": "Replies of bodies that are not public yet",
}


def _figures() -> dict[str, int]:
    public = {
        "tracker_record_head": Head.objects.values_list("sequence", flat=True).first() or 0,
        "tracker_edition": Edition.objects.current(),
    }
    # What waits for staff is out of reach of a process for readers alone.
    return public if settings.PUBLIC_ONLY else public | _waiting()


def _waiting() -> dict[str, int]:
    return {
        "tracker_updates_awaiting_review": Update.objects.awaiting_review().count(),
        "tracker_messages_waiting": Feedback.objects.waiting().count(),
        "tracker_replies_unpublished": Reply.objects.filter(published_at__isnull=True).count(),
    }
