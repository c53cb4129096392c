"""The views and triggers by which the database keeps the record's rules.

Their SQL stands frozen in `tracker/migrations/sql/`, one version after another: each adds to those
before it, and a migration installs each. On SQLite, Django alters a table by making it anew, which
drops the triggers on it and stumbles over the views: a migration that alters a guarded table
removes the guards first and installs them again last. `missing` says whether one of them was lost.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "migrations" / "sql"
VERSION = 5

_TRIGGER = re.compile(r"CREATE (?:CONSTRAINT )?TRIGGER (\w+)[^;]*?\bON (\w+)")
_FUNCTION = re.compile(r"CREATE FUNCTION (\w+)")
_VIEW = re.compile(r"CREATE VIEW (\w+)")


def _statements(vendor: str, version: int, since: int = 1) -> list[str]:
    files = (
        FOLDER / f"guards_{number}.{part}.sql"
        for number in range(since, version + 1)
        for part in ("views", vendor)
    )
    text = "\n--;\n".join(file.read_text("utf-8") for file in files if file.exists())
    return [statement.strip() for statement in text.split("\n--;\n")]


def install(connection, version: int = VERSION, *, since: int = 1) -> None:
    """Makes the views and triggers of the versions from `since` up to `version`.

    They must not be there. A version that only adds guards is installed alone.
    """
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor, version, since):
            cursor.execute(statement)


def remove(connection, version: int = VERSION, *, since: int = 1) -> None:
    """Takes the views and triggers from `since` up to `version` away, as far as they are there."""
    text = "\n".join(_statements(connection.vendor, version, since))
    on_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        for trigger, table in _TRIGGER.findall(text):
            on_table = "" if on_sqlite else f" ON {table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}{on_table}")
        for function in reversed(_FUNCTION.findall(text)):
            cursor.execute(f"DROP FUNCTION IF EXISTS {function}")
        for view in reversed(_VIEW.findall(text)):
            cursor.execute(f"DROP VIEW IF EXISTS {view}")


def missing(connection) -> list[str]:
    """The names of the triggers and views that should be there and are not."""
    text = "\n".join(_statements(connection.vendor, VERSION))
    wanted = {name for name, _table in _TRIGGER.findall(text)} | set(_VIEW.findall(text))
    query = (
        "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' "
        "UNION SELECT viewname FROM pg_views WHERE schemaname = current_schema()"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = {name for (name,) in cursor.fetchall()}
    return sorted(wanted - found)
