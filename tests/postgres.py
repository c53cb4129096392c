"""A PostgreSQL server of the suite's own, made for a run and gone with it."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.cluster import Cluster

#: The data is thrown away: what survives a power cut is tested elsewhere.
THROWN_AWAY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=60")


class Server(Cluster):
    """A server in a folder of its own, which goes when the server is removed.

    `settings` are as in postgresql.conf. `beside` is another one, whose programs it may use.
    """

    def __init__(
        self, settings: Sequence[str] = THROWN_AWAY, *, beside: "Server | None" = None
    ) -> None:
        folder = Path(tempfile.mkdtemp(prefix="tracker-postgres-"))
        super().__init__(folder, programs=beside.binaries if beside else None)
        self.settings = settings

    def begin(self) -> None:
        """Starts it, and makes it first where it was never made."""
        is_new = not self.data.exists()
        if is_new:
            self.make("--no-sync")
        self.start(*self.settings)
        if is_new:
            # The role of the public site. It is the server's, and so the same for every database.
            self.ask("create role tracker_public login")

    def follow(self, primary: "Server", name: str) -> None:
        """Becomes a copy of `primary` that will follow it, known to it by `name`."""
        where = f"host=127.0.0.1 port={primary.port} user=tracker application_name={name}"
        options = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        self.run("pg_basebackup", "--dbname", where, "--pgdata", str(self.data), *options)

    def remove(self) -> None:
        """Stops it, and takes its data away."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
