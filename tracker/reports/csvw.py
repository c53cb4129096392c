"""The public reports as CSV on the Web describes tables, made from their definitions."""

from typing import Any

from tracker.reports import REPORTS
from tracker.reports.base import Column, Kind, Report
from tracker.reports.datapackage import path_of
from tracker.reports.licence import Licence

CONTENT_TYPE = "application/csvm+json"

#: How the specification names what a column holds.
TYPES = {
    Kind.TEXT: "string",
    Kind.CODE: "string",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.DATE: "date",
    Kind.BOOLEAN: "boolean",
}


def tables(
    *, title: str, description: str, licence: Licence, language: str, days: dict[str, str]
) -> dict[str, Any]:
    """The group of tables, in the active language; `days` are the parameters of the addresses."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": language}],
        "dc:title": title,
        "dc:description": description,
        "dc:license": {"@id": licence.address},
        "tables": [_table(report, days) for report in REPORTS.values()],
    }


def _table(report: Report, days: dict[str, str]) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "columns": [_column(column) for column in report.columns],
        "primaryKey": list(report.key),
    }
    if report.refers:
        schema["foreignKeys"] = [
            {
                "columnReference": name,
                "reference": {"resource": path_of(REPORTS[other], days), "columnReference": column},
            }
            for name, (other, column) in report.refers.items()
        ]
    return {
        "url": path_of(report, days),
        "dc:title": str(report.title),
        "dc:description": str(report.description),
        "tableSchema": schema,
    }


def _column(column: Column) -> dict[str, Any]:
    # `titles` are what stands in the header, which is the name in every language.
    return {
        "name": column.name,
        "titles": {"und": column.name},
        "datatype": TYPES[column.kind],
        "dc:title": str(column.label),
        "dc:description": str(column.description),
    }
