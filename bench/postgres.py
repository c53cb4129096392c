"""A PostgreSQL server of the bench's own, whose databases are kept from run to run.

with Server() as server:
    url = server.database(100_000)
"""

from pathlib import Path

from bench import data
from bench.cluster import PROGRAMS, Cluster, Failed

#: What differs from the defaults: nothing that makes a question quicker than it would be.
SETTINGS = (
    "fsync=off",  # The data can be built again.
    "shared_buffers=256MB",
    "autovacuum=off",  # All is vacuumed and analysed once built; nothing else runs meanwhile.
    "max_wal_size=4GB",
    "client_connection_check_interval=1s",  # What nobody waits for any more does not go on.
)


class Missing(Exception):
    """A tool that is not here. What needs it is skipped, and says so."""


class Server(Cluster):
    """Runs on loopback. Its databases are named by their size, their seed and the schema."""

    def __init__(self) -> None:
        folder = data.VAR / "postgres"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            super().__init__(folder, programs=_of_the_system())
        except Failed as failed:
            raise Missing(str(failed)) from failed

    def __enter__(self) -> "Server":
        if not (self.data / "PG_VERSION").exists():
            self.make()
        try:
            self.start(*SETTINGS)
        except Failed as failed:
            raise Missing(str(failed)) from failed
        return self

    def __exit__(self, *_what) -> None:
        self.stop()

    def database(self, pledges: int) -> str:
        """The address of the database with so many pledges, built if it is not there yet."""
        name = data.name(pledges)
        if not self.ask(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            others = f"datname LIKE '{name.rpartition('_')[0]}_%'"
            listed = self.ask(f"SELECT datname FROM pg_database WHERE {others}")
            for other in ("being_built", *listed.split()):
                self.ask(f"DROP DATABASE IF EXISTS {other} WITH (FORCE)")
            self.ask("CREATE DATABASE being_built")
            data.run(pledges, self.url("being_built"))
            self.ask(f"ALTER DATABASE being_built RENAME TO {name}")
        return self.url(name)

    def psql(self, database: str) -> list[str]:
        """The command that runs the shell on a database."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "tracker", "-d", database]
        return [str(self.binaries / "psql"), "-X", "-q", *where]

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid


def _of_the_system() -> Path | None:
    """The programs that a deployment has, where there are any: another build takes more memory."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((p for p in places if all((p / name).exists() for name in PROGRAMS)), None)
