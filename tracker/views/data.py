from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from tracker.forms import PledgeFilter
from tracker.models import Pledge
from tracker.reports import REPORTS, csv
from tracker.views.asof import asof_form


def data(request: HttpRequest) -> HttpResponse:
    """The reports with their columns, and where to download them."""
    form = asof_form(request)
    return render(request, "tracker/data.html", {"asof": form.asof(), "reports": REPORTS.values()})


def report_csv(request: HttpRequest, name: str) -> HttpResponse:
    """A report as CSV, for the parameters of the list page. Wrong ones are refused by name."""
    if name not in REPORTS:
        raise Http404
    report = REPORTS[name]
    form = asof_form(request)
    asof = form.asof()
    found = PledgeFilter(request.GET, Pledge.objects.seen(asof), asof=asof)
    errors = form.errors | (found.errors or {})
    if errors:
        return render(request, "tracker/bad_request.html", {"errors": errors}, status=400)
    response = StreamingHttpResponse(
        csv.chunks(csv.lines(report, found.qs, asof)), content_type=csv.CONTENT_TYPE
    )
    response["Content-Disposition"] = f'attachment; filename="{report.filename(asof, "csv")}"'
    return response
