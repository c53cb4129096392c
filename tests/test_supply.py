"""What the site is made of comes as it was pinned, and is looked at honestly."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]


@pytest.mark.parametrize("name", LOCKS)
def test_each_pinned_package_has_its_digests_and_no_address(name):
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) > 20
    for line in lines:
        assert re.match(r"[a-z0-9._-]+(\[[a-z0-9, _-]+\])?==\S+ ", line), line
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", line), line
        assert "://" not in line
        assert " @ " not in line
        assert "index-url" not in line


def test_what_the_site_needs_is_pinned_for_it():
    """Else tests would have a package by chance that a deployed site has not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name, wanted in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", project["optional-dependencies"]["dev"]),
    ):
        pinned = set(re.findall(r"^([a-z0-9._-]+)(?:\[|==)", (ROOT / name).read_text(), re.M))
        assert [one for one in wanted if re.match(r"[\w-]+", one)[0] not in pinned] == [], name


def test_an_audit_that_cannot_ask_does_not_pass():
    # A name that never resolves, whatever the machine's network: nothing can be asked.
    nowhere = {"https_proxy": "http://audit.invalid:1", "HTTPS_PROXY": "http://audit.invalid:1"}
    environment = os.environ | nowhere | {"BIN": str(Path(sys.executable).parent)}
    done = subprocess.run(
        ["bin/audit", "--timeout", "1", "--cache-dir", str(ROOT / "nowhere-cache")],
        cwd=ROOT,
        env=environment | {"NO_PROXY": "", "no_proxy": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert "NOT passed" in done.stderr


def test_every_exception_from_the_linter_of_security_says_why():
    for path in [*(ROOT / "tracker").rglob("*.py"), *(ROOT / "lingang").rglob("*.py")]:
        for line in path.read_text().splitlines():
            if "nosec" in line:
                assert re.search(r"nosec [B0-9 ]+ # [a-z]{3}", line), f"{path}: {line}"


ASVS = (ROOT / "docs/asvs.md").read_text()


def requirements():
    """Each one of the table: its number, and what meets it."""
    return re.findall(r"^\| ([\d.]+) \| \d \| .*? \| (.*) \|$", ASVS, re.M)


def test_whatever_the_table_of_requirements_names_is_there():
    for number, met in requirements():
        named = re.findall(r"`([^`]+)`", met)
        assert named or re.match("open: .{20}", met), number
        for one in named:
            path, _, test = one.partition("::")
            assert (ROOT / path).is_file(), one
            assert f"def {test}(" in (ROOT / path).read_text() or not test, one


def test_no_requirement_is_left_out_or_counted_twice():
    """ASVS 5.0.0 has 253 of the levels 1 and 2; each is in one of the two tables."""
    apply = [number for number, _met in requirements()]
    others = ASVS.partition("## What does not apply")[2]
    not_apply = re.findall(r"\d+\.\d+\.\d+", others)
    assert len({*apply, *not_apply}) == len(apply) + len(not_apply) == 253
    still_open = [number for number, met in requirements() if met.startswith("open")]
    told = [int(number) for number in re.findall(r"\b\d+\b", ASVS.splitlines()[1])]
    shown = len(apply) - len(still_open)
    # After the version of the standard, and the levels.
    assert [told[0], *told[-3:]] == [253, len(apply), shown, len(still_open)]
    assert f"{len(not_apply)} requirements" in others
