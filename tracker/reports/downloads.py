"""A report as a download: streamed, so that a file of any length takes little memory.

What fails half-way breaks the transfer off: a client never gets a short file that looks whole.
"""

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from tracker.reports import csv
from tracker.reports.base import Report
from tracker.rules.asof import AsOf


def download(report: Report, pledges: QuerySet, asof: AsOf) -> StreamingHttpResponse:
    """The report for `pledges` (from `seen`) as a CSV file to save."""
    lines = csv.chunks(csv.lines(report, pledges, asof))
    response = StreamingHttpResponse(lines, content_type=csv.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{report.filename(asof, "csv")}"'
    return response
