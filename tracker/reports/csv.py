"""Reports as CSV: UTF-8, RFC 4180, ISO dates, and nothing in it that a spreadsheet would run."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from tracker.reports.base import Report, Value
from tracker.rules.asked import NOTHING, Options
from tracker.rules.asof import AsOf
from tracker.rules.cells import guarded, guarded_in_front, guarded_within

CONTENT_TYPE = "text/csv; charset=utf-8"
#: Lines are sent in chunks of about this many characters.
CHUNK = 64 * 1024


#: Tells Excel that what follows is UTF-8. It takes a file without it for one of its own region.
BOM = "\ufeff"


def lines(
    report: Report, pledges, asof: AsOf, options: Options = NOTHING, *, bom: bool = False
) -> Iterator[str]:
    """The report's lines, the header first. Each ends in CRLF; `bom` puts that mark in front."""
    yield opening(report, bom=bom)
    write = csv.writer(_Echo(), lineterminator="\r\n").writerow
    for values in report.table(pledges, asof, options):
        yield write([cell(value) for value in values])


def opening(report: Report, *, bom: bool = False) -> str:
    """What stands before the rows: the header, and in front of it, where asked for, that mark."""
    header = csv.writer(_Echo(), lineterminator="\r\n").writerow(report.header)
    return BOM + header if bom else header


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
    return guarded(value) if isinstance(value, str) else written(value)


def quoted(text: str) -> str:
    """A text as a cell of a line that is yet to be `parted`, in quotes where it needs them."""
    # Alone in its line, an empty one would stand in quotes.
    return csv.writer(_Echo(), lineterminator="\r\n").writerow([guarded_in_front(text), ""])[:-3]


def parted(lines: list[bytes]) -> bytes:
    """A piece of the file, of lines without their ends whose texts are guarded in front only.

    What a database writes is guarded within here, for hardly a line needs to be looked into.
    """
    piece = b"\r\n".join([*lines, b""])
    if (
        b";" not in piece
        and b"\t" not in piece
        and piece.count(b"\n") == piece.count(b"\r") == len(lines)
    ):
        return piece
    return b"\r\n".join([*map(_within, lines), b""])


def _within(line: bytes) -> bytes:
    line = bytes(line)
    if b";" in line or b"\t" in line or b"\n" in line or b"\r" in line:
        return guarded_within(line.decode()).encode()
    return line


def written(value: Value) -> str:
    """A value as text: days in ISO, nothing for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


class _Echo:
    """A file for `csv.writer` that hands each line back."""

    def write(self, line: str) -> str:
        return line
