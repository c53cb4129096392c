"""A report as a download: streamed, so that a file of any length takes little memory.

What fails half-way breaks the transfer off: a client never gets a short file that looks whole.
HTTP 1.1 tells a broken transfer from a finished one; HTTP 1.0 (a proxy, perhaps) does not, and so
there the file is made first and sent with its length.
"""

from collections.abc import Iterable
from tempfile import TemporaryFile

from django.db.models import QuerySet
from django.http import FileResponse, StreamingHttpResponse

from tracker.queries.chain import head_known_on
from tracker.reports.base import Report
from tracker.reports.formats import FORMATS
from tracker.rules.asked import NOTHING, Options
from tracker.rules.asof import AsOf

#: Says with which entry the record ended, as known on the day asked: its number and its digest.
HEAD = "X-Record-Head"


def download(
    report: Report,
    pledges: QuerySet,
    asof: AsOf,
    options: Options = NOTHING,
    *,
    extension: str = "csv",
    bom: bool = False,
    protocol: str = "HTTP/1.1",
) -> StreamingHttpResponse:
    """The report for `pledges` (from `seen`) as a file to save."""
    made = FORMATS[extension]
    pieces = made.pieces(report, pledges, asof, options, bom=bom)
    filename = report.filename(asof, extension, options)
    if made.is_whole_first or protocol == "HTTP/1.0":
        response: StreamingHttpResponse = FileResponse(
            _whole(pieces), as_attachment=True, filename=filename, content_type=made.content_type
        )
    else:
        response = StreamingHttpResponse(pieces, content_type=made.content_type)
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response[HEAD] = str(head_known_on(asof.known_on))
    return response


def _whole(pieces: Iterable[bytes]):
    """All of the file, on disk until it is closed."""
    file = TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        file.writelines(pieces)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
