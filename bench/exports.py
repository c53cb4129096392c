"""What files cost: rows a second beside the database's own tools, memory, other pages.

Files are told by the clock, for that is what waits: server, database and client work at once.
"""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

from bench.measure import Figure, Memory, in_turn
from bench.on import On
from bench.postgres import Missing
from bench.serve import Client, tool

UPDATES = "/en/data/updates.csv"
#: Rows that the tools write: the columns of the report `updates`, by a plain join.
SQL = """
SELECT u.sequence, u.uid, p.code, p.title_en, p.title_zh, u.status, u.effective_on, u.published_at,
  u.reported_progress, u.due_on, u.due_precision, u.narrative_en, u.narrative_zh,
  (SELECT count(*) FROM tracker_evidence e WHERE e.update_id = u.id) AS evidence_count,
  o.sequence AS corrects, c.sequence AS corrected_by, u.correction_reason_en, u.correction_reason_zh
FROM tracker_update u
JOIN tracker_pledge p ON p.id = u.pledge_id
LEFT JOIN tracker_update o ON o.id = u.corrects_id
LEFT JOIN tracker_update c ON c.corrects_id = u.id AND c.state = 'published'
WHERE u.state = 'published' AND p.published_at IS NOT NULL
ORDER BY u.sequence
"""
FLAT = " ".join(SQL.split())


def csv(on: On) -> Iterator[Figure]:
    """Every entry of the record as CSV over HTTP, of two sizes."""
    goal, memory = (0.55, 16) if on.is_sqlite else (0.9, 8)
    tool_name = "the sqlite3 shell" if on.is_sqlite else r"psql \copy"
    for size in sorted({on.smallest, on.largest}):
        reference = _shell(on, size)
        with on.site(size) as site:
            site.get("/en/data/")
            rows = 0

            def subject() -> float:
                nonlocal rows
                begun = time.perf_counter()
                _bytes, lines = Client(site.port).drain(UPDATES)
                rows = lines - 1
                return time.perf_counter() - begun

            with Memory(site.pid) as sampled:
                found = in_turn(reference, subject, seconds=2 * on.seconds)
        ratio = 1 / found.ratio
        yield Figure(
            f"CSV of {rows:,} updates over HTTP, against {tool_name}",
            on.name,
            f"at least {goal} ×, at most {memory} MiB more",
            subject=f"{rows / found.subject:,.0f} rows/s",
            reference=f"{rows / found.reference:,.0f} rows/s",
            ratio=ratio,
            memory=sampled.growth,
            holds=ratio >= goal and sampled.growth <= memory,
            note=f"by the clock; {found.note}",
        )


def _shell(on: On, size: int) -> Callable[[], float]:
    """Writes the same rows by the engine's own shell, and says how long it took."""
    url = on.database(size)  # Built before any clock runs.
    if on.server:
        command = [*on.server.psql(url), "-c", rf"\copy ({FLAT}) TO STDOUT CSV HEADER"]
    elif shutil.which("sqlite3"):
        command = ["sqlite3", "-cmd", ".timeout 20000", "-readonly", "-csv", "-header", url, FLAT]
    else:
        raise Missing("no sqlite3 shell here (Debian: apt-get install sqlite3)")

    def run() -> float:
        begun = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout, "it has a pipe"
            while process.stdout.read(1 << 18):
                pass
        if process.returncode:
            raise RuntimeError(f"{command[0]} ended with {process.returncode}")
        return time.perf_counter() - begun

    return run


def meanwhile(on: On) -> Iterator[Figure]:
    """Another page while the largest file is made: the slowest answer, and how long it takes
    without."""
    page = "/en/method/"
    with on.site(on.largest) as site:
        site.get(page)
        alone = max(_timed(site.port, page) for _each in range(50))
        done, faults = threading.Event(), []

        def export() -> None:
            try:
                Client(site.port).drain(UPDATES)
            except (OSError, HTTPException):
                faults.append("it was not done in the time given")
            finally:
                done.set()

        thread = threading.Thread(target=export)
        thread.start()
        taken = []
        end = time.monotonic() + on.seconds
        while not done.is_set() and time.monotonic() < end:
            taken.append(_timed(site.port, f"{page}?fresh={len(taken)}"))
            time.sleep(0.02)
    # The server was ended: a long export ends with it.
    thread.join()
    yield Figure(
        f"another page while an export of {on.largest * 10:,} rows runs",
        on.name,
        "at most 100 ms",
        subject=f"{max(taken) * 1000:.0f} ms",
        reference=f"{alone * 1000:.0f} ms without",
        holds=max(taken) <= 0.1,
        note=f"the slowest of {len(taken)} answers, by the clock; "
        f"the median {sorted(taken)[len(taken) // 2] * 1000:.1f} ms"
        + "".join(f"; of the export: {fault}" for fault in faults),
    )


def _timed(port: int, address: str) -> float:
    begun = time.perf_counter()
    Client(port).get(address)
    return time.perf_counter() - begun


def xlsx(on: On) -> Iterator[Figure]:
    """All pledges as a spreadsheet, beside django-import-export's on the same rows."""
    name = f"XLSX of {on.largest:,} pledges, against django-import-export"
    python = tool("django-import-export[xlsx] Django==5.2.* psycopg[binary]", "import-export")
    script = Path(__file__).with_name("importexport.py")
    environment = {"BENCH_URL": on.url(on.largest), "PATH": "/usr/bin:/bin"}
    peak = 0.0

    def reference() -> float:
        nonlocal peak
        done = subprocess.run(
            [python, str(script)], env=environment, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"import-export: {done.stderr.strip().splitlines()[-1]}")
        seconds, peak = map(float, done.stdout.split())
        return seconds

    with on.site(on.largest) as site:
        site.get("/en/data/")

        def subject() -> float:
            begun = time.perf_counter()
            # A workbook is made whole before its first byte goes out.
            Client(site.port, patience=600).drain("/en/data/pledges.xlsx")
            return time.perf_counter() - begun

        with Memory(site.pid) as sampled:
            found = in_turn(reference, subject, pairs=5, seconds=2 * on.seconds)
    ratio = 1 / found.ratio
    yield Figure(
        name,
        on.name,
        "at least 1.7 ×, at most 32 MiB more",
        subject=f"{on.largest / found.subject:,.0f} rows/s",
        reference=f"{on.largest / found.reference:,.0f} rows/s, {peak:.0f} MiB more",
        ratio=ratio,
        memory=sampled.growth,
        holds=ratio >= 1.7 and sampled.growth <= 32,
        note=f"by the clock; {found.note}",
    )
