"""The bench measures a record that is true, and says so when it cannot measure."""

import json
import subprocess
import sys

import pytest

from bench import data
from bench.measure import Figure, Pairs, table

# It makes databases of its own, on SQLite; its PostgreSQL is made by `make bench`.
pytestmark = pytest.mark.sqlite_only
PLEDGES = 50


@pytest.fixture(scope="module")
def url():
    return data.sqlite(PLEDGES)


def run(*arguments, url="sqlite://:memory:"):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=data.ROOT,
        env=data.environment(url),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_record_that_is_built_verifies(url):
    done = run("manage.py", "verify_record", url=url)
    assert done.returncode == 0, done.stdout
    assert f"entry {10 * PLEDGES}, digest" in done.stdout


def test_a_run_measures_and_writes_what_it_found(url, tmp_path):
    written = tmp_path / "figures.json"
    options = ["--sizes", str(PLEDGES), "--only", "list", "--on", "SQLite", "--lists", "10"]
    done = run("-m", "bench", *options, "--json", str(written))
    assert done.returncode == 0, done.stderr
    figures = json.loads(written.read_text())["figures"]
    assert [figure["database"] for figure in figures] == ["SQLite", "SQLite"]
    assert all(figure["ratio"] > 0 and figure["memory"] > 0 for figure in figures)


def test_what_was_not_measured_does_not_hold():
    (_header, _line, row) = table([Figure("x", "SQLite", "1 ×", note="skipped: no x")]).split("\n")
    assert row.endswith("| – | skipped: no x |")


def test_a_ratio_is_the_median_of_the_pairs():
    assert Pairs([1, 2, 100], [2, 6, 100]).ratio == 2
