"""One view for every report, and one for a single pledge. The clock is read here."""

from typing import Any

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from tracker.api import schema
from tracker.forms.reports import AskedOfReport, asked_of_report
from tracker.queries import chain
from tracker.reports import REPORTS, pledges
from tracker.reports.base import Report
from tracker.reports.json import plain
from tracker.rules.dates import day_of


class BadParameters(exceptions.APIException):
    """What is asked cannot be answered. `errors` says what is wrong with each parameter."""

    status_code = 400

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__()
        self.errors = errors


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to anything that went wrong, in one shape; None for a fault of ours."""
    answer = exception_handler(error, context)
    if answer is None:
        return None
    titles = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}
    answer.data = {
        "type": "about:blank",
        "title": titles.get(answer.status_code, "Error"),
        "status": answer.status_code,
    }
    if isinstance(error, BadParameters):
        answer.data["errors"] = error.errors
    answer.content_type = schema.PROBLEM_TYPE
    return answer


@method_decorator(conditional_page, name="dispatch")
class ReadOnly(APIView):
    """Open to every reader and every site: it shows what is public, and takes nothing."""

    http_method_names = ["get", "head", "options"]

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
        response["Access-Control-Expose-Headers"] = "ETag"
        response["Cache-Control"] = "public, no-cache"
        return response

    def options(self, request: HttpRequest, *args, **kwargs) -> Response:
        """A browser asks whether it may ask. It may."""
        return Response(status=204)


class Index(ReadOnly):
    """What there is."""

    @extend_schema(responses={200: schema.INDEX}, operation_id="index")
    def get(self, request: HttpRequest) -> Response:
        reports = {name: _address(request, "report", name) for name in REPORTS}
        return Response({"reports": reports, "description": _address(request, "openapi")})


class ReportPage(ReadOnly):
    """A public report, page by page. `report` is given by its address."""

    report: Report

    def get(self, request: HttpRequest) -> Response:
        number = _number(request, "page", 1, schema.MAX_PAGE)
        size = _number(request, "page_size", schema.PAGE_SIZE, schema.MAX_PAGE_SIZE)
        asked = _asked(request, self.report)
        of = (asked.pledges, asked.asof, asked.options)
        count = _count(self.report, asked)
        start = (number - 1) * size
        if start and start >= count:
            raise Http404
        rows = self.report.table(*of, limit=size, start=start)
        return Response(
            {
                "count": count,
                "next": _page(request, number + 1) if start + size < count else None,
                "previous": _page(request, number - 1) if number > 1 else None,
                "parameters": self.report.asked(asked.asof, asked.options),
                "head": _head(asked.asof.known_on),
                "results": [_row(self.report, values) for values in rows],
            }
        )


class PledgeDetail(ReadOnly):
    """One pledge with its entries and its milestones, as the reports tell them."""

    @extend_schema(
        parameters=schema.DAYS,
        responses=schema.answers(schema.PLEDGE),
        operation_id="pledge",
    )
    def get(self, request: HttpRequest, code: str) -> Response:
        asked = _asked(request, REPORTS["pledges"])
        pledges = asked.pledges.filter(code=code)
        said = {
            name: [
                _row(REPORTS[name], values)
                for values in REPORTS[name].table(pledges, asked.asof, asked.options)
            ]
            for name in ("pledges", "updates", "milestones")
        }
        if not said["pledges"]:
            raise Http404
        [pledge] = said.pop("pledges")
        return Response({"head": _head(asked.asof.known_on), "pledge": pledge, **said})


def view_of(report: Report):
    """The view of one report, which describes itself from the report's definition."""
    get = extend_schema(
        parameters=schema.parameters_of(report),
        responses=schema.answers(schema.page_of(report)),
        operation_id=report.name,
        description=report.description,
    )
    view = type(f"{report.name.capitalize()}Page", (ReportPage,), {"report": report})
    return extend_schema_view(get=get)(view).as_view()


def _asked(request: HttpRequest, report: Report) -> AskedOfReport:
    asked = asked_of_report(request.GET, today=day_of(timezone.now()), takes=report.parameters)
    if asked.errors:
        raise BadParameters(asked.errors)
    return asked


def _count(report: Report, asked: AskedOfReport) -> int:
    """How many rows there are. Pledges as they stand now are counted as the list counts them; to
    search for that would be to search twice."""
    if report is pledges.REPORT and asked.asof.is_now and not asked.filter.form.cleaned_data["q"]:
        return len(asked.filter.listed)
    return report.count(asked.pledges, asked.asof, asked.options)


def _number(request: HttpRequest, name: str, otherwise: int, largest: int) -> int:
    given = request.GET.get(name, "")
    if not given:
        return otherwise
    if given.isascii() and given.isdigit() and len(given) <= 9 and 1 <= int(given) <= largest:
        return int(given)
    raise BadParameters({name: [f"Give a whole number from 1 to {largest}."]})


def _page(request: HttpRequest, number: int) -> str:
    asked = request.GET.copy()
    asked["page"] = str(number)
    return request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")


def _address(request: HttpRequest, name: str, *args: str) -> str:
    return request.build_absolute_uri(reverse(f"api:{'-'.join((name, *args))}"))


def _head(known_on) -> dict[str, Any]:
    head = chain.head_known_on(known_on)
    return {"number": head.number, "digest": head.digest}


def _row(report: Report, values) -> dict[str, Any]:
    return {name: plain(value) for name, value in zip(report.header, values, strict=True)}
