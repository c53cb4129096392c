"""Measures the tracker and its references in one run, and prints what holds and what does not.

    make bench                              everything: 1,000 and 100,000 pledges, both databases
    python -m bench --quick                 the same with 1,000 and 10,000
    python -m bench --only list --only kept     single measurements, by their names below
    python -m bench --json figures.json     the figures for other programs, too

Each measurement stands alone: one that fails says so, the others go on, and the run ends non-zero.
One that lacks its tool is skipped and says why; nothing that was not measured holds.
docs/performance.md says what each figure means.
"""

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench import data

MEASURED: dict[str, str] = {
    # Its name, and the function that takes an `On` and yields figures.
    "list": "bench.pages:lists",
    "answers": "bench.pages:answers",
    "queries": "bench.pages:queries",
    "growth": "bench.pages:growth",
    "as-of": "bench.pages:past_days",
    "pledge": "bench.pages:pledge",
    "search": "bench.search:searches",
    "kept": "bench.kept:kept",
    "not-modified": "bench.kept:not_modified",
    "csv": "bench.exports:csv",
    "meanwhile": "bench.exports:meanwhile",
    "xlsx": "bench.exports:xlsx",
    "datasette": "bench.datasette:lists_and_files",
    "start": "bench.datasette:start",
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"measurements: {', '.join(MEASURED)}",
    )
    parser.add_argument("--sizes", type=_sizes, help="how many pledges, such as 1000,100000")
    parser.add_argument("--quick", action="store_true", help="1,000 and 10,000, and fewer lists")
    parser.add_argument("--only", action="append", choices=MEASURED, help="just this; repeatable")
    parser.add_argument("--on", choices=("SQLite", "PostgreSQL"), help="just this database")
    parser.add_argument("--json", type=Path, help="a file to write the figures to")
    parser.add_argument("--lists", type=int, help="how many varied lists are asked (300)")
    asked = parser.parse_args()
    sizes = asked.sizes or ((1_000, 10_000) if asked.quick else (1_000, 100_000))
    seconds, lists = (12, 100) if asked.quick else (40, 300)
    os.environ |= data.environment("sqlite://:memory:")
    data.VAR.mkdir(parents=True, exist_ok=True)
    data.set_up()  # For its words only: this process asks no database.
    return _run(asked, sizes, seconds, asked.lists or lists)


def _run(asked, sizes: tuple[int, ...], seconds: float, lists: int) -> int:
    from bench.measure import Figure, as_json, table

    figures: list[Figure] = []
    begun = time.monotonic()
    with ExitStack() as stack:
        for on in _engines(stack, asked.on, sizes, seconds, lists):
            for name in asked.only or MEASURED:
                for figure in _measured(name, on):
                    figures.append(figure)
                    print(f"{figure.database}: {figure.name}: {_brief(figure)}", flush=True)
    print(f"\n{table(figures)}\n\n{time.monotonic() - begun:.0f} s on {os.cpu_count()} cores")
    if asked.json:
        made = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "sizes": sizes}
        content = made | {"cores": os.cpu_count(), "figures": as_json(figures)}
        asked.json.write_text(json.dumps(content, indent=1), "utf-8")
    return 1 if any(figure.note.startswith("error") for figure in figures) else 0


def _engines(
    stack: ExitStack, wanted: str | None, sizes: tuple[int, ...], seconds: float, lists: int
) -> Iterator:
    from bench.on import On
    from bench.postgres import Missing, Server

    if wanted in (None, "SQLite"):
        yield On("SQLite", sizes, data.sqlite, seconds, lists)
    if wanted in (None, "PostgreSQL"):
        try:
            server = stack.enter_context(Server())
        except Missing as missing:
            print(f"PostgreSQL: skipped: {missing}")
        else:
            yield On("PostgreSQL", sizes, server.database, seconds, lists, server)


def _measured(name: str, on) -> Iterable:
    """The figures of one measurement. What goes wrong is a figure that does not hold."""
    from importlib import import_module

    from bench.measure import Figure, TooSlow, skipped
    from bench.postgres import Missing

    module, function = MEASURED[name].split(":")
    try:
        measure: Callable = getattr(import_module(module), function)
        yield from measure(on)
    except Missing as missing:
        yield skipped(name, on.name, "", str(missing))
    except TooSlow as slow:
        yield Figure(name, on.name, "", holds=False, note=str(slow))
    except Exception as error:
        traceback.print_exc()
        text = f"error: {type(error).__name__}: {error}".replace("\n", " ")
        yield Figure(name, on.name, "", holds=False, note=text[:300])


def _brief(figure) -> str:
    parts = (figure.subject, figure.reference and f"against {figure.reference}")
    ratio = "" if figure.ratio is None else f"{figure.ratio:.3g} × ({figure.goal})"
    return " ".join(part for part in (*parts, ratio, figure.verdict, figure.note) if part)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
