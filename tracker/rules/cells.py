"""Text in a cell that spreadsheet programs will open.

A spreadsheet runs a cell as a formula by its first character. Such a text gets an apostrophe in
front, which shows that it is text; so does one that begins with an apostrophe, and so taking one
apostrophe off always gives the text back. A file of others may begin a text with an apostrophe
that is its own ('s-Hertogenbosch): that one stays. See OWASP, "CSV Injection".

What begins a cell is the reader's to say: LibreOffice offers to part lines at semicolons and tabs
too, and Excel does so where a comma is in numbers. So what comes after one of these inside a text
is marked in the same way; what begins a line of a text is not, for such a text stands in quotes,
and people write lists.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache

_MARK = "'"
#: A text that begins with one of these needs the mark,
_AT_THE_START = _MARK + "\t\r\n\0"
#: and so does one whose first visible character is one of these.
_VISIBLE_FIRST = "=+-@＝＋－＠"
#: What parts cells and lines beside the comma, for some programs.
_PARTS = ";\t"

#: Texts that begin between these, by their code points, need no mark in front. Nearly all do:
#: databases look here before they try the pattern.
HARMLESS = (("A", "~"), ("一", "鿿"), ("0", ";"))


def guarded(text: str) -> str:
    """`text` as it is written: with an apostrophe wherever a spreadsheet might run what follows."""
    return guarded_within(guarded_in_front(text))


def guarded_in_front(text: str) -> str:
    """As `guarded`, for who takes the text for one cell."""
    return _MARK + text if begins_as_formula(text) or text.startswith(_MARK) else text


def guarded_within(text: str) -> str:
    """As `guarded`, but for its front. It may be whole lines of cells that are guarded there."""
    return _within().sub(rf"\1{_MARK}\2", text) if _may_be_parted(text) else text


def begins_as_formula(text: str) -> bool:
    """Whether a spreadsheet might run a cell that holds just this text."""
    if text[:1].isalnum():  # The pattern says so too, not as quickly.
        return False
    return not text.startswith(_MARK) and bool(_compiled().match(text))


def unguarded(cell: str) -> str:
    """The text that `guarded` made `cell` from; any other text stands as it is."""
    text = _marked_within().sub(r"\1\2", cell) if _may_be_parted(cell) else cell
    text = text.removeprefix(_MARK)
    return text if guarded(text) == cell else cell


@cache
def pattern() -> str:
    """Which texts need the mark in front: an expression for Python and for PostgreSQL."""
    start = "".join(map(_escaped, _AT_THE_START))
    return f"^(?:[{start}]|[{_invisible_ones()}]*[{_visible_first()}])"


@cache
def _compiled() -> re.Pattern[str]:
    return re.compile(pattern())


def _may_be_parted(text: str) -> bool:
    return any(sign in text for sign in _PARTS)


@cache
def _within() -> re.Pattern[str]:
    return re.compile(f"({_parted()})({_MARK}*[{_visible_first()}])")


@cache
def _marked_within() -> re.Pattern[str]:
    return re.compile(f"({_parted()}){_MARK}({_MARK}*[{_visible_first()}])")


def _parted() -> str:
    """The beginning of a cell in mid-line, with what shows nothing there."""
    return f"[{_PARTS}](?:(?![\\r\\n])[{_invisible_ones()}])*"


def _visible_first() -> str:
    return "".join(map(_escaped, _VISIBLE_FIRST))


@cache
def _invisible_ones() -> str:
    return "".join(f"{_escaped(first)}-{_escaped(last)}" for first, last in _invisible())


def _invisible() -> Iterator[tuple[str, str]]:
    """The ranges of the characters that show nothing: of Unicode's categories C and Z."""
    first = None
    for code in range(sys.maxunicode + 2):
        shows_nothing = code <= sys.maxunicode and unicodedata.category(chr(code))[0] in "CZ"
        if shows_nothing and first is None:
            first = code
        elif not shows_nothing and first is not None:
            yield chr(first), chr(code - 1)
            first = None


def _escaped(character: str) -> str:
    return f"\\U{ord(character):08x}"
