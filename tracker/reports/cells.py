"""What stands in the cells of a CSV file, made by the database: `csv.cell` in its language, but
that texts are guarded in front only. `csv.parted` does the rest."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    Field,
    Func,
    IntegerField,
    SlugField,
    TextField,
    UUIDField,
)

from tracker.models.days import ShanghaiDay
from tracker.reports import csv
from tracker.rules.cells import HARMLESS, guarded_in_front, pattern

#: The function that SQLite calls for the few texts whose first character does not tell that they
#: are harmless. `copying` gives it to the connection: it is `csv.quoted` itself.
IN_PYTHON = "tracker_cell"


class Cell(Func):
    """A value of the database as it stands in the file.

    What kind of field it comes from says how: a text is guarded against spreadsheets, a moment is
    the record's day on which it falls. PostgreSQL's COPY puts it in quotes where it needs them;
    SQLite has nothing like it, and so its cells come with their quotes.
    """

    arity = 1
    output_field = TextField()

    def as_postgresql(self, compiler, connection, **extra):
        return self._filled(compiler, _postgresql())

    def as_sqlite(self, compiler, connection, **extra):
        return self._filled(compiler, _SQLITE)

    def _filled(self, compiler, templates: dict[type[Field], str]) -> tuple[str, tuple[Any, ...]]:
        [source] = self.get_source_expressions()
        field = source.output_field
        if isinstance(field, DateTimeField):
            return compiler.compile(ShanghaiDay(source))
        template = templates[_kind(field)]
        if isinstance(field, DecimalField):
            template = template.replace("{places}", str(field.decimal_places))
        sql, params = compiler.compile(source)
        return template.replace("{}", sql), tuple(params) * template.count("{}")


class Label(Func):
    """The label of a controlled word, given with its code: `Column.labels`."""

    arity = 1
    output_field = TextField()

    def __init__(self, path: str, labels: dict[str, str]) -> None:
        super().__init__(path)
        self.labels = labels

    def as_postgresql(self, compiler, connection, **extra):
        return self._cases(compiler, guarded_in_front)

    def as_sqlite(self, compiler, connection, **extra):
        return self._cases(compiler, csv.quoted)

    def _cases(self, compiler, written: Callable[[str], str]) -> tuple[str, tuple[Any, ...]]:
        [source] = self.get_source_expressions()
        sql, params = compiler.compile(source)
        cases = "WHEN %s THEN %s " * len(self.labels)
        pairs = [part for code, label in self.labels.items() for part in (code, written(label))]
        return f"CASE {sql} {cases}END", (*params, *pairs)


def _kind(field: Field) -> type[Field]:
    """For what kind of field there is a template. A controlled word, which the database keeps to
    its list, needs no guard, no more than an identifier."""
    if field.choices:
        return SlugField
    return next(
        kind
        for kind in (UUIDField, DateField, BooleanField, DecimalField, IntegerField, Field)
        if isinstance(field, kind)
    )


def _harmless(text: str) -> str:
    return " OR ".join(f"{text} BETWEEN '{first}' AND '{last}'" for first, last in HARMLESS)


# What must stand in quotes. For one character between two stars SQLite looks with `strcspn`, in
# less than half the time of `instr`.
_QUOTED = " OR ".join(
    f"{{}} GLOB '*' || {sign} || '*'" for sign in ("','", "'\"'", "char(10)", "char(13)")
)

# How the values of a kind of field are written; {} stands for the value.

_SQLITE: dict[type[Field], str] = {
    UUIDField: (
        "format('%%.8s-%%.4s-%%.4s-%%.4s-%%s', {}, "
        "substr({}, 9), substr({}, 13), substr({}, 17), substr({}, 21))"
    ),
    DateField: "{}",
    BooleanField: "CASE {} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END",
    # Of fifteen digits, as Django reads it.
    DecimalField: (
        "CASE WHEN {} IS NOT NULL THEN rtrim(rtrim("
        "printf('%%.{places}f', CAST(printf('%%.15g', {}) AS REAL)), '0'), '.') END"
    ),
    IntegerField: "{}",
    SlugField: "{}",
    Field: (
        f"CASE WHEN {_harmless('{}')} THEN "
        f"CASE WHEN {_QUOTED} "
        "THEN '\"' || replace({}, '\"', '\"\"') || '\"' ELSE {} END "
        f"WHEN {{}} <> '' THEN {IN_PYTHON}({{}}) END"
    ),
}


@cache
def _postgresql() -> dict[type[Field], str]:
    """Values as COPY takes them. An empty text is nothing there, else it would stand in quotes."""
    harmless = _harmless('{} COLLATE "C"')
    return {
        UUIDField: "{}",
        DateField: "{}",
        BooleanField: "{}::text",
        DecimalField: "trim_scale({})",
        IntegerField: "{}",
        SlugField: "NULLIF({}, '')",
        Field: (
            f"CASE WHEN {harmless} THEN {{}} WHEN {{}} = '' THEN NULL "
            f"WHEN {{}} ~ '{pattern()}' THEN '''' || {{}} ELSE {{}} END"
        ),
    }
