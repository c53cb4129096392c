"""A PostgreSQL server of the bench's own, whose databases are kept from run to run.

with Server() as server:
    url = server.database(100_000)
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from bench import data

#: What differs from the defaults: nothing that makes a question quicker than it would be.
SETTINGS = (
    "fsync=off",  # The data can be built again.
    "shared_buffers=256MB",
    "autovacuum=off",  # All is vacuumed and analysed once built; nothing else runs meanwhile.
    "max_wal_size=4GB",
    "client_connection_check_interval=1s",  # What nobody waits for any more does not go on.
)


INITDB = ("-U", "tracker", "-A", "trust", "--encoding=UTF8", "--locale=C.UTF-8")


class Missing(Exception):
    """A tool that is not here. What needs it is skipped, and says so."""


class Server:
    """Runs on loopback, as an unprivileged user where root starts it."""

    def __init__(self) -> None:
        self.binaries = _binaries()
        self.folder = data.VAR / "postgres"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.as_user: dict = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("nobody")
            self.as_user = {"user": user.pw_uid, "group": user.pw_gid}
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Server":
        files = self.folder / "data"
        if not (files / "PG_VERSION").exists():
            shutil.rmtree(files, ignore_errors=True)
            self._run("initdb", "-D", str(files), *INITDB)
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        place = f"unix_socket_directories={self.folder}"
        self.process = subprocess.Popen(
            [
                *(self.binaries / "postgres", "-D", str(files), "-p", str(self.port)),
                *("-h", "127.0.0.1", "-c", place, *settings),
            ],
            cwd=self.folder,
            stderr=(data.VAR / "postgres.log").open("ab"),
            **self.as_user,
        )
        for _attempt in range(300):
            if self.says("SELECT 1") == "1":
                return self
            time.sleep(0.1)
        raise Missing("PostgreSQL did not start: see var/bench/postgres.log")

    def __exit__(self, *_what) -> None:
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)

    def url(self, database: str) -> str:
        return f"postgres://tracker@127.0.0.1:{self.port}/{database}"

    def database(self, pledges: int) -> str:
        """The address of the database with so many pledges, built if it is not there yet."""
        name = data.name(pledges)
        if not self.says(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            others = f"datname LIKE '{name.rpartition('_')[0]}_%'"
            listed = self.says(f"SELECT datname FROM pg_database WHERE {others}")
            for other in ("being_built", *listed.split()):
                self.says(f"DROP DATABASE IF EXISTS {other} WITH (FORCE)")
            self.says("CREATE DATABASE being_built")
            data.run(pledges, self.url("being_built"))
            self.says(f"ALTER DATABASE being_built RENAME TO {name}")
        return self.url(name)

    def says(self, sql: str, database: str = "postgres") -> str:
        command = [*self.psql(database), "-tAc", sql]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    def psql(self, database: str) -> list[str]:
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "tracker", "-d", database]
        return [str(self.binaries / "psql"), "-X", "-q", *where]

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.binaries / program), *arguments]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, **self.as_user)


def _binaries() -> Path:
    for place in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if all((place / program).exists() for program in ("initdb", "postgres", "psql")):
            return place
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise Missing("no PostgreSQL here (Debian: apt-get install postgresql)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
