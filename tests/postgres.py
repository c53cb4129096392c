"""A PostgreSQL server of the suite's own, made for a run and gone with it."""

import shutil
import tempfile
from pathlib import Path

from bench.cluster import Cluster

#: The data is thrown away: what survives a power cut is tested elsewhere.
SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=60")


class Server:
    """Starts a PostgreSQL server on loopback in a folder of its own, and stops it."""

    def __init__(self) -> None:
        self.cluster = Cluster(Path(tempfile.mkdtemp(prefix="tracker-postgres-")))
        self.binaries = self.cluster.binaries

    @property
    def url(self) -> str:
        return self.cluster.url()

    def start(self) -> None:
        self.cluster.make()
        self.cluster.start(*SETTINGS)

    def stop(self) -> None:
        self.cluster.stop()
        shutil.rmtree(self.cluster.folder, ignore_errors=True)
