"""The public reports as a Frictionless data package, made from their definitions.

It describes the CSV files beside it: each column with its type and meaning in the reader's
language, the key of each table, and which columns lead to which other table.
"""

from typing import Any
from urllib.parse import urlencode

from tracker.reports import REPORTS
from tracker.reports.base import Column, Kind, Report
from tracker.reports.csv import CONTENT_TYPE
from tracker.reports.licence import Licence

#: How the specification names what a column holds.
TYPES = {
    Kind.TEXT: "string",
    Kind.CODE: "string",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "number",
    Kind.DATE: "date",
    Kind.BOOLEAN: "boolean",
}


def datapackage(
    *, title: str, description: str, licence: Licence, home: str, days: dict[str, str]
) -> dict[str, Any]:
    """The package, in the active language; `days` are the parameters of the files' addresses."""
    return {
        "profile": "data-package",
        "name": "pledge-tracker",
        "title": title,
        "description": description,
        "homepage": home,
        "licenses": [{"name": licence.name, "path": licence.address}],
        "resources": [_resource(report, days) for report in REPORTS.values()],
    }


def path_of(report: Report, days: dict[str, str]) -> str:
    """Where the table is, from the address of what describes it."""
    return f"{report.name}.csv" + (f"?{urlencode(days)}" if days else "")


def _resource(report: Report, days: dict[str, str]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": report.name,
        "title": str(report.title),
        "description": str(report.description),
        "path": path_of(report, days),
        "format": "csv",
        "mediatype": CONTENT_TYPE.partition(";")[0],
        "encoding": "utf-8",
        "schema": {
            "fields": [_field(column) for column in report.columns],
            "missingValues": [""],
            "primaryKey": list(report.key),
            "foreignKeys": [
                {
                    "fields": [name],
                    # A table names itself by nothing.
                    "reference": {
                        "resource": "" if other == report.name else other,
                        "fields": [column],
                    },
                }
                for name, (other, column) in report.refers.items()
            ],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    said = {
        "name": column.name,
        "type": TYPES[column.kind],
        "title": str(column.label),
        "description": str(column.description),
    }
    return said | ({"unit": str(column.unit)} if column.unit else {})
