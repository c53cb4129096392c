"""Builds the bench's record in a database: N pledges with ten published updates each.

    python -m bench.data --pledges 1000 --database sqlite:////tmp/bench.sqlite3

The database is migrated, filled in bulk with the guards off, and guarded again before the
standings are written, so that the database itself refuses a standing that the record does not say.
"""

import argparse
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "bench"
BATCH = 20_000
#: Tables whose rows have a history that begins with them, as migration 0005 has it.
WITH_HISTORY = (
    *("programme", "pillar", "sector", "body", "source"),
    *("pledge", "responsibility", "milestone"),
)
SEED = 20220820


def environment(url: str) -> dict[str, str]:
    """What the site and its commands are told, to work on the database at `url`."""
    folder = VAR / "site"
    folder.mkdir(parents=True, exist_ok=True)
    return os.environ | {
        "DATABASE_URL": url,
        "VAR_DIR": str(folder),
        "SECRET_KEY": "a key for the bench only",
        "HTTPS_ONLY": "0",
        "REQUIRE_2FA": "0",
        "EMAIL_URL": "dummymail://",
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "lingang.settings",
    }


def schema() -> str:
    """Names the schema and the builder: a database of another one is built anew."""
    files = [
        *sorted((ROOT / "tracker" / "migrations").rglob("*.*")),
        *(ROOT / "bench" / f"{name}.py" for name in ("words", "rows", "data")),
        ROOT / "tracker" / "queries" / "chain.py",
    ]
    content = b"".join(file.read_bytes() for file in files if file.suffix in {".py", ".sql"})
    return sha256(content).hexdigest()[:10]


def name(pledges: int, seed: int = SEED) -> str:
    return f"bench_{pledges}_{seed}_{schema()}"


def sqlite(pledges: int, seed: int = SEED) -> str:
    """The address of the SQLite database with so many pledges, built if it is not there yet."""
    VAR.mkdir(parents=True, exist_ok=True)
    file = VAR / f"{name(pledges, seed)}.sqlite3"
    if not file.exists():
        for other in VAR.glob(f"bench_{pledges}_{seed}_*"):
            other.unlink()  # Of a schema that is no more: it would be a gigabyte each time.
        part = file.with_suffix(".part")
        for left in (part, Path(f"{part}-wal"), Path(f"{part}-shm")):
            left.unlink(missing_ok=True)
        run(pledges, f"sqlite:///{part}", seed)
        part.rename(file)
    return f"sqlite:///{file}"


def run(pledges: int, url: str, seed: int = SEED) -> None:
    """Builds in a process of its own: Django is set up once in each."""
    command = [sys.executable, "-m", "bench.data", "--pledges", str(pledges), "--database", url]
    subprocess.run([*command, "--seed", str(seed)], cwd=ROOT, env=environment(url), check=True)


def build(pledges: int, seed: int = SEED) -> None:
    """Fills the database that the settings name. It must have no record yet."""
    from django.core.management import call_command
    from django.db import connection

    from bench.rows import Rows
    from tracker.models import Update, guards

    call_command("migrate", verbosity=0)
    if Update.objects.exists():
        sys.exit("There is a record in this database already.")
    rows = Rows(pledges, seed)
    guards.remove(connection)
    load = _Postgres(connection) if connection.vendor == "postgresql" else _Sqlite(connection)
    for part in (rows.frame(), rows.pledges(), rows.updates()):
        for table, columns, values in _batches(part):
            load.insert(table, columns, values)
    load.finish()
    _begin_history(connection)
    _analyze(connection)
    guards.install(connection)
    _write_standings(connection)
    # With the guards off nothing was touched: the index is told to read all.
    call_command("index_search", anew=True)
    _analyze(connection)


def _batches(rows: Iterable[tuple[str, dict]]) -> Iterator[tuple[str, tuple, list[tuple]]]:
    waiting: dict[str, list[tuple]] = defaultdict(list)
    columns: dict[str, tuple] = {}
    for table, row in rows:
        columns.setdefault(table, tuple(row))
        waiting[table].append(tuple(row.values()))
        if len(waiting[table]) >= BATCH:
            yield table, columns[table], waiting.pop(table)
    for table, values in waiting.items():
        yield table, columns[table], values


class _Sqlite:
    """Takes rows into SQLite, with nothing kept safe until it is done."""

    def __init__(self, connection) -> None:
        self.connection = connection
        with connection.cursor() as cursor:
            for setting in ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -400000"):
                cursor.execute(f"PRAGMA {setting}")
        connection.connection.execute("BEGIN")

    def insert(self, table: str, columns: tuple[str, ...], values: list[tuple]) -> None:
        # Django keeps a UUID without its dashes here.
        if "uid" in columns:
            at = columns.index("uid")
            values = [(*row[:at], row[at].replace("-", ""), *row[at + 1 :]) for row in values]
        marks = ", ".join("?" * len(columns))
        self.connection.connection.executemany(
            f"INSERT INTO {table} ({_quoted(columns)}) VALUES ({marks})",
            values,
        )

    def finish(self) -> None:
        self.connection.connection.execute("COMMIT")
        with self.connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("PRAGMA synchronous = FULL")
            assert not cursor.execute("PRAGMA foreign_key_check").fetchall(), "a row refers to none"


class _Postgres:
    """Takes rows into PostgreSQL by COPY. Foreign keys are looked at by whoever reads."""

    def __init__(self, connection) -> None:
        self.connection = connection
        with connection.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'UTC'")
            cursor.execute("SET session_replication_role = replica")

    def insert(self, table: str, columns: tuple[str, ...], values: list[tuple]) -> None:
        with (
            self.connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({_quoted(columns)}) FROM STDIN") as copy,
        ):
            for row in values:
                copy.write_row(row)

    def finish(self) -> None:
        """The next row that anybody adds gets a number of its own."""
        with self.connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = DEFAULT")
            for table, column in _serials(cursor):
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence(%s, %s), max({column})) "
                    f"FROM {table} HAVING max({column}) IS NOT NULL",
                    [table, column],
                )


def _serials(cursor) -> list[tuple[str, str]]:
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name LIKE 'tracker%%' AND is_identity = 'YES'"
    )
    return cursor.fetchall()


def _quoted(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _begin_history(connection) -> None:
    """Each row was saved once, before anything of the record was known."""
    from django.apps import apps

    with connection.cursor() as cursor:
        for noun in WITH_HISTORY:
            model: Any = apps.get_model("tracker", noun)
            columns = _quoted(field.column for field in model._meta.concrete_fields)
            cursor.execute(
                f"INSERT INTO tracker_historical{noun} "
                f"({columns}, history_date, history_type) "
                f"SELECT {columns}, '2000-01-01 00:00:00', '+' "
                f"FROM {model._meta.db_table} ORDER BY id"
            )
        cursor.execute(
            "INSERT INTO tracker_historicalpledge_sectors (id, pledge_id, sector_id, history_id) "
            "SELECT s.id, s.pledge_id, s.sector_id, h.history_id FROM tracker_pledge_sectors s "
            "JOIN tracker_historicalpledge h ON h.id = s.pledge_id ORDER BY s.id"
        )


def _write_standings(connection) -> None:
    """By the database's own definition; its guard compares each with the record once more."""
    from tracker.models import Standing

    columns = _quoted(field.column for field in Standing._meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO tracker_standing ({columns}) "
            f"SELECT {columns} FROM tracker_standing_now ORDER BY pledge_id"
        )


def _analyze(connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@cache
def set_up() -> None:
    import django

    django.setup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--pledges", type=int, required=True, help="how many are public")
    parser.add_argument("--database", required=True, help="its address, as in DATABASE_URL")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    os.environ |= environment(asked.database)
    begun = time.monotonic()
    set_up()
    build(asked.pledges, asked.seed)
    print(f"{asked.pledges} pledges built in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
