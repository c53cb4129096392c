"""The texts of `make formulas`, and what the guard makes of them. That LibreOffice runs none of
them is the command's to show: it is not installed everywhere."""

import re
import subprocess
import sys
from itertools import islice

import pytest

from bench import data
from bench.formulas.texts import hostile
from tracker.rules.cells import begins_as_formula, guarded, unguarded

pytestmark = pytest.mark.sqlite_only
#: Where LibreOffice, as it offers by itself, begins a cell in a text that is not in quotes. A text
#: with a comma or a line's end is.
PARTED = re.compile("[;\t]")
IN_QUOTES = re.compile('[,"\r\n]')


def would_run(text):
    cells = [text] if IN_QUOTES.search(text) else PARTED.split(text)
    return any(map(begins_as_formula, cells))


def test_no_part_of_a_hostile_text_is_left_to_run():
    texts = list(hostile(7, 3000))
    assert sum(map(would_run, texts)) > 1000
    assert [text for text in texts if would_run(guarded(text))] == []
    assert [text for text in texts if unguarded(guarded(text)) != text] == []


def test_another_seed_makes_other_texts():
    assert list(hostile(7, 50)) == list(islice(hostile(7, 60), 50)) != list(hostile(8, 50))


def test_where_the_program_is_missing_nothing_is_said_to_be_good():
    done = subprocess.run(
        [sys.executable, "-m", "bench.formulas"],
        cwd=data.ROOT,
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "NOT SHOWN HERE" in done.stdout
