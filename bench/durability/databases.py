"""Both databases, to be killed, and to be found again on a disk whose power was cut."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from bench.cluster import Cluster
from bench.durability.site import Site
from bench.processes import children

#: Small, so that files are written from the log and the log is used again while we look.
SETTINGS = ("max_wal_size=64MB", "min_wal_size=32MB", "checkpoint_timeout=30s")


class Database(Protocol):
    """Where a site's data is."""

    name: str
    url: str
    settings: str

    def start(self, is_careless: bool = False) -> None:
        """`is_careless` is the control: it does not wait for the disk."""

    def kill(self, site: Site) -> None:
        """Kills what writes to the data, and brings it up again as an operator would."""

    def writing(self, site: Site) -> Iterable[int]:
        """The processes that write to the data."""

    def found(self, at: Path) -> AbstractContextManager[str]:
        """The address of a database that is started on what is `at` another place."""

    def stop(self) -> None: ...


class SQLite:
    """In the server's own processes: to kill them is to kill it."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.file = folder / "tracker.sqlite3"
        self.url = f"sqlite:///{self.file}"
        self.settings = "lingang.settings"

    def start(self, is_careless: bool = False) -> None:
        if is_careless:
            self.settings = "bench.durability.careless"

    def kill(self, site: Site) -> None:
        site.kill()
        site.start()

    def writing(self, site: Site) -> Iterable[int]:
        return site.workers()

    @contextmanager
    def found(self, at: Path) -> Iterator[str]:
        yield f"sqlite:///{at / self.file.name}"

    def stop(self) -> None:
        pass


class PostgreSQL:
    """A server of its own, which is a child of ours."""

    name = "PostgreSQL"
    settings = "lingang.settings"

    def __init__(self, folder: Path, tools: Path) -> None:
        """Its data goes into `folder`, its programs into `tools`, where they are not in the way."""
        self.cluster = Cluster(tools)
        self.cluster.data = folder / "data"
        self.cluster.own(folder)
        self.cluster.make()
        self.given: list[str] = []
        self.tools = tools

    @property
    def url(self) -> str:
        return self.cluster.url()

    def start(self, is_careless: bool = False) -> None:
        careless = ("fsync=off", "synchronous_commit=off") if is_careless else ()
        self.given = [*SETTINGS, *careless]
        self.cluster.start(*self.given)

    def kill(self, site: Site) -> None:
        self.cluster.kill()
        self.cluster.start(*self.given)

    def writing(self, site: Site) -> Iterable[int]:
        assert self.cluster.process
        pid = self.cluster.process.pid
        return [pid, *children(pid)]

    @contextmanager
    def found(self, at: Path) -> Iterator[str]:
        beside = self.tools / "beside"
        beside.mkdir(exist_ok=True)
        other = Cluster(beside, programs=self.cluster.binaries)
        other.data = at / "data"
        # What the machine was killed with: nobody holds it any more.
        (other.data / "postmaster.pid").unlink(missing_ok=True)
        try:
            other.start("fsync=off")
            yield other.url()
        finally:
            other.kill()
            shutil.rmtree(beside, ignore_errors=True)

    def stop(self) -> None:
        self.cluster.stop()


def database(kind: str, folder: Path, tools: Path) -> Database:
    """The database of this kind, its data in `folder`."""
    return SQLite(folder) if kind == "sqlite" else PostgreSQL(folder, tools)
