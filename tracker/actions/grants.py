"""Gives the public site's role what `models.public` says, and takes everything else from it."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Field

from tracker.models.public import ALL, ROLE, SHOWN, Shown
from tracker.queries.grants import RULE, comment, differences, exists, remark, rules


class NoSuchRole(Exception):
    """The server does not know the role."""


def grant(connection: Any) -> list[str]:
    """Makes the role's views, rules and grants what they should be. Returns what was not so before.

    Where all is as it should be, nothing is touched. Raises NoSuchRole.
    """
    if not exists(connection):
        raise NoSuchRole(ROLE)
    found = list(differences(connection))
    if found:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            (base,) = cursor.execute("SELECT current_schema()").fetchone()
            # Who reads waits for us no longer than this, and a second one of us fails.
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            for statement in (
                *_away(connection, base),
                *_made(connection, base),
                *_given(base),
            ):
                cursor.execute(statement)
            # Noted, so that the next one of us knows whether anything was changed since.
            cursor.execute(f"COMMENT ON SCHEMA {ROLE} IS '{remark(connection)}'")
    return found


def take_away(connection: Any) -> None:
    """Takes the views and rules away: what stands on a table's columns is in the way of a migration
    that drops one or alters its type. Nothing happens where there are none."""
    if connection.vendor == "postgresql" and comment(connection) is not None:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            (base,) = cursor.execute("SELECT current_schema()").fetchone()
            for statement in _away(connection, base):
                cursor.execute(statement)


def _away(connection: Any, base: str) -> Iterator[str]:
    yield f"DROP SCHEMA IF EXISTS {ROLE} CASCADE"
    for table, rule in rules(connection):
        # Row security stays on: without a rule nobody but the owner sees a row.
        yield f'DROP POLICY "{rule}" ON {base}.{table}'


def _made(connection: Any, base: str) -> Iterator[str]:
    yield f"CREATE SCHEMA {ROLE}"
    for shown in SHOWN:
        if not shown.is_apart:
            yield f"ALTER TABLE {base}.{shown.table} ENABLE ROW LEVEL SECURITY"
            yield f"CREATE POLICY {RULE} ON {base}.{shown.table} FOR SELECT USING ({shown.rows})"
        yield _view(connection, base, shown)


def _view(connection: Any, base: str, shown: Shown) -> str:
    """A view named like its table, with all of its columns: those that are not public are NULL."""
    leading = dict(shown.leading())

    def said(field: Field, is_public: bool) -> str:
        if field in leading:
            return f'"{field.name}".id AS "{field.column}"'
        if is_public:
            return f'{shown.table}."{field.column}"'
        return f'NULL::{field.db_type(connection)} AS "{field.column}"'

    columns = ", ".join(said(*each) for each in shown.fields())
    # With the reader's own eyes where the table itself holds the rule: then the database plans a
    # question as if it were put to the table. Else no row is looked at before the rule is.
    how = "security_barrier" if shown.is_apart else "security_invoker"
    rows = _from(base, shown)
    for field, there in leading.items():
        # Joined and not asked row by row: whoever looks for the parts of a whole has the index on
        # them, and who does not look at the column pays nothing for it.
        public = f"(SELECT id {_from(base, there)} WHERE {there.rows})"
        column = f'{shown.table}."{field.column}"'
        rows += f' LEFT JOIN {public} "{field.name}" ON "{field.name}".id = {column}'
    if shown.is_apart and shown.rows != ALL:
        rows += f" WHERE {shown.rows}"
    return f"CREATE VIEW {ROLE}.{shown.table} WITH ({how} = true) AS SELECT {columns} {rows}"


def _from(base: str, shown: Shown) -> str:
    return f"FROM {base}.{shown.table}"


def _given(base: str) -> Iterator[str]:
    both = f"{ROLE}, PUBLIC"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {base} FROM {both}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {base} FROM {both}"
    yield f"ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM {both}"
    yield f"ALTER DEFAULT PRIVILEGES IN SCHEMA {base} REVOKE ALL ON TABLES FROM {both}"
    yield f"REVOKE ALL ON SCHEMA {base} FROM {both}"
    # Whoever can make tables of their own can make functions, and see what these are shown.
    yield (
        "DO $$ BEGIN EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM "
        f"{both}', current_database()); END $$"
    )
    yield f"GRANT USAGE ON SCHEMA {ROLE} TO {ROLE}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {ROLE} TO {ROLE}"
    for shown in SHOWN:
        if not shown.is_apart:
            public = ", ".join(f'"{f.column}"' for f, is_public in shown.fields() if is_public)
            yield f"GRANT SELECT ({public}) ON {base}.{shown.table} TO {ROLE}"
