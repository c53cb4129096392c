"""What a report is: named columns over rows of the record. From it come files and their key."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import islice
from typing import Any, TypeAlias

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet, TextChoices
from django.utils.functional import lazy
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from tracker.models import Pledge
from tracker.queries.words import Words
from tracker.reports.labels import label_in
from tracker.rules.asked import NOTHING, Options
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of
from tracker.vocabulary import Language

Value: TypeAlias = str | int | bool | Decimal | date | None

#: Rows are fetched this many at a time.
CHUNK = 1000
#: A file's name says no more of its filters than this.
MAX_SCOPE = 80

PERCENT = _("percent")
DAYS = _("days")
PLEDGES = _("pledges")
MILESTONES = _("milestones")
ENTRIES = _("entries")
DOCUMENTS = _("documents")


class Kind(Enum):
    """What a column holds: prose, a code of ours, a number, an ISO date, true or false."""

    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Column:
    """One column: its name for ever, what it holds, its heading, what it means, how a row gives it.

    `value` is the path of a field or of an annotation, written as querysets write it
    (`pledge__code`), or a function of the row. By a path the database can give it too: a report
    that has nothing but paths is read without making an object of each row, and as CSV it is
    written by the database itself.

    `unit` is what a number counts or is measured in; none where it is a place in an order. What
    is not public stands in no public report. Where `label_in` names a language, `value` gives a
    controlled word (by a path, the code of one of `words`) or none, and the column holds its label.
    """

    name: str
    kind: Kind
    label: Any
    description: Any
    value: str | Callable[[Any], Any]
    unit: Any = ""
    is_public: bool = True
    label_in: Language | None = None
    words: type[TextChoices] | None = None

    def reader(self, known_on: date | None) -> Callable[[Any], Value]:
        """What gives the column's value of a row, in the words of the day `known_on`."""
        value = self.value
        if isinstance(value, str):
            names, told = value.split("__"), self.teller(known_on)
            return lambda row: told(_along(row, names))
        language = self.label_in
        if language is None:
            return value

        def label(row: Any) -> str:
            word = value(row)
            return label_in(word, language, known_on) if word else ""

        return label

    def teller(self, known_on: date | None = None) -> Callable[[Any], Value]:
        """What makes the column's value of what the row holds at the end of its path."""
        if self.label_in is None:
            return _TOLD[self.kind]
        labels = self.labels(known_on)
        return lambda code: labels[code] if code else ""

    def labels(self, known_on: date | None = None) -> dict[str, str]:
        """The label of each code that the column may find at the end of its path."""
        if self.label_in is None or self.words is None:
            return {}
        return {word.value: label_in(word, self.label_in, known_on) for word in self.words}


def _along(row: Any, names: list[str]) -> Any:
    """What is at the end of a path; None where it breaks off."""
    for name in names:
        if row is None:
            return None
        row = getattr(row, name)
    return row


def _text(held: Any) -> str:
    return "" if held is None else str(held)


def _day(held: date | datetime | None) -> date | None:
    """A moment counts as the record's day on which it falls."""
    return day_of(held) if isinstance(held, datetime) else held


def _number(held: Decimal | None) -> Decimal | None:
    return None if held is None else plain(held)


def _same(held: Any) -> Any:
    return held


#: What stands in a column of each kind, made of what the record holds. `cells.Cell` says the same
#: to the database.
_TOLD: dict[Kind, Callable[[Any], Value]] = {
    Kind.TEXT: _text,
    Kind.CODE: _text,
    Kind.INTEGER: _same,
    Kind.DECIMAL: _number,
    Kind.DATE: _day,
    Kind.BOOLEAN: _same,
}


def _as_they_are(rows: Iterator[Any], _words: Words) -> Iterator[Any]:
    return rows


def _as_it_is(_asof: AsOf, _words: Words) -> Callable[[Any], Any]:
    return lambda row: row


@dataclass(frozen=True)
class Report:
    """One named table.

    `rows` gives its rows, in a stable order, for pledges from `seen`: a queryset, which is read
    piece by piece, or whatever yields them one by one. `all_rows` gives the same rows for all
    pledges that a reader sees, as the database reads them quickest where it reads every one. Where
    `known_on` is given, `reworded`
    gives them the words of that day, and `reorders` says whether that may change their order.
    `finish` makes, for a day, what readies each of them. `parameters` are those of its own, beside
    the list's filters and the days.

    A row is told from the others by the columns in `key`. What stands in a column of `refers` is,
    unless empty, a value of the report and the column named there.
    """

    name: str
    title: Any
    description: Any
    columns: tuple[Column, ...]
    rows: Callable[[QuerySet, AsOf, Options], QuerySet | Iterable[Any]]
    all_rows: Callable[[AsOf], QuerySet] | None = None
    reworded: Callable[[Iterator[Any], Words], Iterator[Any]] = _as_they_are
    reorders: bool = False
    finish: Callable[[AsOf, Words], Callable[[Any], Any]] = _as_it_is
    parameters: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)
    is_public: bool = True

    def __post_init__(self) -> None:
        hidden = [column.name for column in self.columns if not column.is_public]
        if self.is_public and hidden:
            raise ValueError(f"{self.name} is public and cannot hold {', '.join(hidden)}.")

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def takes_period(self) -> bool:
        """Whether it is about a period: the parameters `from` and `to`."""
        return "from" in self.parameters

    def table(
        self,
        pledges: QuerySet,
        asof: AsOf,
        options: Options = NOTHING,
        limit: int | None = None,
        *,
        start: int = 0,
    ) -> Iterator[list[Value]]:
        """The values of each row, in the order of the columns; of `limit` rows from `start` on."""
        stop = None if limit is None else start + limit
        held = self.held(pledges, asof, options)
        if held is not None:
            yield from self._told(held, start, stop)
            return
        rows = self.rows(pledges, asof, options)
        # The words of a day may give rows another order: which are the first is known after that.
        is_cut_late = bool(asof.known_on) and self.reorders
        if isinstance(rows, QuerySet):
            some = (rows if is_cut_late else rows[start:stop]).iterator(chunk_size=CHUNK)
        else:
            some = iter(rows) if is_cut_late else islice(rows, start, stop)
        words = Words(asof.known_on)
        if asof.known_on:
            some = self.reworded(some, words)
        finish = self.finish(asof, words)
        readers = [column.reader(asof.known_on) for column in self.columns]
        for row in islice(some, start, stop) if is_cut_late else some:
            ready = finish(row)
            yield [read(ready) for read in readers]

    def held(
        self,
        pledges: QuerySet,
        asof: AsOf,
        options: Options = NOTHING,
        *,
        is_read_whole: bool = False,
    ) -> QuerySet | None:
        """Its rows where the database holds all that stands in them; else None.

        The words of a past day are looked up row by row: then it does not.
        """
        if asof.known_on or not all(isinstance(column.value, str) for column in self.columns):
            return None
        if is_read_whole and self.all_rows and _are_all(pledges, asof):
            return self.all_rows(asof)
        rows = self.rows(pledges, asof, options)
        return rows if isinstance(rows, QuerySet) else None

    def _told(self, rows: QuerySet, start: int, stop: int | None) -> Iterator[list[Value]]:
        """The values of each row, without an object of each."""
        paths = list(dict.fromkeys(str(column.value) for column in self.columns))
        tellers = [(column.teller(), paths.index(str(column.value))) for column in self.columns]
        for row in rows.values_list(*paths)[start:stop].iterator(chunk_size=CHUNK):
            yield [tell(row[place]) for tell, place in tellers]

    def count(self, pledges: QuerySet, asof: AsOf, options: Options = NOTHING) -> int:
        """How many rows it has."""
        rows = self.rows(pledges, asof, options)
        return rows.count() if isinstance(rows, QuerySet) else sum(1 for _row in rows)

    def asked(self, asof: AsOf, options: Options = NOTHING) -> dict[str, str | list[str]]:
        """What the file answers, by parameter: with these days given it can be made again."""
        days = {"as_of": asof.day, "known_on": asof.known_on}
        if self.takes_period:
            days |= {"from": options.start, "to": options.end}
        said: dict[str, str | list[str]] = {
            name: day.isoformat() for name, day in days.items() if day
        }
        if "by" in self.parameters:
            said["by"] = options.by
        for name in dict.fromkeys(name for name, _value in options.given):
            values = [value for given, value in options.given if given == name]
            said[name] = values if len(values) > 1 else values[0]
        return said | ({"sort": options.sort} if options.sort else {})

    def filename(self, asof: AsOf, extension: str, options: Options = NOTHING) -> str:
        """The file's name: the report, what of it, the day asked about, the day as known on."""
        parts = [self.name, self._scope(options)]
        if self.takes_period and options.start:
            parts.append(f"from-{options.start}")
        parts.append(str(asof.day))
        if asof.known_on:
            parts.append(f"known-{asof.known_on}")
        return f"{'-'.join(filter(None, parts))}.{extension}"

    def _scope(self, options: Options) -> str:
        """The filters in letters, digits and hyphens: `pillar-2-kept`."""
        said = [f"by-{options.by}"] if "by" in self.parameters and options.by != NOTHING.by else []
        for name, value in options.given:
            # A code, a slug or a word speaks for itself; a number or a day needs its name.
            plain = slugify(value) or "search"
            said.append(
                f"{slugify(name.replace('_', '-'))}-{plain}" if value[0].isdigit() else plain
            )
        return "-".join(said).replace("_", "-")[:MAX_SCOPE].strip("-")


def _are_all(pledges: QuerySet, asof: AsOf) -> bool:
    """Whether nothing narrows down the pledges that a reader sees: it is the same question."""
    try:
        return str(pledges.order_by().query) == str(Pledge.objects.seen(asof).order_by().query)
    except EmptyResultSet:  # None can fit, and there is nothing to ask.
        return False


_IN_LANGUAGE = {Language.EN: _("%(label)s (English)"), Language.ZH_HANS: _("%(label)s (Chinese)")}


def _in_language(label: Any, language: Language) -> Any:
    """The heading of a column that holds the text in one of the languages."""
    return lazy(lambda: str(_IN_LANGUAGE[language]) % {"label": label}, str)()


def code_with_labels(
    name: str,
    label: Any,
    description: Any,
    choice: str | Callable[[Any], Any],
    words: type[TextChoices] | None = None,
    **kwargs: Any,
) -> tuple[Column, ...]:
    """Three columns for a controlled word: its code, its English and its Chinese label.

    All are empty where `choice` gives none. It is a function that gives a word, or the path of a
    code of `words`.
    """

    def code(row: Any) -> Value:
        chosen = choice(row)  # type: ignore[operator]
        return chosen.value if chosen else ""

    return (
        Column(
            name,
            Kind.CODE,
            label,
            description,
            choice if isinstance(choice, str) else code,
            **kwargs,
        ),
        *(
            Column(
                f"{name}_{language.suffix}",
                Kind.TEXT,
                _in_language(label, language),
                description,
                choice,
                label_in=language,
                words=words,
                **kwargs,
            )
            for language in Language
        ),
    )


def in_both_languages(
    name: str,
    label: Any,
    description: Any,
    path: str = "",
    **kwargs: Any,
) -> tuple[Column, ...]:
    """Two columns for a text that is kept in both languages; a missing one is left empty.

    `path` leads to it without the suffix of the language; else it is the column's name.
    """
    return _in_each_language(
        name, label, description, lambda suffix: f"{path or name}_{suffix}", **kwargs
    )


def each_language(
    name: str, label: Any, description: Any, text: Callable[[Any, str], Value], **kwargs: Any
) -> tuple[Column, ...]:
    """Two columns, `<name>_en` and `<name>_zh`; `text` gets the row and the suffix."""

    def value(suffix: str) -> Callable[[Any], Value]:
        return lambda row: text(row, suffix)

    return _in_each_language(name, label, description, value, **kwargs)


def _in_each_language(
    name: str, label: Any, description: Any, value: Callable[[str], Any], **kwargs: Any
) -> tuple[Column, ...]:
    return tuple(
        Column(
            f"{name}_{language.suffix}",
            Kind.TEXT,
            _in_language(label, language),
            description,
            value(language.suffix),
            **kwargs,
        )
        for language in Language
    )


def pledge_columns(path: str, **kwargs: Any) -> tuple[Column, ...]:
    """The columns by which a row that is no pledge names its pledge: the code and the title.

    `path` leads from the row to the pledge.
    """
    return (
        Column(
            "pledge",
            Kind.CODE,
            _("Pledge"),
            _("The pledge's public code."),
            f"{path}__code",
            **kwargs,
        ),
        *in_both_languages(
            "pledge_title",
            _("Title of the pledge"),
            _("The pledge's title."),
            f"{path}__title",
            **kwargs,
        ),
    )


def joined(values: Iterable[str]) -> str:
    """Several values in one cell, in the order given."""
    return "; ".join(values)


def plain(number: Decimal) -> Decimal:
    """A decimal number without zeros at its end, never written with an exponent."""
    return Decimal(f"{number.normalize():f}")
