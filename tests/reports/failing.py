"""A site of one address, for `test_transfers`: a report that fails after many of its rows.

It is served by the site's own server, through all of the site's middleware.
"""

from datetime import date

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.urls import path

django.setup()

from tracker.models import Pledge, Update  # noqa: E402
from tracker.reports.base import Column, Kind, Report  # noqa: E402
from tracker.reports.downloads import download  # noqa: E402
from tracker.rules.asof import AsOf  # noqa: E402

ROWS = 20_000

# Each file tells where the record ends: that of this site, which has this table only, is empty.
if Update._meta.db_table not in connection.introspection.table_names():
    with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
        editor.create_model(Update)


def _rows(pledges, asof, options):
    yield from ("a row of the report",) * ROWS
    raise RuntimeError("half-way")


REPORT = Report(
    "failing",
    "Failing",
    "Fails.",
    (Column("text", Kind.TEXT, "Text", "A text.", lambda row: row),),
    _rows,
)


def report(request, extension):
    return download(
        REPORT,
        Pledge.objects.none(),
        AsOf(date(2026, 11, 23)),
        extension=extension,
        protocol=request.META["SERVER_PROTOCOL"],
    )


urlpatterns = [path("<slug:extension>", report)]
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()
