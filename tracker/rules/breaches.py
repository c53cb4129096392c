"""A list of breached passwords: a line `SHA1:COUNT` for each, sorted, as Have I Been Pwned's
downloader writes it.

It is tens of gigabytes long and is asked once in a while. So it is looked up where it lies, by
halving the place in the file where the line could stand: some forty lines are read, and none kept.
"""

import re
from os import SEEK_END
from typing import BinaryIO

_LINE = re.compile(rb"([0-9A-Fa-f]{40}):\d{1,19}\r?\n?")
#: No line of such a list is longer.
_LONGEST = 64
#: At so many places `fault_of` looks. In a list in disorder every second pair of lines shows it.
_PLACES = 64
#: A list of this size holds digests of every beginning, if it is whole.
_LARGE = 1 << 20


class NotAList(ValueError):
    """The file is no such list; says what is wrong with it."""


def holds(file: BinaryIO, digest: str) -> bool:
    """Whether the list holds this SHA-1, in hexadecimal digits.

    Raises NotAList where what is read on the way is no part of a sorted list.
    """
    wanted = digest.upper().encode()
    start, end = 0, _size(file)
    below, above = b"", b"G"
    # The line, if there is one, is the first that begins at `start` or after it, once they meet.
    while start < end:
        middle = (start + end) // 2
        found = _digest_from(file, middle)
        if found and not below <= found <= above:
            raise NotAList("It is not sorted.")
        if found and found < wanted:
            start, below = middle + 1, found
        else:
            end, above = middle, found or above
    return _digest_from(file, start) == wanted


def fault_of(file: BinaryIO) -> str:
    """What is wrong with the list, as far as a look at some places of it shows; else nothing."""
    try:
        size = _size(file)
        places = [size * number // _PLACES for number in range(_PLACES)]
        pairs = [_two_from(file, place) for place in [*places, max(size - _LONGEST, 0)]]
    except NotAList as error:
        return str(error)
    # Where the list is short, the next pair may be the same one.
    pairs = [pair for pair in pairs if pair]
    if sorted(pairs) != pairs or any(sorted(pair) != pair for pair in pairs):
        return "It is not sorted."
    first, last = pairs[0][0][:2].decode(), pairs[-1][-1][:2].decode()
    if size > _LARGE and (first, last) != ("00", "FF"):
        return f"It goes from {first} to {last}: was its download broken off?"
    return ""


def _size(file: BinaryIO) -> int:
    size = file.seek(0, SEEK_END)
    if not size:
        raise NotAList("It is empty.")
    return size


def _two_from(file: BinaryIO, place: int) -> list[bytes]:
    """The digests of the first two lines that begin at this place or after it."""
    return [digest for digest in (_digest_from(file, place), _next_digest(file)) if digest]


def _digest_from(file: BinaryIO, place: int) -> bytes:
    """The digest of the first line that begins at this place or after it; empty where none does."""
    file.seek(max(place - 1, 0))
    if place and not _read(file).endswith(b"\n"):
        return b""
    return _next_digest(file)


def _next_digest(file: BinaryIO) -> bytes:
    line = _read(file)
    if not line:
        return b""
    match = _LINE.fullmatch(line)
    if not match:
        raise NotAList("It has a line that is not a SHA-1, a colon and a count.")
    return match[1].upper()


def _read(file: BinaryIO) -> bytes:
    """The rest of a line; never more of it than a line of such a list is long."""
    line = file.readline(_LONGEST + 1)
    if len(line) > _LONGEST:
        raise NotAList("It has a line that is not a SHA-1, a colon and a count.")
    return line
