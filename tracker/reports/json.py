"""Reports as JSON: one object with what was asked, the end of the record, the columns and the
rows, a row a line.

What the columns mean is in the dictionary beside: a file of a past day stays the same to the byte
though someone finds a better word for a heading.
"""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tracker.queries.chain import head_known_on
from tracker.reports.base import Report, Value
from tracker.rules.asked import NOTHING, Options
from tracker.rules.asof import AsOf

CONTENT_TYPE = "application/json"


def lines(report: Report, pledges, asof: AsOf, options: Options = NOTHING) -> Iterator[str]:
    """The object's lines. What breaks off has no end, and so is no JSON."""
    head = head_known_on(asof.known_on)
    before: dict[str, Any] = {
        "report": report.name,
        "parameters": report.asked(asof, options),
        "head": {"number": head.number, "digest": head.digest},
        "columns": [{"name": c.name, "type": c.kind.value} for c in report.columns],
    }
    yield f'{written(before)[:-1]}, "rows": ['
    names = report.header
    between = "\n"
    for values in report.table(pledges, asof, options):
        row = {name: plain(value) for name, value in zip(names, values, strict=True)}
        yield between + written(row)
        between = ",\n"
    yield "\n]}\n"


def written(value: Any) -> str:
    """A value in JSON, on one line, its text as it is."""
    return json.dumps(value, ensure_ascii=False)


def plain(value: Value) -> str | int | float | bool | None:
    """How a value stands in the file: texts to the letter, days in ISO, nothing as null."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
