"""Text in a cell that spreadsheet programs will open.

A spreadsheet runs a cell as a formula by its first character. Such a text gets an apostrophe in
front, which shows that it is text; so does one that begins with an apostrophe, and so taking one
apostrophe off always gives the text back. A file of others may begin a text with an apostrophe
that is its own ('s-Hertogenbosch): that one stays. See OWASP, "CSV Injection".
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

#: Texts that begin between these, by their code points, need no mark. Nearly all do: databases
#: look here before they try the pattern.
HARMLESS = (("A", "~"), ("一", "鿿"), ("0", ";"))


def guarded(text: str) -> str:
    """`text` as it is written: with an apostrophe in front if a spreadsheet might run it."""
    if text[:1].isalnum():  # The pattern says so too, not as quickly.
        return text
    return _MARK + text if _compiled().match(text) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` made `cell` from; any other text stands as it is."""
    text = cell.removeprefix(_MARK)
    return text if guarded(text) == cell else cell


@cache
def pattern() -> str:
    """Which texts need the mark, as a regular expression of Python's and of PostgreSQL's."""
    start = "".join(map(_escaped, _AT_THE_START))
    visible = "".join(map(_escaped, _VISIBLE_FIRST))
    invisible = "".join(f"{_escaped(first)}-{_escaped(last)}" for first, last in _invisible())
    return f"^(?:[{start}]|[{invisible}]*[{visible}])"


@cache
def _compiled() -> re.Pattern[str]:
    return re.compile(pattern())


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
