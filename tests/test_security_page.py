"""`docs/security.md` says what is so: its figures, its tables of the database, what it names."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/security.md").read_text()
MIB = 2**20


def section(title):
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text):
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]


def value_of(name):
    """What stands under a name: `settings.X`, `module.X` or `module.Class.X`."""
    *path, last = name.split(".")
    if path == ["settings"]:
        return getattr(settings, last)
    *module, owner = path
    if owner[0].isupper():
        return getattr(getattr(import_module(".".join(module)), owner), last)
    return getattr(import_module(".".join(path)), last)


LIMITS = [row for row in rows(section("Limits")) if "`" in row[-1]]


@pytest.mark.parametrize("row", LIMITS, ids=lambda row: row[0])
def test_each_limit_is_the_one_that_is_in_force(row):
    named = re.findall(r"`([^`]+)`", row[-1])
    if named[0].startswith("deploy/"):
        text = (ROOT / named[0]).read_text()
        for words in named[1:]:
            assert words in text
            # The figure that is read is the one that is set.
            assert re.search(r"\d+", words.partition("=")[2] or words)[0] in row[1], words
        return
    for name in named:
        value = value_of(name)
        is_size = name.endswith(("_BYTES", "_UNPACKED"))
        size = f"{value // MIB} MiB" if is_size else f"{value:,}"
        assert re.search(rf"\b{re.escape(size)}\b", row[1]), f"{name} is {size}"


def test_the_limits_are_all_read():
    assert len(LIMITS) == 20


def test_every_table_of_the_database_has_its_level_its_time_and_its_readers():
    held = [row for row in rows(section("What is held")) if len(row) == 5]
    named = {name for row in held for name in re.findall(r"`(\w+)`", row[0])}
    there = {m.__name__ for m in apps.get_models() if not m.__name__.startswith("Historical")}
    assert named == there


def test_what_it_names_is_there():
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", PAGE):
        assert (ROOT / "docs" / link).resolve().is_file(), link
    for path in re.findall(r"`((?:tests|tracker|deploy)/[\w./@-]+)`", PAGE):
        assert (ROOT / path).is_file(), path
    for link, place in re.findall(r"\]\(([\w.-]+)#([\w-]+)\)", PAGE):
        titles = re.findall(r"^#+ (.+)$", (ROOT / "docs" / link).read_text(), re.M)
        marks = {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in titles}
        assert place in marks, f"{link}#{place}"
