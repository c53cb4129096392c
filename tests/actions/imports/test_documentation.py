"""What the documentation says of the code is so."""

import re
from pathlib import Path

import pytest

from tracker.actions.imports.columns import SHAPES

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "importing.md").read_text("utf-8")


@pytest.mark.parametrize("kind", list(SHAPES))
def test_the_columns_that_are_imported_are_those_documented(kind):
    section = TEXT.split(f"## {kind.title()}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(documented) == sorted(column.name for column in SHAPES[kind].columns)
