"""Reports as a spreadsheet: typed cells, and beside them what was asked and what it all means.

Texts are written as texts: none of them is a formula or a link, whatever it begins with, and a
program that reads the file back gets them to the letter.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any

import xlsxwriter

from tracker.queries.chain import head_known_on
from tracker.reports.base import Kind, Report, Value
from tracker.reports.dictionary import definition
from tracker.rules.asked import NOTHING, Options
from tracker.rules.asof import AsOf
from tracker.rules.cells import guarded_in_front
from tracker.vocabulary import Language

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: The same file has the same bytes whenever it is made, and so it bears no time of its making.
_MADE = datetime(2022, 8, 20)  # noqa: DTZ001
#: Rows that a sheet can hold, the header among them.
MAX_ROWS = 1_048_576
_WIDTHS = {
    Kind.TEXT: 32,
    Kind.CODE: 14,
    Kind.INTEGER: 10,
    Kind.DECIMAL: 12,
    Kind.DATE: 12,
    Kind.BOOLEAN: 10,
}
_PIECE = 64 * 1024
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class TooLarge(Exception):
    """The report does not fit a sheet: as CSV or JSON it has no greatest length."""


def book(report: Report, pledges, asof: AsOf, options: Options = NOTHING) -> IO[bytes]:
    """The whole file, on disk until it is closed: one row at a time is in memory."""
    file = TemporaryFile()  # noqa: SIM115 - whoever reads it closes it
    try:
        # What has been written waits in this folder, which goes with it whatever happens.
        with TemporaryDirectory() as folder:
            workbook = xlsxwriter.Workbook(file, _OPTIONS | {"tmpdir": folder})
            workbook.set_properties({"title": report.name, "created": _MADE})
            _Sheet(workbook, report).write(report.table(pledges, asof, options))
            _key(workbook, report, asof, options)
            workbook.close()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of `book`, piece by piece. It is closed at the end."""
    with file:
        while piece := file.read(_PIECE):
            yield piece


class _Sheet:
    """The sheet with the rows: its first row stays in view and filters the others."""

    def __init__(self, workbook: Any, report: Report) -> None:
        self.report = report
        self.sheet = workbook.add_worksheet(report.name)
        self.heading = workbook.add_format({"bold": True, "bottom": 1})
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        # Such a text stays text also when someone types into its cell.
        self.quoted = workbook.add_format({"quote_prefix": True})
        self.by_kind: dict[Kind, Callable[[int, int, Any], int]] = {
            Kind.TEXT: self._text,
            Kind.CODE: self._text,
            Kind.INTEGER: self.sheet.write_number,
            Kind.DECIMAL: self._decimal,
            Kind.DATE: self._date,
            Kind.BOOLEAN: self.sheet.write_boolean,
        }

    def write(self, rows: Iterator[list[Value]]) -> None:
        columns = self.report.columns
        for place, column in enumerate(columns):
            width = max(_WIDTHS[column.kind], len(column.name) + 4)
            self.sheet.set_column(
                place, place, width, self.day if column.kind is Kind.DATE else None
            )
        self.sheet.freeze_panes(1, 1)
        for place, column in enumerate(columns):
            self.sheet.write_string(0, place, column.name, self.heading)
        number = 0
        for number, values in enumerate(rows, start=1):
            if number >= MAX_ROWS:
                raise TooLarge(self.report.name)
            for place, (column, value) in enumerate(zip(columns, values, strict=True)):
                if value is None or value == "":
                    continue
                if self.by_kind[column.kind](number, place, value):
                    raise TooLarge(f"{self.report.name}, row {number}: {column.name}")
        self.sheet.autofilter(0, 0, number, len(columns) - 1)

    def _text(self, row: int, place: int, value: str) -> int:
        may_run = guarded_in_front(value) != value
        return self.sheet.write_string(row, place, value, self.quoted if may_run else None)

    def _decimal(self, row: int, place: int, value: Decimal) -> int:
        return self.sheet.write_number(row, place, float(value))

    def _date(self, row: int, place: int, value: date) -> int:
        return self.sheet.write_datetime(row, place, value, self.day)


def _key(workbook: Any, report: Report, asof: AsOf, options: Options) -> None:
    """The sheet beside: the report, what was asked of it, and its columns in both languages."""
    sheet = workbook.add_worksheet("about")
    bold = workbook.add_format({"bold": True})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate((24, 10, 28, 28, 12, 12, 60, 60)):
        sheet.set_column(place, place, width)
    key = definition(report)
    lines: list[tuple[list[str], Any]] = [
        (["report", report.name], None),
        *(([f"title_{lang.suffix}", key["title"][lang.value]], None) for lang in Language),
        *(([f"about_{lang.suffix}", key["description"][lang.value]], None) for lang in Language),
        ([], None),
        (["parameter", "value"], bold),
        *(
            ([name, "; ".join(value) if isinstance(value, list) else value], None)
            for name, value in report.asked(asof, options).items()
        ),
        ([], None),
        (["record ends with", str(head_known_on(asof.known_on))], None),
        ([], None),
        (["column", "type", *_each("label"), *_each("unit"), *_each("description")], bold),
    ]
    for column in key["columns"]:
        texts = [
            column.get(part, {}).get(language.value, "")
            for part in ("label", "unit", "description")
            for language in Language
        ]
        lines.append(([column["name"], column["type"], *texts], wrapped))
    for number, (texts, style) in enumerate(lines):
        for place, text in enumerate(texts):
            if text:
                sheet.write_string(number, place, text, style)


def _each(name: str) -> list[str]:
    return [f"{name}_{language.suffix}" for language in Language]
