from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from tracker.models import FrozenFile, Period
from tracker.queries.periods import completeness
from tracker.reports import REPORTS
from tracker.reports.csv import CONTENT_TYPE
from tracker.views.asof import asof_form, render_asof


def period_list(request: HttpRequest) -> HttpResponse:
    """The closed reporting periods, the latest first."""
    form = asof_form(request)
    periods = Period.objects.seen(form.asof()).select_related("programme")
    return render_asof(request, "tracker/period_list.html", form, {"periods": periods})


def period_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One closed period: what was complete when it was closed, and its files with their digests."""
    form = asof_form(request)
    periods = Period.objects.seen(form.asof()).select_related("programme")
    period = get_object_or_404(periods, slug=slug)
    files = [
        (file, REPORTS.get(file.report), urlencode(file.asked))
        for file in period.files.defer("content")
    ]
    context = {"period": period, "files": files, "completeness": completeness(period)}
    return render_asof(request, "tracker/period_detail.html", form, context)


def period_file(request: HttpRequest, slug: str, filename: str) -> HttpResponse:
    """One report of a closed period: for ever the same bytes."""
    files = FrozenFile.objects.filter(period__in=Period.objects.closed())
    file = get_object_or_404(files, period__slug=slug, filename=filename)
    response = HttpResponse(bytes(file.content), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{file.filename}"'
    response["ETag"] = f'"{file.sha256}"'
    return response
