"""The managers' reports: a page to choose, filter and look, and the files; reports as actions."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from tracker.forms.reports import AskedOfReport, asked_of_report
from tracker.models import Pledge, SavedReport
from tracker.reports import EVERY_REPORT, REPORTS, STAFF_REPORTS
from tracker.reports.base import Report
from tracker.reports.downloads import download
from tracker.reports.formats import FORMATS
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of

#: How many rows the page shows.
FIRST = 20
#: What an address may say that some reports do not take; the page leaves it out for those.
OWN = ("from", "to", "by")
DAYS = ("as_of", "known_on")


class SavedReportForm(forms.ModelForm):
    """What is asked now, to be kept under a name."""

    class Meta:
        model = SavedReport
        fields = ("name", "report", "query")
        widgets = {"report": forms.HiddenInput, "query": forms.HiddenInput}

    def clean_report(self):
        if self.cleaned_data["report"] not in EVERY_REPORT:
            raise forms.ValidationError(_("There is no such report."))
        return self.cleaned_data["report"]

    def clean_query(self):
        # What the page itself would keep of it, and in its form.
        report = EVERY_REPORT.get(self.data.get("report", ""), REPORTS["pledges"])
        return _fitting(QueryDict(self.cleaned_data["query"]), report).urlencode()


def urls(desk: admin.AdminSite) -> list:
    """The addresses of the reports on the desk."""
    return [
        path("reports/", desk.admin_view(report_page), name="reports"),
        path("reports/saved/", desk.admin_view(save_report), name="report-save"),
        path("reports/saved/<int:pk>/", desk.admin_view(forget_report), name="report-forget"),
        *(
            path(
                f"reports/<slug:name>.{extension}",
                desk.admin_view(report_file),
                {"extension": extension},
                name=f"report-{extension}",
            )
            for extension in FORMATS
        ),
    ]


def report_page(request: HttpRequest) -> HttpResponse:
    """One report for what the address asks: how many rows, the first ones, and the files."""
    report = _report(request, request.GET.get("report") or "pledges")
    data = _fitting(request.GET, report)
    asked = _asked(request, report, data)
    rows, count = [], 0
    if not asked.errors:
        asking = (asked.pledges, asked.asof, asked.options)
        rows, count = list(report.table(*asking, limit=FIRST)), report.count(*asking)
    query = data.urlencode()
    context = {
        **admin.site.each_context(request),
        "title": _("Reports"),
        "report": report,
        "groups": [(_("Public"), REPORTS.values()), (_("Managers only"), STAFF_REPORTS.values())],
        "asked": asked,
        "fields": _fields(asked, report),
        "errors": asked.errors,
        "rows": rows,
        "count": count,
        "first": FIRST,
        "today": asked.asof.today,
        "downloads": [
            (extension, _address(f"admin:report-{extension}", query, report.name))
            for extension in FORMATS
        ],
        "public_address": _address("tracker:report-csv", query, report.name)
        if report.is_public
        else "",
        "print_address": _print_address(data, asked),
        "saved": SavedReport.objects.select_related("saved_by"),
        "save_form": SavedReportForm(initial={"report": report.name, "query": query}),
    }
    status = 400 if asked.errors else 200
    return TemplateResponse(request, "admin/reports.html", context, status=status)


def report_file(request: HttpRequest, name: str, extension: str) -> HttpResponse:
    """A report as a file, the managers' own among them."""
    report = _report(request, name)
    asked = _asked(request, report, request.GET)
    if asked.errors:
        return HttpResponse(
            "\n".join(f"{name}: {' '.join(map(str, said))}" for name, said in asked.errors.items()),
            content_type="text/plain; charset=utf-8",
            status=400,
        )
    return download(
        report,
        asked.pledges,
        asked.asof,
        asked.options,
        extension=extension,
        bom=request.GET.get("bom") == "1",
        protocol=request.META.get("SERVER_PROTOCOL", ""),
    )


@require_POST
def save_report(request: HttpRequest) -> HttpResponse:
    """Keeps what is asked under a name, and goes back to it."""
    _report(request, request.POST.get("report", ""))
    form = SavedReportForm(request.POST)
    if not form.is_valid():
        for said in form.errors.values():
            messages.error(request, " ".join(map(str, said)))
        report, query = request.POST.get("report", ""), request.POST.get("query", "")
        return redirect(SavedReport(report=report, query=query).get_absolute_url())
    form.instance.saved_at, form.instance.saved_by = timezone.now(), request.user
    saved = form.save()
    messages.success(request, gettext("Saved as “%s”.") % saved.name)
    return redirect(saved.get_absolute_url())


@require_POST
def forget_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a saved report off the list: its own, or anybody's by who works for every body."""
    saved = SavedReport.objects.filter(pk=pk).first()
    if saved is None:
        raise Http404
    _report(request, saved.report)
    if saved.saved_by != request.user and not request.user.cares_for_all:
        raise PermissionDenied
    saved.delete()
    messages.success(request, gettext("“%s” is no longer saved.") % saved.name)
    return redirect("admin:reports")


def _report(request: HttpRequest, name: str) -> Report:
    if not request.user.has_perm("tracker.download_report"):
        raise PermissionDenied
    if name not in EVERY_REPORT:
        raise Http404
    return EVERY_REPORT[name]


def _asked(request: HttpRequest, report: Report, data: QueryDict) -> AskedOfReport:
    """What is asked; a report on what is not public is of the pledges in the person's care."""
    own = None if report.is_public else Pledge.objects.in_care_of(request.user).as_staff_see()
    today = day_of(timezone.now())
    return asked_of_report(data, today=today, takes=report.parameters, staff=own)


def _fitting(given: QueryDict, report: Report) -> QueryDict:
    """What was given, without what is empty and what this report does not take."""
    data = QueryDict(mutable=True)
    left_out = {name for name in OWN if name not in report.parameters} | {"report", "page"}
    if not report.is_public:
        left_out |= set(DAYS)
    for name, values in given.lists():
        said = [value for value in values if value]
        if said and name not in left_out:
            data.setlist(name, said)
    return data


def _fields(asked: AskedOfReport, report: Report) -> list:
    """The fields that the page offers for a report, in their order."""
    own = [asked.period[n] for n in ("from", "to") if n in report.parameters]
    own += [asked.grouping["by"]] if "by" in report.parameters else []
    days = [asked.asof_form[n] for n in DAYS] if report.is_public else []
    filters = [field for field in asked.filter.form if field.name != "sort"]
    # Those with a box for each choice need a line of their own, and come last.
    return sorted([*own, *days, *filters], key=lambda field: field.name in {"status", "flag"})


def _address(name: str, query: str, *args: str) -> str:
    return reverse(name, args=args) + (f"?{query}" if query else "")


def _print_address(data: QueryDict, asked: AskedOfReport) -> str:
    """The page of the same period and pledges to print: as known now where no day is named."""
    asking = data.copy()
    asking.pop("by", None)
    if "as_of" in asking and "to" not in asking:
        asking["to"] = asking["as_of"]
    asking.pop("as_of", None)
    asking.setdefault("known_on", asked.asof.today.isoformat())
    return _address("tracker:period-report", asking.urlencode())


def _download(name: str, chosen) -> StreamingHttpResponse:
    asof = AsOf(day_of(timezone.now()))
    pledges = Pledge.objects.seen(asof).filter(pk__in=chosen.order_by().values("pk"))
    return download(REPORTS[name], pledges.order_by("code"), asof)


@admin.action(description=_("Download the report “pledges” for the chosen ones (CSV)"))
def download_pledges(desk, request, queryset):
    return _download("pledges", queryset)


@admin.action(description=_("Download the report “updates” for the chosen ones (CSV)"))
def download_updates(desk, request, queryset):
    return _download("updates", queryset)
