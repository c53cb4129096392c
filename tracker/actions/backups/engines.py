"""What each database engine has of its own to copy a running database and to lay a copy down."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

HEAD = "SELECT sequence, digest FROM tracker_head"
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY 1"
#: Whoever was signed in when the copy was made is not signed in again by it.
SIGN_OUT = "DELETE FROM tracker_session"
HAS_RECORD = (
    "SELECT EXISTS (SELECT 1 FROM tracker_programme) OR EXISTS (SELECT 1 FROM tracker_user)"
)


class CannotCopy(Exception):
    """The engine's own tool failed or is not there; the text says which and what to do."""


class Engine(Protocol):
    """A database, and its copy on the side while it is restored."""

    name: str
    file: str

    def copy(self, target: Path) -> tuple[dict[str, Any], list[str], str]:
        """Copies the database as it is at one moment; its head, its migrations, its version."""

    def holds_record(self) -> bool: ...
    def lay(self, source: Path, folder: Path) -> None:
        """Makes the database on the side of a copy."""

    def environment(self, folder: Path) -> dict[str, str]:
        """With which environment the site's commands see the database on the side."""

    def ask(self, question: str) -> list[tuple]:
        """Asks the database on the side."""

    def switch(self, at: datetime) -> str:
        """Puts the database on the side in the place of the site's; where that one is kept."""

    def clear(self) -> None:
        """Takes the database on the side away, if it is still there."""


class SQLite:
    """Copied by VACUUM INTO, which reads one moment and stops nobody; restored page by page in one
    transaction, so that processes that have the file open go on with what was restored."""

    name, file = "sqlite", "database.sqlite3"

    def __init__(self) -> None:
        self.live = Path(connection.settings_dict["NAME"])
        self.side = Path()

    def copy(self, target):
        try:
            with closing(sqlite3.connect(self.live, timeout=30)) as source:
                source.execute("VACUUM INTO ?", [str(target)])
        except sqlite3.DatabaseError as error:
            raise CannotCopy(f"SQLite could not copy {self.live}: {error}") from error
        with closing(sqlite3.connect(target)) as copy:
            return (*_facts(copy.execute), sqlite3.sqlite_version)

    def holds_record(self):
        if not self.live.exists():
            return False
        try:
            with closing(sqlite3.connect(self.live)) as live:
                return bool(live.execute(HAS_RECORD).fetchone()[0])
        except sqlite3.OperationalError as error:
            # Not migrated yet: nothing is lost. Anything else may be a record.
            return "no such table" not in str(error)
        except sqlite3.DatabaseError:
            return True

    def lay(self, source, folder):
        self.side = folder / "tracker.sqlite3"
        source.rename(self.side)
        try:
            sound = self.ask("PRAGMA integrity_check")
        except sqlite3.DatabaseError as error:
            raise CannotCopy(f"SQLite cannot read the copy: {error}") from error
        if sound != [("ok",)]:
            raise CannotCopy(f"SQLite finds the copy unsound: {sound[0][0]}")

    def environment(self, folder):
        return {"DATABASE_URL": f"sqlite:///{self.side}"}

    def ask(self, question):
        with closing(sqlite3.connect(self.side)) as side, side:
            return side.execute(question).fetchall()

    def switch(self, at):
        connection.close()
        kept = self.live.with_name(f"{self.live.name}.before-{_stamp(at)}")
        if not self.live.exists():
            self.live.touch(mode=0o600)
        try:
            with closing(sqlite3.connect(self.live, timeout=30)) as live:
                live.execute("VACUUM INTO ?", [str(kept)])
            kept.chmod(0o600)
        except sqlite3.DatabaseError as error:
            kept.unlink(missing_ok=True)
            if error.sqlite_errorcode not in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                raise CannotCopy(f"what is there could not be kept: {error}") from error
            # It cannot be read: it is moved away as it is. Processes that had it open must go.
            for end in ("", "-wal", "-shm"):
                if (part := Path(f"{self.live}{end}")).exists():
                    part.rename(f"{kept}{end}")
            self.side.replace(self.live)
            return f"{kept}, which SQLite could not read. Restart the site"
        with (
            closing(sqlite3.connect(self.side)) as side,
            closing(sqlite3.connect(self.live, timeout=30)) as live,
        ):
            live.execute("PRAGMA synchronous = FULL")
            side.backup(live)
        return str(kept)

    def clear(self):
        """It lies in the folder on the side, and goes with it."""


class PostgreSQL:
    """Copied by pg_dump; restored by pg_restore into a database beside, which takes the name."""

    name, file = "postgresql", "database.dump"

    def __init__(self) -> None:
        self.live = connection.settings_dict["NAME"]
        self.side = f"{self.live}_restoring"

    def copy(self, target):
        with self._open(self.live) as reader:
            reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            (snapshot,) = reader.execute("SELECT pg_export_snapshot()").fetchone()
            facts = _facts(reader.execute)
            self._tool(
                "pg_dump",
                "--format=custom",
                f"--snapshot={snapshot}",
                f"--file={target}",
                f"--dbname={self.live}",
            )
            return (*facts, reader.execute("SHOW server_version").fetchone()[0])

    def holds_record(self):
        try:
            with self._open(self.live) as live:
                return bool(live.execute(HAS_RECORD).fetchone()[0])
        except psycopg.errors.UndefinedTable:
            return False

    def lay(self, source, folder):
        self.clear()
        self._maintain(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.side)))
        # Who may read what is no matter of the copy: `grant_roles` says it anew.
        self._tool(
            "pg_restore",
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--single-transaction",
            f"--dbname={self.side}",
            str(source),
        )

    def environment(self, folder):
        url = urlsplit(os.environ["DATABASE_URL"])
        return {"DATABASE_URL": urlunsplit(url._replace(path=f"/{self.side}"))}

    def ask(self, question):
        with self._open(self.side) as side:
            cursor = side.execute(question)
            return cursor.fetchall() if cursor.description else []

    def switch(self, at):
        connection.close()
        if close_pool := getattr(connection, "close_pool", None):
            close_pool()
        kept = f"{self.live}_before_{_stamp(at)}"
        live, side, before = map(sql.Identifier, (self.live, self.side, kept))
        self._maintain(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(live))
        try:
            with self._open("postgres") as server:
                server.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                    "WHERE datname = ANY(%s) AND pid <> pg_backend_pid()",
                    [[self.live, self.side]],
                )
                with server.transaction():
                    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                    server.execute(rename.format(live, before))
                    server.execute(rename.format(side, live))
        except psycopg.Error as error:
            self._maintain(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(live))
            raise CannotCopy(f"the databases could not change places: {error}") from error
        return f"the database {kept}, which takes no connections"

    def clear(self):
        self._maintain(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.side))
        )

    @contextmanager
    def _open(self, name: str):
        given = connection.get_connection_params()
        wanted = ["host", "port", "user", "password", "sslmode", "sslrootcert", "passfile"]
        # Of several hosts, the one that may be written to.
        wanted.append("target_session_attrs")
        parameters = {key: given[key] for key in wanted if given.get(key)}
        with psycopg.connect(dbname=name, autocommit=True, **parameters) as opened:
            yield opened

    def _maintain(self, statement: sql.Composed) -> None:
        try:
            with self._open("postgres") as server:
                server.execute(statement)
        except psycopg.errors.InsufficientPrivilege as error:
            raise CannotCopy(
                f"{error}. Restore as a role that owns the database and has CREATEDB."
            ) from error

    def _tool(self, program: str, *arguments: str) -> None:
        given = connection.get_connection_params()
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
        names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "passfile": "PGPASSFILE"}
        names |= {"target_session_attrs": "PGTARGETSESSIONATTRS"}
        told = {name: str(given[key]) for key, name in names.items() if given.get(key)}
        _run([_found(program), *arguments], os.environ | told)


def engine() -> Engine:
    return SQLite() if connection.vendor == "sqlite" else PostgreSQL()


def _facts(execute) -> tuple[dict[str, Any], list[str]]:
    """Where the record ends in a copy, and how far it is migrated."""
    row = execute(HEAD).fetchone() or (0, "")
    names = [name for (name,) in execute(MIGRATIONS).fetchall()]
    return {"sequence": row[0], "digest": row[1]}, names


def _found(program: str) -> str:
    """Where PostgreSQL's `program` is: in POSTGRES_BIN, on the path, or where Debian puts it."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version_of, reverse=True)
    places = [settings.POSTGRES_BIN] if settings.POSTGRES_BIN else ["", *map(str, debian)]
    for place in places:
        if found := shutil.which(program, path=place or None):
            return found
    raise CannotCopy(
        f"{program} is not installed. On Debian: apt-get install postgresql-client; elsewhere say "
        "with POSTGRES_BIN in which folder PostgreSQL's programs are."
    )


def _version_of(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 (PostgreSQL's own programs, with names from the settings)
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
        raise CannotCopy(f"{Path(command[0]).name} failed: {lines[0]}")


def _stamp(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}"
