"""make tamper: a thousand tamperings with the Lingang record, on SQLite and on PostgreSQL.

    .venv/bin/python -m bench.tampering --seed 7 --times 1000 --only sqlite

Each is done to the database itself, past its guards, looked for by `verify_record` (what hides
itself by the citizens' script, with an earlier head), and taken back. It ends with 1 if one of
them was not found, or if anything was found where nothing had been done.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import data
from bench.cluster import Cluster

SEED = 20220820
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@contextmanager
def lingang(kind: str) -> Iterator[dict[str, str]]:
    """The environment of a site on a new database of this kind, with the Lingang record."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-tampering-"))
    folder.chmod(0o755)
    server = None
    try:
        url = f"sqlite:///{folder}/tracker.sqlite3"
        if kind == "postgresql":
            server = Cluster(folder)
            server.make()
            server.start("fsync=off")
            url = server.url()
        environment = data.environment(url) | {"VAR_DIR": str(folder / "var")}
        for command in (
            ("migrate", "--verbosity", "0"),
            ("sync_roles",),
            ("load_record", "fixtures/lingang"),
        ):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=data.ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
        yield environment
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def here(seed: int, times: int) -> int:
    """Tampers with the database that the environment names, and says what came of it."""
    import django

    django.setup()
    from django.db import connection

    from bench.tampering.record import fill
    from bench.tampering.trial import run

    fill()
    begun = time.monotonic()
    outcome = run(seed, times)
    for said, count in sorted(outcome.done.items()):
        print(f"{count:>6}  {said}")
    print(
        f"{NAMES[connection.vendor]}, seed {seed}: {outcome.found} of {outcome.tried} tamperings "
        f"found in {time.monotonic() - begun:.0f} s ({outcome.refused} more the database refused); "
        f"with nothing done, found: {', '.join(outcome.false) or 'nothing'}"
    )
    for said in outcome.missed:
        print(f"NOT FOUND: {said}")
    return 0 if outcome.is_as_it_should_be else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--only", choices=NAMES)
    parser.add_argument("--here", action="store_true", help="on the present database")
    asked = parser.parse_args()
    if asked.here:
        return here(asked.seed, asked.times)
    again = [sys.executable, "-m", "bench.tampering", "--here"]
    again += ["--seed", str(asked.seed), "--times", str(asked.times)]
    worst = 0
    for kind in (asked.only,) if asked.only else NAMES:
        with lingang(kind) as environment:
            worst |= subprocess.run(again, cwd=data.ROOT, env=environment, check=False).returncode
    print("tamper: all good" if not worst else "tamper: NOT GOOD")
    return worst


if __name__ == "__main__":
    sys.exit(main())
