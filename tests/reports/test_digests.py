"""Files of past days, to the byte (DESIGN, rule 7): on both databases, and from now on.

`digests.json` holds the SHA-256 of each report of the Lingang record for two questions about past
days. A change of the code that changes one of them changes what was once handed out: it wants a
reason that readers will see, and a line in the changelog. Of a spreadsheet it is the sheet with the
rows: the other one explains them in words that may be bettered, and how tightly the archive is
packed is the affair of a library of the machine.
"""

import json
import zipfile
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from tracker.models import Pledge
from tracker.reports import REPORTS
from tracker.reports.formats import FORMATS
from tracker.rules.asked import Options
from tracker.rules.asof import AsOf

DIGESTS = Path(__file__).with_name("digests.json")
#: Long after the day that the record was published on: these days are past, and do not move.
TODAY = date(2030, 1, 1)
QUESTIONS = {
    "end-of-2024": AsOf(TODAY, date(2024, 12, 31), date(2026, 11, 30)),
    "as-published": AsOf(TODAY, date(2026, 11, 30), date(2026, 11, 30)),
}


def made(report, extension, asof):
    pledges = Pledge.objects.seen(asof)
    pieces = FORMATS[extension].pieces(report, pledges, asof, Options())
    content = b"".join(pieces)
    if extension != "xlsx":
        return content
    with zipfile.ZipFile(BytesIO(content)) as parts:
        return parts.read("xl/worksheets/sheet1.xml")


def digests():
    return {
        question: {
            f"{report.name}.{extension}": sha256(made(report, extension, asof)).hexdigest()
            for report in REPORTS.values()
            for extension in FORMATS
        }
        for question, asof in QUESTIONS.items()
    }


def test_every_report_of_a_past_day_is_what_it_was_to_the_byte(lingang):
    assert digests() == json.loads(DIGESTS.read_text("utf-8"))


def test_the_address_and_the_command_give_these_bytes_too(lingang, client, tmp_path):
    days = {"as_of": "2024-12-31", "known_on": "2026-11-30"}
    kept = json.loads(DIGESTS.read_text("utf-8"))["end-of-2024"]
    target = tmp_path / "file"
    with time_machine.travel(f"{TODAY}T12:00:00+08:00", tick=False):
        for name in REPORTS:
            download = client.get(f"/zh-hans/data/{name}.csv", days).getvalue()
            call_command(
                "report", name, "--as-of", days["as_of"], "--known-on", days["known_on"],
                output=target,
            )  # fmt: skip
            assert sha256(download).hexdigest() == kept[f"{name}.csv"], name
            assert target.read_bytes() == download, name


def test_the_files_are_in_the_order_of_bytes_whatever_the_database_s_language(world):
    for code in ("P11", "P1.9", "P1-9", "P1.10"):
        world.published(world.pledge(code))
    asof = AsOf(TODAY)
    for name, column in (("pledges", "code"), ("changes", "pledge")):
        rows = json.loads(made(REPORTS[name], "json", asof))["rows"]
        assert [row[column] for row in rows] == ["P1-9", "P1.10", "P1.9", "P11"]


@pytest.mark.postgresql_only
def test_the_order_says_so_to_postgresql(world):
    """The server of these tests sorts by bytes anyway; others sort by a language."""
    asof = AsOf(TODAY)
    asked = REPORTS["pledges"].rows(Pledge.objects.seen(asof), asof, Options())
    assert 'ORDER BY "tracker_pledge"."code" COLLATE "C"' in str(asked.query)
