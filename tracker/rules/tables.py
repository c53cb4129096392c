"""A table out of the bytes of a file, whatever program wrote it.

CSV comes with or without a byte order mark, in UTF-8, UTF-16, GB18030 or Windows-1252, with commas,
semicolons, tabs or bars, with any line ends, also inside of cells. A workbook comes as .xlsx. What
is neither is refused by what it holds, not by its name.

Cells come out as text: days as YYYY-MM-DD, numbers as they are typed, formulas as the value that
the spreadsheet program last computed. Whoever reads a cell makes of it what its column asks for.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook

from tracker.rules.copies import MANIFEST, RECORD
from tracker.vocabulary import CellFault, FileFault

MIB = 1024 * 1024
MAX_BYTES = 10 * MIB
MAX_UNPACKED = 100 * MIB
MAX_ROWS = 20_000
#: A workbook of one sheet has ten files or so.
MAX_PARTS = 2_000
#: So many rows are looked at for the header, and for what separates the cells.
_LOOKED_AT = 20
#: Rows without any value that a workbook may hold after each other; some have a million.
_MAX_BLANK = 1_000
_DELIMITERS = ",;\t|"
#: What a table says that was read from a workbook.
WORKBOOK = "XLSX"
#: How a workbook writes a character that XML cannot hold, and an underscore that would begin one.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Unreadable(Exception):
    """A file is no table. `fault` says why and what mends it."""

    def __init__(self, fault: FileFault, **values: object) -> None:
        self.fault, self.values = fault, values
        super().__init__(fault.value)

    def __str__(self) -> str:
        return str(self.fault.label) % self.values


class Misread(Exception):
    """A row or a cell does not hold what it should. `fault` says why and what mends it."""

    def __init__(self, fault: CellFault, **values: object) -> None:
        self.fault, self.values = fault, values
        super().__init__(fault.value)

    def __str__(self) -> str:
        return str(self.fault.label) % self.values


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet program shows it, and its cells, one a column.

    A row with a `fault` has none that can be relied on.
    """

    number: int
    cells: tuple[str, ...]
    fault: Misread | None = None


@dataclass(frozen=True)
class Table:
    """The header and the rows that hold something. `written` says in what the file was written."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    written: str

    @property
    def is_workbook(self) -> bool:
        """Whether its texts need no apostrophe to be texts: what begins with one is its own."""
        return self.written == WORKBOOK


def table(content: bytes, sheets: Iterable[str] = ()) -> Table:
    """The table in `content`. Of a workbook it is the sheet named in `sheets`, else the first."""
    if len(content) > MAX_BYTES:
        raise Unreadable(FileFault.TOO_LARGE, limit=MAX_BYTES // MIB)
    if not content.strip(b"\x00\r\n\t ,;\xef\xbb\xbf\xfe\xff"):
        raise Unreadable(FileFault.EMPTY)
    if content.startswith(b"PK\x03\x04"):
        return _framed(_sheet(content, set(sheets)), WORKBOOK)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(FileFault.OLD_WORKBOOK)
    if content.lstrip().startswith(
        (b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"<")
    ):
        raise Unreadable(FileFault.NOT_A_TABLE)
    text, encoding = _decoded(content)
    if text.lstrip()[:1] == "<":
        raise Unreadable(FileFault.NOT_A_TABLE)
    hint = re.match(r'"?sep=(.)"?\r?\n', text)
    delimiter = hint[1] if hint else _delimiter(text)
    text = text[hint.end() :] if hint else text
    shown = {"\t": "TAB"}.get(delimiter, delimiter)
    return _framed(_records(text, delimiter), f"{encoding}, {shown}", first=2 if hint else 1)


# --- Text -------------------------------------------------------------------------------------


def _decoded(content: bytes) -> tuple[str, str]:
    """The text, without a byte order mark, and the name of its encoding."""
    for mark, codec, name in (
        (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
        (b"\xff\xfe", "utf-16", "UTF-16"),
        (b"\xfe\xff", "utf-16", "UTF-16"),
    ):
        if content.startswith(mark):
            return _strictly(content, codec), name
    # Commas, digits and line ends of UTF-16 have a zero byte, always on the same side.
    even, odd = content[0::2].count(0), content[1::2].count(0)
    if max(even, odd) > 8 * min(even, odd):
        text = content.decode("utf-16-le" if odd > even else "utf-16-be", "replace")
        if "\n" in text.replace("\r", "\n") and any(mark in text for mark in _DELIMITERS):
            return text, "UTF-16"
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    if _looks_chinese(content):
        return _strictly(content, "gb18030"), "GB18030"
    return _strictly(content, "cp1252"), "Windows-1252"


def _strictly(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        raise Unreadable(FileFault.UNKNOWN_ENCODING) from None


def _looks_chinese(content: bytes) -> bool:
    """Whether bytes that are not UTF-8 are GB18030, and not Latin letters with accents.

    Of a common Chinese character both bytes are high. An accented letter stands among plain ones.
    """
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    runs = re.findall(rb"[\x80-\xff]+", content)
    return sum(len(run) for run in runs if len(run) > 1) > sum(len(run) == 1 for run in runs)


def _delimiter(text: str) -> str:
    """What separates the cells: it parts the first rows alike, and into the most."""

    def merit(delimiter: str) -> tuple[float, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = []
        try:
            for record in reader:
                if any(record):
                    widths.append(len(record))
                if len(widths) == _LOOKED_AT:
                    break
        except csv.Error:
            pass
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        return (widths.count(usual) / len(widths), usual) if usual > 1 else (0, 0)

    return max(_DELIMITERS, key=merit)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(FileFault.UNCLOSED_QUOTE, row=number, why=error) from None


# --- Workbooks --------------------------------------------------------------------------------


class _NoValue(str):
    """A cell that a workbook gives no value for: where it stands and what is wrong with it."""

    misread: Misread


def _sheet(content: bytes, sheets: set[str]) -> Iterator[list[str]]:
    _safe_to_unpack(content)
    formulas: set[str] = set()
    rows = list(_cells(content, sheets, formulas, computed=False))
    # Only a workbook that holds formulas is read again, for the values that they had when saved.
    yield from _cells(content, sheets, formulas, computed=True) if formulas else rows


def _safe_to_unpack(content: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Unreadable(FileFault.NOT_A_WORKBOOK, why=error) from None
    if {MANIFEST, RECORD} <= {part.filename for part in parts}:
        raise Unreadable(FileFault.WHOLE_RECORD)
    # A part is never unpacked beyond the size that it states, so what it states can be relied on.
    if sum(part.file_size for part in parts) > MAX_UNPACKED or len(parts) > MAX_PARTS:
        raise Unreadable(FileFault.TOO_LARGE_UNPACKED, limit=MAX_UNPACKED // MIB)
    if not any(part.filename == "[Content_Types].xml" for part in parts):
        raise Unreadable(FileFault.NOT_A_TABLE)


def _cells(
    content: bytes, sheets: set[str], formulas: set[str], *, computed: bool
) -> Iterator[list[str]]:
    try:
        book = load_workbook(
            io.BytesIO(content), read_only=True, data_only=computed, keep_links=False
        )
        wanted = [s for s in book.worksheets if s.title.casefold() in sheets] or book.worksheets
        wanted[0].reset_dimensions()
        blank = 0
        for cells in wanted[0].iter_rows():
            row = [_text(cell, formulas, computed=computed) for cell in cells]
            blank = 0 if any(row) else blank + 1
            if blank > _MAX_BLANK:
                return
            yield row
    except Exception as error:
        # The library meets a broken file with errors of every kind.
        why = f"{type(error).__name__}: {error}"[:120]
        raise Unreadable(FileFault.NOT_A_WORKBOOK, why=why) from error


def _text(cell: Any, formulas: set[str], *, computed: bool) -> str:
    value = cell.value
    if not computed and getattr(cell, "data_type", "") == "f":
        formulas.add(cell.coordinate)
        return "="
    if value is None:
        if computed and getattr(cell, "coordinate", "") in formulas:
            return _without_value(CellFault.FORMULA, cell=cell.coordinate)
        return ""
    if cell.data_type == "e":
        return _without_value(CellFault.CELL_ERROR, cell=cell.coordinate, value=value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value, is_share="%" in (cell.number_format or ""))
    return _ESCAPED.sub(_unescaped, str(value))


def _unescaped(found: re.Match[str]) -> str:
    """The character that is meant. Half a character is none: it stays as it is written."""
    number = int(found[1], 16)
    return found[0] if 0xD800 <= number <= 0xDFFF else chr(number)


def _number(value: float, *, is_share: bool) -> str:
    if is_share:
        return f"{value * 100:.10g}%"
    return str(int(value)) if value == int(value) else repr(value)


def _without_value(fault: CellFault, **values: object) -> "_NoValue":
    text = _NoValue("?")
    text.misread = Misread(fault, **values)
    return text


# --- Both -------------------------------------------------------------------------------------


def _framed(records: Iterable[list[str]], written: str, first: int = 1) -> Table:
    """The header and the rows below it, of rows that may begin with a title of the whole."""
    numbered = []
    for number, record in enumerate(records, first):
        if any(cell.strip() for cell in record):
            numbered.append((number, record))
        if len(numbered) > MAX_ROWS + _LOOKED_AT:
            raise Unreadable(FileFault.TOO_MANY_ROWS, limit=MAX_ROWS)
    if not numbered:
        raise Unreadable(FileFault.EMPTY)
    at = _header_at([record for _number, record in numbered[:_LOOKED_AT]])
    header = _named_once(_without_trailing(numbered[at][1]))
    rows = tuple(
        _row(number, record, len(header), is_sheet=written == WORKBOOK)
        for number, record in numbered[at + 1 :]
    )
    if not rows:
        raise Unreadable(FileFault.NO_ROWS)
    if len(rows) > MAX_ROWS:
        raise Unreadable(FileFault.TOO_MANY_ROWS, limit=MAX_ROWS)
    return Table(header, rows, written)


def _header_at(records: Sequence[list[str]]) -> int:
    """Where the header stands: the first row with more than one value, below a title if any."""
    filled = [sum(bool(cell.strip()) for cell in record) for record in records]
    at = next((index for index, count in enumerate(filled) if count > 1), None)
    if at is None:
        raise Unreadable(FileFault.NO_HEADER)
    return at


def _without_trailing(record: list[str]) -> list[str]:
    while record and not record[-1].strip():
        record = record[:-1]
    return record


def _named_once(header: list[str]) -> tuple[str, ...]:
    """The names of the columns, on one line each; the second of the same name says so."""
    names: list[str] = []
    for cell in header:
        name = " ".join(cell.replace("\ufeff", "").split())
        count = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({count + 1})" if name and name in names else name)
    return tuple(names)


def _row(number: int, record: list[str], wanted: int, *, is_sheet: bool) -> Row:
    # Beyond the header only what holds something counts; below it a cell of spaces is a cell.
    found = record[:wanted] + _without_trailing(record[wanted:])
    broken = next((cell for cell in found if isinstance(cell, _NoValue)), None)
    if broken is not None:
        return Row(number, (), broken.misread)
    if any("\x00" in cell for cell in found):
        return Row(number, (), Misread(CellFault.NUL))
    if len(found) > wanted:
        return Row(number, (), Misread(CellFault.TOO_MANY_CELLS, found=len(found), wanted=wanted))
    if len(record) < wanted and not is_sheet:
        return Row(number, (), Misread(CellFault.TOO_FEW_CELLS, found=len(record), wanted=wanted))
    return Row(number, tuple(found + [""] * (wanted - len(found))))
