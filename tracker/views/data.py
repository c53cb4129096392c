from typing import Any

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.forms.reports import asked_of_report
from tracker.queries.chain import head_known_on, links
from tracker.queries.changes import changes
from tracker.queries.tables import Part, by_group
from tracker.reports import REPORTS, copies, csvw
from tracker.reports.datapackage import datapackage
from tracker.reports.dictionary import dictionary
from tracker.reports.downloads import download
from tracker.reports.formats import FORMATS
from tracker.reports.licence import of_the_data
from tracker.rules.asof import AsOf
from tracker.rules.chain import canonical
from tracker.views.asof import asof_form, render_asof, today
from tracker.views.parameters import query_of
from tracker.views.processes import for_the_desk
from tracker.vocabulary import Flag, Language


def data(request: HttpRequest) -> HttpResponse:
    """The reports with their columns, and where to download them."""
    form = asof_form(request)
    context = {
        "reports": REPORTS.values(),
        "formats": FORMATS,
        "licence": of_the_data(),
        "head": head_known_on(form.asof().known_on),
    }
    return render_asof(request, "tracker/data.html", form, context)


def data_dictionary(request: HttpRequest) -> HttpResponse:
    """Every column of every public report, for programs."""
    return JsonResponse(dictionary(REPORTS.values()), json_dumps_params={"ensure_ascii": False})


def data_package(request: HttpRequest) -> HttpResponse:
    """The public tables as a Frictionless data package."""
    package = datapackage(
        **_said_of_the_record(request), home=request.build_absolute_uri(reverse("tracker:data"))
    )
    return JsonResponse(package, json_dumps_params={"ensure_ascii": False})


def data_csvw(request: HttpRequest) -> HttpResponse:
    """The public tables as CSV on the Web describes them."""
    language = Language.of(get_language()).value
    described = csvw.tables(**_said_of_the_record(request), language=language)
    return JsonResponse(
        described, content_type=csvw.CONTENT_TYPE, json_dumps_params={"ensure_ascii": False}
    )


def _said_of_the_record(request: HttpRequest) -> dict[str, Any]:
    """What describes the record as a whole; the tables are those of the day asked about."""
    return {
        "title": _("The record of the Lingang Pledge Tracker"),
        "description": _(
            "The whole record to download, every column explained, as it stood on any day."
        ),
        "licence": of_the_data(),
        "days": asof_form(request).asof().parameters,
    }


def report_file(request: HttpRequest, name: str, extension: str) -> HttpResponse:
    """A report as a file, for the parameters of the list page. Wrong ones are refused by name."""
    if name not in REPORTS:
        raise Http404
    report = REPORTS[name]
    asked = asked_of_report(request.GET, today=today(), takes=report.parameters)
    if asked.errors:
        return render(request, "tracker/bad_request.html", {"errors": asked.errors}, status=400)
    return download(
        report,
        asked.pledges,
        asked.asof,
        asked.options,
        extension=extension,
        bom=request.GET.get("bom") == "1",
        protocol=request.META.get("SERVER_PROTOCOL", ""),
    )


def period_report(request: HttpRequest) -> HttpResponse:
    """A period on paper: where the pledges stand at its end, what changed, is late, was corrected.

    A period is read as on the page of changes: as published by its end, unless `known_on` says
    otherwise.
    """
    asked = asked_of_report(request.GET, today=today(), takes=("from", "to"))
    context = {"asof": asked.asof, "asof_form": asked.asof_form, "asked": asked}
    if not asked.errors:
        start, end = asked.period.start, asked.period.end
        last = AsOf(asked.asof.today, end, asked.asof.known_on or end)
        known_today = request.GET.copy()
        known_today["known_on"] = last.today.isoformat()
        *parts, total = by_group(asked.pledges, "pillar", last)
        late = asked.pledges.flagged(Flag.LATE, end).order_by("due_on", "code")
        context |= {
            "start": start,
            "end": end,
            "last": last,
            "parts": [(part, _numbers(part, total)) for part in parts],
            "total": total,
            "total_numbers": _numbers(total, total),
            "summary": total.summary,
            "changes": changes(start, end, asked.pledges, asked.asof.known_on),
            "late": late,
            "late_count": late.count(),
            "query": query_of(request),
            "as_known_today": known_today.urlencode(),
        }
    return render(
        request, "tracker/period_report.html", context, status=400 if asked.errors else 200
    )


def _numbers(part: Part, total: Part) -> list[int]:
    """How many of a part's pledges have each status that any pledge has."""
    present = [count.status for count in total.summary.present]
    return [count.count for count in part.summary.counts if count.status in present]


def record(request: HttpRequest) -> StreamingHttpResponse:
    """The whole record with its chain, one entry a line, for `check_record.py`."""
    lines = (
        canonical({"content": link.content, "digest": link.digest}) + b"\n" for link in links()
    )
    response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
    response["Content-Disposition"] = 'attachment; filename="record.jsonl"'
    return response


@for_the_desk
def record_copy(request: HttpRequest) -> FileResponse:
    """All of the public record in one file, from which another site makes the same record."""
    return FileResponse(copies.whole(), as_attachment=True, filename="record.zip")
