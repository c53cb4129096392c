"""On what is measured: one database engine with records of several sizes, and for how long."""

from collections.abc import Callable
from dataclasses import dataclass

from bench import data
from bench.postgres import Server
from bench.serve import Site


@dataclass(frozen=True)
class On:
    """A database engine. `url` gives the address of a record of some size, built when needed."""

    name: str
    sizes: tuple[int, ...]
    url: Callable[[int], str]
    seconds: float
    lists: int
    server: Server | None = None

    @property
    def smallest(self) -> int:
        return min(self.sizes)

    @property
    def largest(self) -> int:
        return max(self.sizes)

    @property
    def is_sqlite(self) -> bool:
        return self.server is None

    def site(self, pledges: int) -> Site:
        return Site(self.url(pledges), self.server.pid if self.server else None)

    def database(self, pledges: int) -> str:
        """The name by which the engine's own shell knows the record: a file, or a database."""
        url = self.url(pledges)
        return url.removeprefix("sqlite:///") if self.is_sqlite else data.name(pledges)
