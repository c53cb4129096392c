"""The key to the reports, from their own definitions: what each holds, column by column."""

from collections.abc import Iterable
from typing import Any

from django.utils import translation

from tracker.reports.base import Column, Report
from tracker.vocabulary import Language


def both(text: Any) -> dict[str, str]:
    """A text of ours in each language of the record, whatever the reader's."""
    said = {}
    for language in Language:
        with translation.override(language.value):
            said[language.value] = str(text)
    return said


def definition(report: Report) -> dict[str, Any]:
    """One report's key: itself, its own parameters and its columns."""
    return {
        "name": report.name,
        "title": both(report.title),
        "description": both(report.description),
        "public": report.is_public,
        "parameters": list(report.parameters),
        "columns": [_column(column) for column in report.columns],
    }


def dictionary(reports: Iterable[Report]) -> dict[str, Any]:
    """The key to several reports."""
    return {"reports": [definition(report) for report in reports]}


def _column(column: Column) -> dict[str, Any]:
    said = {
        "name": column.name,
        "type": column.kind.value,
        "label": both(column.label),
        "description": both(column.description),
        "public": column.is_public,
    }
    return said | ({"unit": both(column.unit)} if column.unit else {})
