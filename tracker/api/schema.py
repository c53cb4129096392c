"""What the API says of itself in OpenAPI, made from the definitions of the reports."""

from functools import cache

from django.utils.translation import override
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, inline_serializer
from rest_framework import serializers

from tracker.forms.pledges import MAX_SEARCH, SORTS
from tracker.reports import REPORTS
from tracker.reports.base import Column, Kind, Report
from tracker.vocabulary import Flag, Status

MAX_PAGE_SIZE = 200
PAGE_SIZE = 50
#: No reader turns to so late a page by hand, and a database would have to count up to it.
MAX_PAGE = 100_000

#: Errors come in the form of RFC 9457.
PROBLEM_TYPE = "application/problem+json"

_FIELDS = {
    Kind.TEXT: serializers.CharField,
    Kind.CODE: serializers.CharField,
    Kind.INTEGER: serializers.IntegerField,
    Kind.DECIMAL: serializers.FloatField,
    Kind.DATE: serializers.DateField,
    Kind.BOOLEAN: serializers.BooleanField,
}

_DAY = OpenApiTypes.DATE


def _parameter(name, description, kind=OpenApiTypes.STR, **values) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **values)


def _number(name: str, description: str, largest: int) -> OpenApiParameter:
    bounds = {"type": "integer", "minimum": 1, "maximum": largest}
    return _parameter(name, description, bounds)


DAYS = [
    _parameter("as_of", "The day asked about: today or an earlier one.", _DAY),
    _parameter("known_on", "As the record had been published by that day.", _DAY),
]
FILTERS = [
    _parameter(
        "q",
        "Words to find, in either language.",
        {"type": "string", "maxLength": MAX_SEARCH, "pattern": r"^[^\x00]*$"},
    ),
    *(
        _parameter(name, description)
        for name, description in (
            ("programme", "A programme's slug."),
            ("pillar", "A pillar's number."),
            ("sector", "A sector's slug."),
            ("body", "A body's slug: it leads or supports the pledge."),
        )
    ),
    _parameter("status", "Repeatable.", enum=Status.values, many=True),
    _parameter("flag", "Repeatable: all of them apply.", enum=Flag.values, many=True),
    _parameter("due_after", "Due on that day or later.", _DAY),
    _parameter("due_before", "Due on that day or earlier.", _DAY),
    _parameter("sort", "The order of the pledges.", enum=list(SORTS)),
]
PAGING = [
    _number("page", "The page, from 1.", MAX_PAGE),
    _number("page_size", f"Rows a page; {PAGE_SIZE} unless given.", MAX_PAGE_SIZE),
]
OWN = {
    "from": _parameter("from", "The period begins after this day.", _DAY),
    "to": _parameter("to", "The period ends with this day.", _DAY),
    "by": _parameter("by", "What is counted by.", enum=["pillar", "body"]),
}

PROBLEM = inline_serializer(
    "Problem",
    {
        "type": serializers.CharField(help_text="Always about:blank."),
        "title": serializers.CharField(help_text="The status in words."),
        "status": serializers.IntegerField(),
        "errors": serializers.DictField(
            child=serializers.ListField(child=serializers.CharField()),
            required=False,
            help_text="What is wrong with each parameter, and what mends it.",
        ),
    },
)


INDEX = inline_serializer(
    "Index",
    {
        "reports": serializers.DictField(child=serializers.URLField()),
        "description": serializers.URLField(),
    },
)

#: The end of the record as known on the day asked for: see docs/verifying.md.
Head = type(
    inline_serializer(
        "Head", {"number": serializers.IntegerField(), "digest": serializers.CharField()}
    )
)


def answers(good: serializers.Serializer) -> dict[object, serializers.Serializer]:
    """A good answer, and the two that are none."""
    return {200: good, (400, PROBLEM_TYPE): PROBLEM, (404, PROBLEM_TYPE): PROBLEM}


def parameters_of(report: Report) -> list[OpenApiParameter]:
    return [*FILTERS, *DAYS, *(OWN[name] for name in report.parameters), *PAGING]


@cache
def row_of(report: Report) -> type[serializers.Serializer]:
    """One row of a report. The same class each time: its name stands for it in the description."""
    fields = {column.name: _field(column) for column in report.columns}
    return type(inline_serializer(f"{report.name.capitalize()}Row", fields))


def page_of(report: Report) -> serializers.Serializer:
    """One page of a report, with what makes it reproducible."""
    return inline_serializer(
        f"{report.name.capitalize()}Page",
        {
            "count": serializers.IntegerField(help_text="Rows on all pages."),
            "next": serializers.CharField(allow_null=True),
            "previous": serializers.CharField(allow_null=True),
            "parameters": serializers.DictField(
                help_text="What was asked; with these given, the same answer can be had again."
            ),
            "head": Head(),
            "results": row_of(report)(many=True),
        },
    )


def _field(column: Column) -> serializers.Field:
    with override("en"):
        said = str(column.description) + (f" In {column.unit}." if column.unit else "")
    # A text that is missing is empty; everything else that is missing is null.
    may_be_null = column.kind not in (Kind.TEXT, Kind.CODE, Kind.BOOLEAN)
    return _FIELDS[column.kind](help_text=said, allow_null=may_be_null)


PLEDGE = inline_serializer(
    "Pledge",
    {
        "head": Head(),
        "pledge": row_of(REPORTS["pledges"])(),
        "updates": row_of(REPORTS["updates"])(many=True),
        "milestones": row_of(REPORTS["milestones"])(many=True),
    },
)
