"""Reports as CSV: UTF-8, RFC 4180, ISO dates, and nothing in it that a spreadsheet would run."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date

from tracker.reports.base import Report, Value
from tracker.rules.asof import AsOf
from tracker.rules.cells import guarded

CONTENT_TYPE = "text/csv; charset=utf-8"
#: Lines are sent in chunks of about this many characters.
CHUNK = 64 * 1024


def lines(report: Report, pledges, asof: AsOf) -> Iterator[str]:
    """The report's lines, the header first. Each ends in CRLF."""
    write = csv.writer(_Echo(), lineterminator="\r\n").writerow
    yield write(report.header)
    for values in report.table(pledges, asof):
        yield write([cell(value) for value in values])


def chunks(parts: Iterable[str]) -> Iterator[bytes]:
    """`parts` in UTF-8, joined into pieces worth sending one by one."""
    waiting, size = [], 0
    for part in parts:
        waiting.append(part)
        size += len(part)
        if size >= CHUNK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting).encode()


def cell(value: Value) -> str:
    """How a value stands in the file: texts guarded against spreadsheets, the rest bare."""
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


class _Echo:
    """A file for `csv.writer` that hands each line back."""

    def write(self, line: str) -> str:
        return line
