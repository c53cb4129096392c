"""make formulas: ten thousand hostile texts in the site's files, opened by LibreOffice.

    .venv/bin/python -m bench.formulas --seed 7 --cells 10000

It ends with 1 if one cell of the site's CSV or XLSX is a formula or a link, or if the control, the
same cells without the guard, has none; and if LibreOffice is not here.
"""

import argparse
import csv
import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import data
from bench.formulas.office import SEPARATORS, NotHere, Office, Seen

REPORTS = ("pledges", "updates", "evidence")


def written(folder: Path, seed: int, count: int) -> int:
    """Fills the present database and writes the files of the site into `folder`, and beside them
    those of the control. Gives the number of hostile texts."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone
    from xlsxwriter import Workbook

    from bench.formulas import record
    from bench.formulas.texts import hostile
    from tracker.models import Pledge
    from tracker.reports import REPORTS as DEFINED
    from tracker.rules.asof import AsOf
    from tracker.rules.dates import day_of

    entries = next(n for n in itertools.count(1) if record.cells(n) >= count)
    record.fill(hostile(seed, record.cells(entries)), entries)
    asof = AsOf(day_of(timezone.now()))
    for name in REPORTS:
        for kind in ("csv", "xlsx"):
            call_command("report", name, format=kind, output=folder / f"{name}-{kind}.{kind}")
        report = DEFINED[name]
        rows = [list(row) for row in report.table(Pledge.objects.seen(asof), asof)]
        with (folder / f"control-{name}-csv.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        # What its maker does with texts unless it is told otherwise.
        with Workbook(folder / f"control-{name}-xlsx.xlsx") as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    sheet.write(number, place, value if isinstance(value, int) else str(value))
    return record.cells(entries)


def looked_at(office: Office, folder: Path) -> Iterator[tuple[str, str, Seen]]:
    """Each file, how it was opened, and what was seen in it."""
    for kind, ways in (("csv", SEPARATORS), ("xlsx", {"workbook": ""})):
        files = [
            folder / f"{of}{name}-{kind}.{kind}" for of in ("", "control-") for name in REPORTS
        ]
        for way, separator in ways.items():
            seen = office.sees(files, separator)
            for file, one in zip(files, seen, strict=True):
                yield file.name, way, one


def judged(office: Office, folder: Path) -> bool:
    """Whether nothing of the site's runs, and something of the control's does, in each way."""
    live: dict[tuple[str, bool], list[str]] = {}
    cells: dict[tuple[str, bool], int] = {}
    for name, way, seen in looked_at(office, folder):
        key = (f"{name.rpartition('.')[2].upper()}, {way}", name.startswith("control-"))
        live.setdefault(key, []).extend(seen.formulas)
        cells[key] = cells.get(key, 0) + seen.cells
    good = True
    for (what, is_control), found in live.items():
        is_right = bool(found) if is_control else not found
        good &= is_right
        print(
            f"{'control' if is_control else 'site   '} {what:<28} "
            f"{cells[what, is_control]:>7} cells, {len(found):>5} live"
            f"{': good' if is_right else f': NOT AS IT SHOULD BE {found[:3]}'}",
            flush=True,
        )
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=20220820)
    parser.add_argument("--cells", type=int, default=10_000, help="hostile texts, at least")
    parser.add_argument("--into", type=Path, help="write the files there, of the present database")
    asked = parser.parse_args()
    if asked.into:
        print(f"{written(asked.into, asked.seed, asked.cells)} hostile texts, seed {asked.seed}")
        return 0
    folder = Path(tempfile.mkdtemp(prefix="tracker-formulas-"))
    environment = data.environment(f"sqlite:///{folder}/tracker.sqlite3")
    environment |= {"VAR_DIR": str(folder / "var")}
    again = ["-m", "bench.formulas", "--into", str(folder)]
    again += ["--seed", str(asked.seed), "--cells", str(asked.cells)]
    try:
        office = Office(folder)
        for command in (["manage.py", "migrate", "--verbosity", "0"], again):
            subprocess.run([sys.executable, *command], cwd=data.ROOT, env=environment, check=True)
        good = judged(office, folder)
    except NotHere as error:
        print(f"formulas: NOT SHOWN HERE: {error}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("formulas: all good" if good else "formulas: NOT GOOD")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
