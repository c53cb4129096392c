"""What a report is: named columns over rows of the record. From it come files and their key."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, TypeAlias

from django.db.models import QuerySet
from django.utils import translation

from tracker.rules.asof import AsOf
from tracker.vocabulary import Language

Value: TypeAlias = str | int | bool | date | None


class Kind(Enum):
    """What a column holds: prose, a code of ours, a whole number, an ISO date, true or false."""

    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Column:
    """One column: its name for ever, what it holds, what that means, and how a row gives it."""

    name: str
    kind: Kind
    description: Any
    value: Callable[[Any], Value]


@dataclass(frozen=True)
class Report:
    """One named table. `rows` gives its rows, in a stable order, for pledges from `seen`."""

    name: str
    title: Any
    description: Any
    columns: tuple[Column, ...]
    rows: Callable[[QuerySet, AsOf], Iterable[Any]]

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def table(self, pledges: QuerySet, asof: AsOf) -> Iterator[list[Value]]:
        """The values of each row, in the order of the columns."""
        for row in self.rows(pledges, asof):
            yield [column.value(row) for column in self.columns]

    def filename(self, asof: AsOf, extension: str) -> str:
        """The file's name: the report, the day asked about, and the day as known on."""
        known = f"-known-{asof.known_on}" if asof.known_on else ""
        return f"{self.name}-{asof.day}{known}.{extension}"


def label_in(label: Any, language: Language) -> str:
    """A label of the vocabulary in a language of the record, whatever the reader's."""
    with translation.override(language.value):
        return str(label)


def code_with_labels(
    name: str, description: Any, choice: Callable[[Any], Any]
) -> tuple[Column, ...]:
    """Three columns for a controlled word: its code, its English and its Chinese label."""

    def label(language: Language) -> Callable[[Any], Value]:
        return lambda row: label_in(choice(row).label, language)

    return (
        Column(name, Kind.CODE, description, lambda row: choice(row).value),
        *(
            Column(f"{name}_{language.suffix}", Kind.TEXT, description, label(language))
            for language in Language
        ),
    )


def in_both_languages(
    name: str, description: Any, row_of: Callable[[Any], Any] = lambda row: row, field: str = ""
) -> tuple[Column, ...]:
    """Two columns for a text that is kept in both languages; a missing one is left empty."""
    return each_language(
        name,
        description,
        lambda row, suffix: getattr(row_of(row), f"{field or name}_{suffix}", ""),
    )


def each_language(
    name: str, description: Any, text: Callable[[Any, str], Value]
) -> tuple[Column, ...]:
    """Two columns, `<name>_en` and `<name>_zh`; `text` gets the row and the suffix."""

    def value(language: Language) -> Callable[[Any], Value]:
        return lambda row: text(row, language.suffix)

    return tuple(
        Column(f"{name}_{language.suffix}", Kind.TEXT, description, value(language))
        for language in Language
    )


def joined(values: Iterable[str]) -> str:
    """Several values in one cell, in the order given."""
    return "; ".join(values)
