"""The chain by which the record shows tampering.

Each entry carries a digest of the digest before it and of its own content: whoever changes one,
takes one out or puts one in has to change every later digest and the end of the record, which is
published beside each report. `docs/verifying.md` states the canonical form for others to compute.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

#: What JSON can say: texts, whole numbers, null, and lists and mappings of them.
Content: TypeAlias = Mapping[str, Any]

#: The digest before the first entry.
START = "0" * 64


@dataclass(frozen=True)
class Link:
    """One entry as the chain sees it: its content, which holds its `number`, and its digest."""

    content: Content
    digest: str


@dataclass(frozen=True)
class End:
    """The end of the record: the number of the last entry and its digest."""

    number: int = 0
    digest: str = START

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"


@dataclass(frozen=True)
class Fault:
    """Where the chain breaks first. `number` is the place that the chain wants there."""

    number: int
    reason: str


def canonical(content: Content) -> bytes:
    """The one way to write `content`: JSON in UTF-8, keys in order, no white space."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def digest(before: str, content: Content) -> str:
    """The digest (SHA-256, in hexadecimal) of an entry that follows the digest `before`."""
    return sha256(before.encode() + b"\n" + canonical(content)).hexdigest()


def first_fault(links: Iterable[Link], end: End) -> Fault | None:
    """The first entry that is not what the chain says; None where it holds to its `end`."""
    reached = End()
    for link in links:
        number = reached.number + 1
        if link.content["number"] != number:
            return Fault(number, f"entry {link.content['number']} stands in its place")
        if link.digest != digest(reached.digest, link.content):
            return Fault(number, "its content, or the entry before it, is not what was published")
        reached = End(number, link.digest)
    if reached.number != end.number:
        return Fault(reached.number + 1, f"the record is to end with entry {end.number}")
    if reached != end:
        return Fault(reached.number, "the end of the record has another digest")
    return None
