"""What a load balancer asks. Neither answer says more than it must."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

from tracker.models import guards
from tracker.queries import grants

TEXT = "text/plain; charset=utf-8"


def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the process answers. It asks nothing of the database."""
    return HttpResponse("ok\n", content_type=TEXT)


def readyz(request: HttpRequest) -> HttpResponse:
    """Whether the site can serve: the database answers, is migrated, and guards the record.

    A process for readers alone sees nothing of that. It asks whether it reads all that it should,
    and nothing else.
    """
    try:
        if settings.PUBLIC_ONLY:
            why = grants.unready(connection)
            return _not_ready(why) if why else _ready()
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return _not_ready("migrations are to be run")
        if guards.missing(connection):
            return _not_ready("the record's guards are missing")
    except DatabaseError:
        return _not_ready("the database does not answer")
    return _ready()


def _ready() -> HttpResponse:
    return HttpResponse("ready\n", content_type=TEXT)


def _not_ready(why: str) -> HttpResponse:
    return HttpResponse(f"not ready: {why}\n", status=503, content_type=TEXT)
