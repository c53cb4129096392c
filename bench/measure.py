"""What a figure is, and how CPU, memory and ratios are taken.

CPU is what is compared wherever it can be: on a shared machine it is steady, while the time on
the wall moves with the neighbours. It is that of the server's processes and of the database's.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench.processes import children

#: At least so many pairs of reference and subject, unless the budget ends first (and it says so).
PAIRS = 5
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figure:
    """One line of the table. `goal` is a sentence; `holds` is None where nothing was measured."""

    name: str
    database: str
    goal: str
    subject: str = ""
    reference: str = ""
    ratio: float | None = None
    memory: float | None = None  # MiB of anonymous memory more than before
    holds: bool | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.holds is None:
            return "–"
        return "yes" if self.holds else "NO"


def skipped(name: str, database: str, goal: str, why: str) -> Figure:
    return Figure(name, database, goal, note=f"skipped: {why}")


class TooSlow(Exception):
    """What is measured gave no answer in so many seconds."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"no answer in {seconds:g} s: {what}")
        self.seconds = seconds


@dataclass
class Pairs:
    """Measurements of reference and subject, taken in turn. With a `fault` they ended early, and
    the last subject is the least that it can have been."""

    references: list[float]
    subjects: list[float]
    fault: str = ""

    @property
    def ratio(self) -> float:
        """The median of the ratios pair by pair: what disturbs both alike falls out."""
        return median(s / r for r, s in zip(self.references, self.subjects, strict=True))

    @property
    def reference(self) -> float:
        return median(self.references)

    @property
    def subject(self) -> float:
        return median(self.subjects)

    @property
    def note(self) -> str:
        number = len(self.subjects)
        if self.fault:
            return f"given up, and more than that: {self.fault}"
        return (
            f"{number} pairs"
            if number >= PAIRS
            else f"only {number} of {PAIRS} pairs in the time given"
        )


def in_turn(
    reference: Callable[[], float],
    subject: Callable[[], float],
    *,
    pairs: int = PAIRS,
    seconds: float = 60,
) -> Pairs:
    """Reference, subject, reference, subject, …: `pairs` times, or until the time is up."""
    found = Pairs([], [])
    end = time.monotonic() + seconds
    while len(found.subjects) < pairs and (not found.subjects or time.monotonic() < end):
        found.references.append(reference())
        try:
            found.subjects.append(subject())
        except TooSlow as slow:
            found.subjects.append(slow.seconds)
            found.fault = str(slow)
            break
    return found


def cpu(*pids: int) -> float:
    """Seconds of CPU that the processes and all below them have used, those gone included."""
    total = 0.0
    for pid in pids:
        for each in (pid, *children(pid)):
            try:
                # The clock of another process, to the nanosecond: see clock_getcpuclockid(3).
                total += time.clock_gettime((~each << 3) | 2)
                stat = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            # Of children that ended: parallel workers of PostgreSQL, for one.
            total += (int(stat[13]) + int(stat[14])) / TICK
    return total


def anonymous(*pids: int) -> float:
    """MiB of anonymous memory: what mapped files take is the system's to give back."""
    total = 0
    for pid in pids:
        for each in (pid, *children(pid)):
            try:
                status = Path(f"/proc/{each}/status").read_text()
            except OSError:
                continue
            total += next(
                (int(line.split()[1]) for line in status.splitlines() if "RssAnon" in line), 0
            )
    return total / 1024


class Memory:
    """Samples a process tree's anonymous memory while a block runs; `growth` is in MiB."""

    def __init__(self, *pids: int) -> None:
        self.pids, self.before, self.peak = pids, 0.0, 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> "Memory":
        self.before = self.peak = anonymous(*self.pids)
        self._thread.start()
        return self

    def __exit__(self, *_what) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(0.05):
            self.peak = max(self.peak, anonymous(*self.pids))

    @property
    def growth(self) -> float:
        return self.peak - self.before


def table(figures: Iterable[Figure]) -> str:
    """The figures as a table that also reads well in Markdown."""
    header = ("what", "database", "subject", "reference", "ratio", "memory", "goal", "holds", "")
    rows = [
        (
            *(f.name, f.database, f.subject, f.reference),
            "" if f.ratio is None else f"{f.ratio:.3g} ×",
            "" if f.memory is None else f"{f.memory:.1f} MiB",
            *(f.goal, f.verdict, f.note),
        )
        for f in figures
    ]
    lines = [header, tuple("---" for _column in header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(figures: Iterable[Figure]) -> list[dict]:
    return [asdict(figure) for figure in figures]


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms"
