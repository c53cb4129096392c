"""SQL as somebody at the database's own prompt would write it, and what it left behind."""

from contextlib import contextmanager

import pytest
from django.db import IntegrityError, connection, transaction

from tracker.models import (
    Evidence,
    Head,
    Milestone,
    MilestoneChange,
    Passage,
    Pledge,
    Source,
    Standing,
    Update,
)

GUARDED = [Update, Evidence, MilestoneChange, Milestone, Pledge, Standing, Source, Passage, Head]


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def rows():
    """Every row of every guarded table, column by column."""
    return {
        model: sql(f"SELECT * FROM {model._meta.db_table} ORDER BY {model._meta.pk.column}")
        for model in GUARDED
    }


@contextmanager
def refused(reason):
    """What is tried inside is refused for `reason` and leaves every row as it was."""
    before = rows()
    with pytest.raises(IntegrityError, match=reason), transaction.atomic():
        yield
    assert rows() == before


def columns(model):
    return [field.column for field in model._meta.concrete_fields]


def stored(model, column, value):
    """`value` as the database keeps it in `column`."""
    field = next(f for f in model._meta.concrete_fields if f.column == column)
    if field.is_relation:
        field = field.target_field
    return field.get_db_prep_save(value, connection)


def update(row, verb="UPDATE", **values):
    """`UPDATE table SET column = value, … WHERE id = …`; `verb` may say `UPDATE OR REPLACE`."""
    model = type(row)
    assignments = ", ".join(f'"{column}" = %s' for column in values)
    sql(
        f"{verb} {model._meta.db_table} SET {assignments} WHERE {model._meta.pk.column} = %s",
        *(stored(model, column, value) for column, value in values.items()),
        row.pk,
    )


def delete(row):
    model = type(row)
    sql(f"DELETE FROM {model._meta.db_table} WHERE {model._meta.pk.column} = %s", row.pk)


def insert_like(row, verb="INSERT", **values):
    """Inserts a copy of `row` in which `values` differ; `verb` may say `INSERT OR REPLACE`."""
    model = type(row)
    names = columns(model)
    quoted = ", ".join(f'"{name}"' for name in names)
    taken = ", ".join("%s" if name in values else f'"{name}"' for name in names)
    sql(
        f"{verb} INTO {model._meta.db_table} ({quoted}) "
        f"SELECT {taken} FROM {model._meta.db_table} WHERE {model._meta.pk.column} = %s",
        *(stored(model, name, values[name]) for name in names if name in values),
        row.pk,
    )
