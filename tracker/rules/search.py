"""What a reader searches for: their words parted, set right by the record's own, and marked.

A word is found anywhere in a text. Words in quotation marks are one, and are left as they stand.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|(\S+)')
LATIN = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True)
class Term:
    """One word to find; with `is_exact`, one that the reader put in quotation marks."""

    text: str
    is_exact: bool = False

    def __str__(self) -> str:
        return f'"{self.text}"' if self.is_exact else self.text


@dataclass(frozen=True)
class Correction:
    """What was probably meant: `meant` is searched for, `left_out` says what stands nowhere."""

    meant: str
    replaced: tuple[str, ...]
    left_out: tuple[str, ...]


def terms(asked: str) -> list[Term]:
    """The words of a search, each once."""
    found = []
    for straight, curled, word in QUOTED.findall(asked):
        quoted = " ".join((straight or curled).split())
        text = quoted or word.strip('"“”')
        if text:
            found.append(Term(text, is_exact=bool(quoted)))
    return list(dict.fromkeys(found))


def correction(asked: str, texts: Iterable[str]) -> Correction | None:
    """The search that was probably meant, given every text that may be found: see `set_right`."""
    said = "\n".join(texts).casefold()
    words = Counter(LATIN.findall(said))
    return set_right(
        asked,
        says=lambda term: term.text.casefold() in said,
        near=lambda word: nearest(word, words),
    )


def set_right(
    asked: str, *, says: Callable[[Term], bool], near: Callable[[str], str | None]
) -> Correction | None:
    """The search that was probably meant.

    A word that stands nowhere (`says` tells) is replaced by the nearest one that does (`near`);
    where there is none near, it is left out. None where every word occurs, or where nothing would
    remain.
    """
    wanted = terms(asked)
    unknown = [term for term in wanted if not says(term)]
    if not unknown or any(term.is_exact for term in unknown):
        return None
    kept, replaced, left_out = [], [], []
    for term in wanted:
        nearest_one = near(term.text.casefold()) if term in unknown else None
        if term not in unknown:
            kept.append(term)
        elif nearest_one:
            kept.append(Term(nearest_one))
            replaced.append(nearest_one)
        else:
            left_out.append(term.text)
    if not kept:
        return None
    return Correction(" ".join(map(str, kept)), tuple(replaced), tuple(left_out))


def nearest(word: str, words: Counter[str]) -> str | None:
    """The one of `words` that differs least from an English `word`, the commonest of those."""
    return min(nearest_ones(word, words), key=lambda one: (-words[one], one), default=None)


def nearest_ones(word: str, words: Iterable[str]) -> list[str]:
    """Those of `words` that differ least from an English `word`, and little enough."""
    if not LATIN.fullmatch(word):
        return []
    allowed = slips_allowed(word)
    near: dict[int, list[str]] = {}
    for other in words:
        if abs(len(other) - len(word)) <= allowed and len(set(word) - set(other)) <= allowed:
            near.setdefault(slips(word, other), []).append(other)
    least = min(near, default=allowed + 1)
    return near[least] if least <= allowed else []


def slips_allowed(word: str) -> int:
    return 1 if len(word) < 6 else 2


def slips(one: str, other: str) -> int:
    """How many letters are missing, too many, wrong, or changed places between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, its in enumerate(other, start=1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
    return row[-1]


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, found or not."""

    text: str
    is_found: bool = False


@lru_cache(maxsize=256)
def _pattern(found: tuple[Term, ...]) -> re.Pattern[str]:
    # The longest first: "data" does not hide "data port".
    texts = sorted((term.text for term in found), key=len, reverse=True)
    return re.compile("|".join(re.escape(text) for text in texts) or r"(?!)", re.IGNORECASE)


def occurring(text: str, wanted: Sequence[Term]) -> list[Term]:
    """Those of the `wanted` words that stand in a text."""
    return [term for term in wanted if _pattern((term,)).search(text)]


def pieces(text: str, wanted: Sequence[Term]) -> list[Piece]:
    """A whole text, cut where the `wanted` words stand in it."""
    cut, start = [], 0
    for match in _pattern(tuple(wanted)).finditer(text):
        cut += [Piece(text[start : match.start()]), Piece(match[0], is_found=True)]
        start = match.end()
    return [piece for piece in [*cut, Piece(text[start:])] if piece.text]


def excerpt(text: str, wanted: Sequence[Term], length: int = 160) -> list[Piece]:
    """The part of a text in which the first of the `wanted` words stands, else its beginning."""
    match = _pattern(tuple(wanted)).search(text)
    if len(text) <= length:
        return pieces(text, wanted)
    if match is None:
        return [Piece(f"{text[:length].rpartition(' ')[0] or text[:length]}…")]
    start = max(0, min(match.start() - length // 3, len(text) - length))
    end = min(len(text), max(start + length, match.end()))
    # No word is cut in two where there are spaces; in Chinese there are none.
    if start and (gap := text.find(" ", start, min(start + 20, match.start()))) >= 0:
        start = gap + 1
    if end < len(text) and (gap := text.rfind(" ", max(end - 20, match.end()), end)) >= 0:
        end = gap
    part = f"{'…' if start else ''}{text[start:end].strip()}{'…' if end < len(text) else ''}"
    return pieces(part, wanted)
