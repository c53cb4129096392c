"""The grams of a text: what an index keeps of it, so that any part of it is found again.

Each character, each pair of neighbours and each word of a text is a gram. One or two characters
stand in a text exactly where that gram does; three or more letters exactly where they are part of a
word. Anything else (a phrase, three Chinese characters) stands only where all of its grams do: they
say where to look.

Latin letters are in small ones, as LIKE takes them for the same. Other letters are as they stand:
whether É is é is for each database to say.
"""

import itertools
import re
import sys
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from operator import itemgetter

from tracker.rules.bits import marked, marks, packed, places

#: Signs of scripts that put no spaces between words: Chinese and Japanese.
_UNSPACED = (
    r"\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
#: A word: letters and digits. U+0345 is no letter, but its capital is one.
WORD = re.compile(rf"(?:[^\W{_UNSPACED}]|\u0345)+")
#: So long may be what is searched for; words twice as long are kept in parts that overlap.
LONGEST = 100
PAIR = 2

#: Keys of pledges are kept in blocks of so many.
BLOCK = 1 << 15
#: So many keys of a block take as much room one by one as all of them take as a set of bits.
_MANY = BLOCK // 16
#: Sets of so few places are put together place by place.
_FEW = 40
_ONE_BY_ONE, _AS_BITS = b"n", b"b"

#: Sets of more keys than this are turned into places all at once, which takes 4 ms for 100,000
#: pledges whatever is in the set, if their blocks hold so many of them each on average.
MANY = 8000
FILLED = 500


def folded(text: str) -> str:
    """A text with the capitals of A to Z made small, and no others."""
    return text.encode(errors="surrogatepass").lower().decode(errors="surrogatepass")


def grams(texts: Iterable[str]) -> set[str]:
    """All grams of `texts`: those of one and two characters, and words of three or more."""
    text = folded("\n".join(texts))
    found = {one for one in set(text) if not one.isspace()}
    found |= {
        one + two
        for one, two in set(itertools.pairwise(text))
        if not one.isspace() and not two.isspace()
    }
    for word in set(WORD.findall(text)):
        if len(word) > PAIR:
            found.update(_parts(word))
    return found


def _parts(word: str) -> Iterator[str]:
    """A word; of a very long one, parts of which one holds whatever is searched for."""
    if len(word) <= 2 * LONGEST:
        yield word
        return
    for start in range(0, len(word), LONGEST):
        if len(part := word[start : start + 2 * LONGEST]) > PAIR:
            yield part


def is_gram(term: str) -> bool:
    """Whether a term is found by one gram of its own."""
    return len(term) <= PAIR


def is_part_of_words(term: str) -> bool:
    """Whether a term of three or more letters stands within words only."""
    return WORD.fullmatch(term) is not None


def pairs(term: str) -> list[str]:
    """The pairs of neighbours in a term, but for those within its words."""
    within = {
        place
        for word in WORD.finditer(term)
        if len(word[0]) > PAIR
        for place in range(word.start(), word.end() - 1)
    }
    found = (term[place : place + PAIR] for place in range(len(term) - 1) if place not in within)
    return list(dict.fromkeys(pair for pair in found if not any(map(str.isspace, pair))))


def words(term: str) -> list[tuple[str, bool, bool]]:
    """The longer words of a term, each with whether it is known to begin and to end there."""
    return [
        (word[0], word.start() > 0, word.end() < len(term))
        for word in WORD.finditer(term)
        if len(word[0]) > PAIR
    ]


def spellings(gram: str) -> list[str]:
    """A gram of one or two characters in all spellings that a database may take for the same."""
    found = [""]
    for character in folded(gram):
        found = [begun + one for begun in found for one in sorted(_alike(character))]
    return sorted({folded(one) for one in found})


def _alike(character: str) -> set[str]:
    if character.upper() == character.lower():
        return {character}  # What is no letter with a case is no other's capital either.
    return {character, *_cases().get(character.upper(), ()), *_cases().get(character.lower(), ())}


@cache
def _cases() -> dict[str, set[str]]:
    """The characters that have the same capital, and those that have the same small letter."""
    found: dict[str, set[str]] = defaultdict(set)
    for code in range(min(0x1F000, sys.maxunicode)):
        one = chr(code)
        upper, lower = one.upper(), one.lower()
        if upper != one or lower != one:
            found[upper].add(one)
            found[lower].add(one)
    return found


def in_block(own: Collection[int]) -> int:
    """The set of some places in a block."""
    if len(own) > _FEW:
        return packed(own, BLOCK)
    bits = 0
    for place in own:
        bits |= 1 << place
    return bits


def encoded(bits: int) -> bytes:
    """A set of places in a block, as it is stored."""
    if bits.bit_count() < _MANY:
        own = array("H", places(bits))
        if sys.byteorder == "big":
            own.byteswap()
        return _ONE_BY_ONE + own.tobytes()
    return _AS_BITS + bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def one_by_one(stored: bytes) -> array:
    own = array("H")
    own.frombytes(stored[1:])
    if sys.byteorder == "big":
        own.byteswap()
    return own


def decoded(stored: Iterable[bytes]) -> int:
    """The places in any of several stored sets of one block."""
    bits = 0
    few = array("H")
    for each in stored:
        if each[:1] == _AS_BITS:
            bits |= int.from_bytes(each[1:], "little")
        else:
            few += one_by_one(each)
    return bits | in_block(few)


class Keys:
    """A set of keys of pledges: for each block, one whole number with a bit a key."""

    def __init__(self, blocks: dict[int, int] | None = None) -> None:
        self.blocks = {block: bits for block, bits in (blocks or {}).items() if bits}

    @classmethod
    def of(cls, keys: Iterable[int]) -> "Keys":
        by_block: dict[int, list[int]] = defaultdict(list)
        for key in keys:
            by_block[key // BLOCK].append(key % BLOCK)
        return cls({block: in_block(own) for block, own in by_block.items()})

    def __and__(self, other: "Keys") -> "Keys":
        return Keys(
            {block: bits & other.blocks.get(block, 0) for block, bits in self.blocks.items()}
        )

    def __or__(self, other: "Keys") -> "Keys":
        blocks = self.blocks.keys() | other.blocks.keys()
        return Keys({b: self.blocks.get(b, 0) | other.blocks.get(b, 0) for b in blocks})

    def __sub__(self, other: "Keys") -> "Keys":
        return Keys(
            {block: bits & ~other.blocks.get(block, 0) for block, bits in self.blocks.items()}
        )

    def marks(self, blocks: Iterable[int]) -> bytes:
        """A `1` for each key in the set and a `0` for each other, of some blocks one by one."""
        return b"".join(marks(self.blocks.get(block, 0), BLOCK) for block in blocks)

    def __len__(self) -> int:
        return sum(bits.bit_count() for bits in self.blocks.values())

    def __iter__(self) -> Iterator[int]:
        for block in sorted(self.blocks):
            base = block * BLOCK
            for place in places(self.blocks[block]):
                yield base + place


class Places:
    """Turns keys of pledges into places: the place of each key is where it stands in `keys`."""

    def __init__(self, keys: Sequence[int], many: int = MANY) -> None:
        self.place_of = {key: place for place, key in enumerate(keys)}
        self.many = many
        self._pick: itemgetter | None = None
        self._blocks = sorted({key // BLOCK for key in keys})
        # Each block is gone through whole: there must not be many with hardly a key.
        if many < len(keys) and len(self._blocks) <= max(8, len(keys) // FILLED):
            ahead = {block: (n - block) * BLOCK for n, block in enumerate(self._blocks)}
            self._pick = itemgetter(*(key + ahead[key // BLOCK] for key in keys))

    def of(self, keys: Keys) -> int:
        """The set of the places of some keys. Keys without a place are left out."""
        if self._pick and len(keys) > self.many:
            return marked(bytes(self._pick(keys.marks(self._blocks))))
        own = map(self.place_of.get, keys)
        return packed((place for place in own if place is not None), len(self.place_of))
