"""Datasette on the same SQLite file: its list with facets, its CSV, and its start, beside ours."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Figure, cpu, in_turn, ms, skipped
from bench.on import On
from bench.serve import Client, Process, tool

LIST = (
    "/{name}/tracker_standing?_facet=status&_facet=due_precision&_facet=milestones_total"
    "&status__exact={status}&_size=25&_sort=last_entry_on"
)
STATUSES = ("kept", "in_progress", "stalled", "not_kept", "partly_kept")
#: 'Rows' for its stream: a view's would be cut at a thousand.
FILE = "/{name}/tracker_update.csv?_stream=on&_size=max"


class Datasette(Process):
    def __init__(self, file: Path) -> None:
        super().__init__()
        program = tool("datasette", "datasette")
        self.environment = dict(os.environ)
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.command = [
            *(program, "serve", "--immutable", str(file), "--port", str(self.port)),
            *(
                "--setting",
                "sql_time_limit_ms",
                "60000",
                "--setting",
                "facet_time_limit_ms",
                "60000",
            ),
            *("--setting", "max_csv_mb", "0", "--setting", "default_cache_ttl", "0"),
        ]
        self.ready = "/-/versions.json"

    def cpu_per_answer(self, addresses: list[str]) -> float:
        client = Client(self.port)
        before = cpu(self.pid)
        for address in addresses:
            answer = client.get(address)
            if answer.status != 200:
                raise RuntimeError(f"{address}: {answer.status}")
        return (cpu(self.pid) - before) / len(addresses)


def lists_and_files(on: On) -> Iterator[Figure]:
    """A list with counts for its filters, and every entry as CSV."""
    names = "Datasette on the same file: list", "Datasette on the same file: CSV"
    if not on.is_sqlite:
        for name, goal in zip(names, ("at least 20 ×", "at least 4 ×"), strict=True):
            yield skipped(name, on.name, goal, "Datasette reads SQLite only")
        return
    file = Path(on.database(on.largest))
    with Datasette(file) as datasette, on.site(on.largest) as site:
        numbers = iter(range(1000))
        site.get("/en/pledges/?status=superseded")
        theirs = [LIST.format(name=file.stem, status=status) for status in STATUSES]
        found = in_turn(
            lambda: datasette.cpu_per_answer(theirs),
            lambda: site.cpu_per_answer(
                [f"/en/pledges/?status={s}&sort=updated&fresh={next(numbers)}" for s in STATUSES]
            ),
            seconds=on.seconds,
        )
        yield Figure(
            f"Datasette on the same file of {on.largest:,}: list with counts",
            on.name,
            "at least 20 ×",
            subject=ms(found.subject),
            reference=ms(found.reference),
            ratio=1 / found.ratio,
            holds=1 / found.ratio >= 20,
            note=f"ours cold, with six filters counted; theirs with three facets; {found.note}",
        )

        def drained(port: int, address: str) -> float:
            begun = time.perf_counter()
            Client(port).drain(address)
            return time.perf_counter() - begun

        found = in_turn(
            lambda: drained(datasette.port, FILE.format(name=file.stem)),
            lambda: drained(site.port, "/en/data/updates.csv"),
            seconds=on.seconds,
        )
        yield Figure(
            f"Datasette on the same file of {on.largest:,}: CSV of the updates",
            on.name,
            "at least 4 ×",
            subject=f"{on.largest * 10 / found.subject:,.0f} rows/s",
            reference=f"{on.largest * 10 / found.reference:,.0f} rows/s",
            ratio=1 / found.ratio,
            holds=1 / found.ratio >= 4,
            note=f"by the clock; ours joined, theirs the bare table; {found.note}",
        )


def start(on: On) -> Iterator[Figure]:
    """From nothing to the first list page answered."""
    name, goal = "start to first list page, against Datasette's", "at most 0.8 ×"
    if not on.is_sqlite:
        yield skipped(name, on.name, goal, "Datasette reads SQLite only")
        return
    file = Path(on.database(on.smallest))
    memory = 0.0

    def theirs() -> float:
        begun = time.perf_counter()
        with Datasette(file) as datasette:
            datasette.get(f"/{file.stem}/tracker_pledge?_size=25")
            return time.perf_counter() - begun

    def ours() -> float:
        nonlocal memory
        site = on.site(on.smallest)
        with site:
            begun = site.begun
            site.get("/en/pledges/")
            memory = site.memory
            return time.perf_counter() - begun

    found = in_turn(theirs, ours, seconds=on.seconds)
    yield Figure(
        name,
        on.name,
        goal,
        subject=ms(found.subject),
        reference=ms(found.reference),
        ratio=found.ratio,
        memory=memory,
        holds=found.ratio <= 0.8,
        note=f"by the clock, {on.smallest:,} pledges; memory is the server's; {found.note}",
    )
