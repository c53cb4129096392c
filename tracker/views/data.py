from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from tracker.forms import PledgeFilter
from tracker.models import Pledge
from tracker.queries.chain import links
from tracker.reports import REPORTS
from tracker.reports.downloads import download
from tracker.rules.chain import canonical
from tracker.views.asof import asof_form, render_asof


def data(request: HttpRequest) -> HttpResponse:
    """The reports with their columns, and where to download them."""
    context = {"reports": REPORTS.values()}
    return render_asof(request, "tracker/data.html", asof_form(request), context)


def report_csv(request: HttpRequest, name: str) -> HttpResponse:
    """A report as CSV, for the parameters of the list page. Wrong ones are refused by name."""
    if name not in REPORTS:
        raise Http404
    form = asof_form(request)
    asof = form.asof()
    found = PledgeFilter(request.GET, Pledge.objects.seen(asof), asof=asof)
    errors = form.errors | (found.errors or {})
    if errors:
        return render(request, "tracker/bad_request.html", {"errors": errors}, status=400)
    return download(REPORTS[name], found.qs, asof)


def record(request: HttpRequest) -> StreamingHttpResponse:
    """The whole record with its chain, one entry a line, for `check_record.py`."""
    lines = (
        canonical({"content": link.content, "digest": link.digest}) + b"\n" for link in links()
    )
    response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
    response["Content-Disposition"] = 'attachment; filename="record.jsonl"'
    return response
