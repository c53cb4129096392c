"""Which sentences of a source are accounted for (DESIGN, rule 8)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# A sentence ends at its mark, with any closing quotation mark, before white space or the text's
# end; a Chinese mark needs nothing after it. A line of its own (a heading, a dateline) is a
# sentence too. "Mr." ends nothing.
_END = re.compile(r"(?<!\bMr)(?<!\bMs)(?<!\bDr)[.!?][\"”’)]*(?=\s|$)|[。！？]+[\"”’)）」』]*|\n+|$")


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a text by character offsets: `text[start:end]`."""

    start: int
    end: int

    def touches(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


def sentences(text: str) -> list[Span]:
    """The sentences of `text` in order, without the white space around them."""
    spans, start = [], 0
    for mark in _END.finditer(text):
        end = mark.end()
        piece = text[start:end]
        if piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            spans.append(Span(begin, start + len(piece.rstrip())))
        start = end
    return spans


def unaccounted(text: str, passages: Iterable[Span]) -> list[Span]:
    """The sentences of `text` that none of `passages` touches."""
    passages = list(passages)
    return [
        sentence
        for sentence in sentences(text)
        if not any(sentence.touches(passage) for passage in passages)
    ]
