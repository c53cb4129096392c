"""What the text of one cell says: a word, a day, a number. Whatever is not certain is refused."""

import re
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import date

from tracker.rules.dates import last_day
from tracker.rules.tables import Misread
from tracker.vocabulary import CellFault, DateOrder, DatePrecision

_BETWEEN = re.compile(r"[\s_\-–—/·:：.,;()（）\[\]【】\"'“”‘’*#]+")


def key(text: str) -> str:
    """`text` as words are compared: without case, width, punctuation."""
    return _BETWEEN.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def is_chinese(text: str) -> bool:
    """Whether a Chinese character stands in `text`."""
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def same(one: str, other: str) -> bool:
    """Whether two texts differ in nothing, or in line ends and outer white space only."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


# --- Days ----------------------------------------------------------------------------------------

_YEAR = r"(?P<year>\d{4})"
_BY_ITS_END = r"(?:底|末)?(?:之?前|以前)?"
_DAY = [
    re.compile(rf"{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?"),
    re.compile(rf"{_YEAR}(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)"),
    re.compile(rf"{_YEAR}年(?P<month>\d\d?)月(?P<day>\d\d?)[日号](?:之?前|以前)?"),
]
_MONTH = [
    re.compile(rf"{_YEAR}[-/.](?P<month>\d\d?)"),
    re.compile(rf"{_YEAR}年(?P<month>\d\d?)月{_BY_ITS_END}"),
]
_WHOLE_YEAR = [re.compile(rf"{_YEAR}年?{_BY_ITS_END}")]
_TURNED = re.compile(r"(?P<one>\d\d?)(?P<mark>[-/.])(?P<two>\d\d?)(?P=mark)(?P<year>\d{4})")
_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ],
        1,
    )
    for name in names
}
_NAMED = [
    re.compile(r"(?P<name>[a-z]+)\.? (?P<day>\d\d?)(?:st|nd|rd|th)?,? (?P<year>\d{4})"),
    re.compile(r"(?P<day>\d\d?)(?:st|nd|rd|th)? (?P<name>[a-z]+)\.?,? (?P<year>\d{4})"),
    re.compile(r"(?P<name>[a-z]+)\.?,? (?P<year>\d{4})"),
]


def day(text: str, order: str = "") -> date:
    """The one day that `text` names. With `order`, a DateOrder, also 31/12/2025 or 12/31/2025."""
    on, precision = due(text, order)
    if precision != DatePrecision.DAY:
        raise Misread(CellFault.WHOLE_DAY, value=text)
    return on


def due(text: str, order: str = "") -> tuple[date, DatePrecision]:
    """The last day of the day, month or year that `text` names, and which of these it names."""
    plain = unicodedata.normalize("NFKC", text).strip()
    for patterns, precision in (
        (_DAY, DatePrecision.DAY),
        (_MONTH, DatePrecision.MONTH),
        (_WHOLE_YEAR, DatePrecision.YEAR),
    ):
        for pattern in patterns:
            if found := pattern.fullmatch(plain):
                return _due(text, precision, found.groupdict())
    for pattern in _NAMED:
        found = pattern.fullmatch(plain.casefold())
        if found and found["name"] in _MONTHS:
            parts = found.groupdict()
            precision = DatePrecision.DAY if "day" in parts else DatePrecision.MONTH
            return _due(text, precision, parts | {"month": _MONTHS[found["name"]]})
    if found := _TURNED.fullmatch(plain):
        return _turned(text, found, order), DatePrecision.DAY
    raise Misread(CellFault.NO_DATE, value=text)


def _due(
    text: str, precision: DatePrecision, parts: Mapping[str, object]
) -> tuple[date, DatePrecision]:
    year, month, number = (int(str(parts.get(part) or 1)) for part in ("year", "month", "day"))
    try:
        return last_day(date(year, month, number), precision), precision
    except ValueError:
        raise Misread(CellFault.NO_DATE, value=text) from None


def _turned(text: str, found: re.Match[str], order: str) -> date:
    """A day with its year last: which number is the day, only whoever brings the file can say."""
    year, one, two = int(found["year"]), int(found["one"]), int(found["two"])
    readings = {}
    for name, month, number in (
        (DateOrder.DAY_FIRST, two, one),
        (DateOrder.MONTH_FIRST, one, two),
    ):
        try:
            readings[name.value] = date(year, month, number)
        except ValueError:
            continue
    if order in readings:
        return readings[order]
    if order or not readings:
        raise Misread(CellFault.NO_DATE, value=text)
    raise Misread(CellFault.AMBIGUOUS_DATE, value=text)


# --- Numbers and words ---------------------------------------------------------------------------


def percentage(text: str) -> int:
    """A whole percentage, with or without its sign. 0.45 is none: it may mean 45, or not 1."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("%").strip()
    if not re.fullmatch(r"\d{1,3}(?:\.0+)?", plain) or not 0 <= int(plain.split(".")[0]) <= 100:
        raise Misread(CellFault.NO_PERCENTAGE, value=text)
    return int(plain.split(".")[0])


def whole_number(text: str) -> int:
    """A number that counts something."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch(r"\d{1,9}(?:\.0+)?", plain):
        raise Misread(CellFault.NO_NUMBER, value=text)
    return int(plain.split(".")[0])


def identifier(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        raise Misread(CellFault.NO_IDENTIFIER, value=text) from None


def word(text: str, known: Mapping[str, str], allowed: str) -> str:
    """The code that `text` stands for in `known`, whose keys are as `key` gives them."""
    try:
        return known[key(text)]
    except KeyError:
        raise Misread(CellFault.UNKNOWN_WORD, value=text, allowed=allowed) from None


def between(old: str, new: str, width: int = 60) -> tuple[str, str]:
    """Two texts shortened around where they differ, so that the difference can be seen."""
    old, new = (" ".join(text.split()) for text in (old, new))
    if max(len(old), len(new)) <= width:
        return old, new
    start = next(
        (at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]),
        min(len(old), len(new)),
    )
    begin = max(0, start - width // 3)

    def part(text: str) -> str:
        piece = text[begin : begin + width]
        before = "…" if begin else ""
        return f"{before}{piece}{'…' if len(text) > begin + width else ''}"

    return part(old), part(new)
