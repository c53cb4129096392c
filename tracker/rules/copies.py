"""What a copy of the record is: its members, and the words of past days in it.

A copy is one zip file that holds all of the public record and nothing else. Another site makes the
same record of it, and the same copy.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, TypeAlias

FORMAT = 1
MANIFEST, RECORD = "manifest.json", "record.jsonl"

#: What a row says, by its fields; None from the day on which it was taken away.
Values: TypeAlias = dict[str, Any]
State: TypeAlias = tuple[date, Values | None]

#: The members that hold a document or a frozen file. No other path is ever read.
_OF_EVIDENCE = re.compile(r"evidence/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z0-9]{1,8}")
_OF_A_PERIOD = re.compile(r"periods/[-\w]{1,60}/[\w-][\w.-]{0,199}", re.ASCII)


def is_a_file(name: str) -> bool:
    """Whether `name` is that of a member that is kept as it is, byte for byte."""
    return bool(_OF_EVIDENCE.fullmatch(name) or _OF_A_PERIOD.fullmatch(name))


def by_day(saves: Iterable[State], since: date) -> list[State]:
    """What a row said at the end of each day, from `since` on: only the days that changed it.

    `saves` come in order. What was said before readers could see the row is told to nobody.
    """
    last: dict[date, Values | None] = {}
    for day, values in saves:
        last[max(day, since)] = values
    states: list[State] = []
    for day, values in last.items():
        if values != (states[-1][1] if states else None):
            states.append((day, values))
    return states
