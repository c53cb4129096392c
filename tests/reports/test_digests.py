"""Files of past days, to the byte (DESIGN, rule 7): on both databases, and from now on.

`digests.json` holds the SHA-256 of each report of the Lingang record for two questions about past
days. A change of the code that changes one of them changes what was once handed out: it wants a
reason that readers will see, and a line in the changelog. Of a spreadsheet it is the sheet with the
rows: the other one explains them in words that may be bettered, and how tightly the archive is
packed is the affair of a library of the machine.
"""

import json
import zipfile
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from tests.factories import World
from tracker.actions import updates
from tracker.models import (
    Body,
    Indicator,
    Milestone,
    Pillar,
    Pledge,
    Programme,
    Responsibility,
    Sector,
    Update,
)
from tracker.reports import REPORTS, labels
from tracker.reports.formats import FORMATS
from tracker.reports.labels import Former
from tracker.rules.asked import NOTHING, Options
from tracker.rules.asof import AsOf
from tracker.vocabulary import Role, Status

DIGESTS = Path(__file__).with_name("digests.json")
#: Long after the day that the record was published on: these days are past, and do not move.
TODAY = date(2030, 1, 1)
QUESTIONS = {
    "end-of-2024": AsOf(TODAY, date(2024, 12, 31), date(2026, 11, 30)),
    "as-published": AsOf(TODAY, date(2026, 11, 30), date(2026, 11, 30)),
}


def made(report, extension, asof, options=NOTHING):
    pledges = Pledge.objects.seen(asof)
    pieces = FORMATS[extension].pieces(report, pledges, asof, options)
    content = b"".join(pieces)
    if extension != "xlsx":
        return content
    with zipfile.ZipFile(BytesIO(content)) as parts:
        return parts.read("xl/worksheets/sheet1.xml")


def digests(questions=QUESTIONS, formats=tuple(FORMATS)):
    return {
        question: {
            f"{report.name}.{extension}": sha256(made(report, extension, asof)).hexdigest()
            for report in REPORTS.values()
            for extension in formats
        }
        for question, asof in questions.items()
    }


def test_every_report_of_a_past_day_is_what_it_was_to_the_byte(lingang):
    assert digests() == json.loads(DIGESTS.read_text("utf-8"))


def _milestones(world):
    """Two milestones of a pledge, in an entry of the record."""
    pledge = Pledge.objects.get(code="P1.01")
    draft = world.draft(pledge)
    for order, title in enumerate(("First step", "Second step"), start=1):
        world.change(draft, world.milestone(pledge, title, order=order))
    entry = updates.submit(draft, by=world.author, at=world.at)
    updates.publish(entry, by=world.reviewer, at=world.at)


def _renamed(row, **values):
    for name in ("title", "name", "summary", "unit"):
        if hasattr(row, f"{name}_en"):
            values |= {f"{name}_en": f"Other {row.pk}", f"{name}_zh": f"另外 {row.pk}"}
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def _all_is_changed(world, monkeypatch):
    """Twenty more entries, corrections, and no name, order or responsibility as it was."""
    pledges = list(Pledge.objects.order_by("code"))
    for pledge in pledges[:20]:
        world.published(pledge, Status.STALLED, effective_on=date(2024, 6, 1))
    for entry in Update.objects.published().filter(corrections=None).order_by("sequence")[:2]:
        world.correction(entry, Status.NOT_RATED, effective_on=entry.effective_on)
    for model in (Programme, Pillar, Sector, Body, Indicator):
        for row in model.objects.all():
            slug = {} if model in (Pillar, Indicator) else {"slug": f"other-{row.pk}"}
            order = {"order": 99 - row.order} if model is Pillar else {}
            code = {"code": f"Z{99 - row.pk}"} if model is Indicator else {}
            _renamed(row, **slug, **order, **code)
    for row in Milestone.objects.all():
        _renamed(row, order=9 - row.order)
    sectors, pillars = list(Sector.objects.all()), list(Pillar.objects.all())
    for place, pledge in enumerate(pledges):
        pledge.refresh_from_db()
        _renamed(pledge, pillar=pillars[place % 2])
        pledge.sectors.set(sectors[:2])
    for responsibility in Responsibility.objects.all():
        responsibility.delete()
    for pledge in pledges[:5]:
        world.responsibility(pledge, Body.objects.first(), Role.SUPPORT)
    former = Former("Status.kept", date(2026, 12, 31), "Kept", "已兑现")
    monkeypatch.setattr(labels, "FORMER", (former,))
    monkeypatch.setattr(Status.KEPT, "_label_", "Done")


def test_whatever_is_published_corrected_and_renamed_later_moves_no_byte(lingang, monkeypatch):
    with time_machine.travel(datetime(2026, 12, 10, tzinfo=UTC), tick=False):
        world = World(datetime(2026, 12, 10, tzinfo=UTC))
        _milestones(world)
    day = date(2026, 12, 20)
    later = {"later": AsOf(TODAY, day, day)}
    before = digests(later, ["csv"])
    by_body = made(REPORTS["summary"], "csv", later["later"], Options(by="body"))
    with time_machine.travel(datetime(2027, 6, 1, tzinfo=UTC), tick=False):
        world.at = datetime(2027, 6, 1, tzinfo=UTC)
        _all_is_changed(world, monkeypatch)
    assert digests(later, ["csv"]) == before
    assert made(REPORTS["summary"], "csv", later["later"], Options(by="body")) == by_body
    kept = json.loads(DIGESTS.read_text("utf-8"))
    for question, found in digests(formats=["csv", "json"]).items():
        assert found == {name: kept[question][name] for name in found}
    # What was done did change every report: of today, not one of them is what it was.
    now = digests({"later": AsOf(date(2027, 6, 1))}, ["csv"])
    assert not set(now["later"].values()) & set(before["later"].values())


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
