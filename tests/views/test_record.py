"""The record for download, and the script with which a citizen checks it by themselves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tracker.queries import chain


@pytest.fixture
def record(client, lingang, tmp_path):
    response = client.get("/en/data/record.jsonl")
    assert response["Content-Disposition"] == 'attachment; filename="record.jsonl"'
    path = tmp_path / "record.jsonl"
    path.write_bytes(b"".join(response.streaming_content))
    return path


def check(path, *head):
    """What the script says and its exit code; `-I` keeps this project out of its reach."""
    script = finders.find("check_record.py")
    done = subprocess.run(
        [sys.executable, "-I", script, str(path), *head],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr, done.returncode


def changed(path, number, change):
    """Makes `change` to the line of entry `number`; None takes the line out."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    lines[number - 1] = "" if change is None else change(lines[number - 1])
    path.write_text("".join(lines), "utf-8")


def test_a_downloaded_record_is_whole(record):
    said, code = check(record)
    assert (said, code) == (
        f"Whole: 45 entries, the last with digest {chain.head().digest}\n",
        0,
    )


def test_it_leads_past_an_earlier_head(record):
    earlier = json.loads(record.read_text("utf-8").splitlines()[9])["digest"]
    assert check(record, earlier)[1] == 0
    said, code = check(record, "0" * 64)
    assert code == 1
    assert "does not hold the digest" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda line: line.replace('"effective_on":"20', '"effective_on":"19'), "entry 7 is not"),
        (None, "entry 7 is missing"),
        (lambda line: line[: len(line) // 2] + "\n", "line 7 is no entry"),
        (lambda line: "[]\n", "line 7 is no entry"),
    ],
)
def test_the_first_broken_entry_is_named(record, change, said):
    changed(record, 7, change)
    answer, code = check(record)
    assert said in answer
    assert code == 1


def test_a_file_that_is_not_there_is_said_to_be(tmp_path):
    assert check(Path(tmp_path / "nowhere"))[1] == 1
