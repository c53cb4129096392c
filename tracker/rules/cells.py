"""Text in a cell that spreadsheet programs will open.

A spreadsheet runs a cell as a formula by its first character. Such a text gets an apostrophe in
front, which shows that it is text; so does one that begins with an apostrophe, and so taking one
apostrophe off always gives the text back. A file of others may begin a text with an apostrophe
that is its own ('s-Hertogenbosch): that one stays. See OWASP, "CSV Injection".
"""

import unicodedata

_STARTS = frozenset("=+-@\t\r\n\x00＝＋－＠")
_MARK = "'"


def guarded(text: str) -> str:
    """`text` as it is written: with an apostrophe in front if a spreadsheet might run it."""
    return _MARK + text if _needs_guard(text) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` made `cell` from; any other text stands as it is."""
    text = cell.removeprefix(_MARK)
    return text if guarded(text) == cell else cell


def _needs_guard(text: str) -> bool:
    if not text:
        return False
    if text[0] == _MARK or text[0] in _STARTS:
        return True
    visible = next((c for c in text if unicodedata.category(c)[0] not in "CZ"), "")
    return visible in _STARTS and visible != ""
