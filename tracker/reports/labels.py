"""The labels that files print, as they were: whoever betters one leaves past files as they are.

Codes never change. A label may, and then the former one goes into `FORMER` with the last day on
which it held. `tests/reports/test_labels.py` fails until it does.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.utils import translation

from tracker.vocabulary import Language


@dataclass(frozen=True)
class Former:
    """How something was called in both languages up to the end of the day `until`.

    `name` is the vocabulary and the code, `Status.kept`, or a name of a report's own.
    """

    name: str
    until: date
    en: str
    zh: str


FORMER: tuple[Former, ...] = ()


def label_in(choice: Any, language: Language, known_on: date | None = None) -> str:
    """The label of a controlled word in a language of the record, whatever the reader's; with
    `known_on` the one that it had at the end of that day."""
    return text_in(f"{type(choice).__name__}.{choice.value}", choice.label, language, known_on)


def text_in(name: str, text: Any, language: Language, known_on: date | None = None) -> str:
    """What `name` is called in a language, `text` today; with `known_on` as it then was."""
    if known_on:
        held = [former for former in FORMER if former.name == name and known_on <= former.until]
        if held:
            return getattr(min(held, key=lambda former: former.until), language.suffix)
    return _translated(name, text, language)


@cache
def _translated(_name: str, text: Any, language: Language) -> str:
    # The name is part of what is remembered: texts that look alike in one language are not alike.
    with translation.override(language.value):
        return str(text)
