"""A copy of a record makes the same record on an empty site, with the same reports."""

import io
import json
import zipfile
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.http import QueryDict

from tests.factories import World
from tests.nouns import NOUNS
from tracker.actions import periods, replies, updates
from tracker.actions.copies import Archive, BadCopy, bring_in
from tracker.forms.reports import asked_of_report
from tracker.models import (
    Completion,
    Evidence,
    FrozenFile,
    Indicator,
    Measurement,
    Milestone,
    MilestoneChange,
    Period,
    Pledge,
    Programme,
    Reply,
    Responsibility,
    Source,
    Standing,
    Update,
    guards,
)
from tracker.queries import chain
from tracker.queries.copies import TABLES, WITHIN
from tracker.queries.verification import checks
from tracker.reports import REPORTS, copies, freezing
from tracker.reports.coverage import reason
from tracker.reports.formats import FORMATS
from tracker.vocabulary import MilestoneState, StaffRole, Status

DAYS = ["", "as_of=2024-06-30", "as_of=2025-03-01&known_on=2025-03-01"]


def moment(*day):
    return datetime(*day, 4, tzinfo=UTC)


def renamed(row, at, **values):
    for name, value in values.items():
        setattr(row, name, value)
    with time_machine.travel(at, tick=False):
        row.save()


@pytest.fixture
def record(transactional_db, settings, tmp_path):
    """A record with a bit of everything, and with what nobody may see."""
    settings.MEDIA_ROOT = tmp_path / "media"
    with time_machine.travel(moment(2024, 1, 10), tick=False):
        world = World(at=moment(2024, 1, 10))
        ministry, office = world.body(), world.body("office")
        hydrogen, gone = world.sector(), world.sector("gone")
        whole, part = world.pledge("P1.01"), world.pledge("P1.02")
        Pledge.objects.filter(pk=part.pk).update(parent=whole)
        world.responsibility(whole, ministry)
        named = world.responsibility(part, office, "support")
        whole.sectors.set([hydrogen, gone])
        world.pledge("P9.99", public=False, title_en="SECRET pledge")
        step = world.milestone(whole, "First step")
        first = world.draft(
            whole, effective_on=date(2024, 1, 2), narrative_en='=1+1, "quoted"\nand 临港'
        )
        world.change(first, step, due_on=date(2024, 12, 31), due_precision="day")
        publish(world, first)
        held = world.draft(whole, Status.IN_PROGRESS, effective_on=date(2024, 1, 3), evidence=0)
        evidence = world.evidence(held, title="A document of ours")
        evidence.file = ContentFile(b"What it says.", name="x.txt")
        evidence.clean()
        evidence.save()
        world.change(held, step, state=MilestoneState.DONE, done_on=date(2024, 1, 3))
        entry = publish(world, held)
        world.draft(whole, narrative_en="SECRET draft")
        Source.objects.create(
            slug="text",
            programme=world.programme,
            title_en="The text",
            publisher_en="The press",
            published_on=date(2022, 8, 20),
            language="en",
            text="we will do P1.01",
            sha256=sha256(b"we will do P1.01").hexdigest(),
        )
        indicator = Indicator.objects.create(
            programme=world.programme, code="I1", name_en="Output", unit_en="tonnes"
        )
        Measurement.objects.create(
            indicator=indicator,
            value="12.5000",
            measured_on=date(2023, 12, 31),
            publisher="Office",
            url="https://example.org/",
            published_at=world.at,
            published_by=world.reviewer,
        )
    renamed(ministry, moment(2024, 9, 1), name_en="Great Ministry")
    renamed(whole, moment(2024, 10, 1), title_en="A better title")
    renamed(world.pillar, moment(2025, 2, 1), title_en="Foremost pillar")
    with time_machine.travel(moment(2025, 5, 1), tick=False):
        whole.sectors.remove(gone)
        gone.delete()
        named.delete()
    with time_machine.travel(moment(2025, 6, 1), tick=False):
        world.at = moment(2025, 6, 1)
        world.correction(entry, Status.STALLED)
        kept = world.published(whole, Status.KEPT, effective_on=date(2025, 5, 1))
        manager = world.person("manager", *StaffRole)
        answer = Reply.objects.create(
            update=kept,
            body=ministry,
            text_en="We did.",
            edited_at=world.at,
            edited_by=world.author,
        )
        replies.publish(answer, by=manager, at=world.at)
        half = periods.open_(
            Period(
                programme=world.programme,
                slug="first-half",
                name_en="First half",
                starts_on=date(2024, 1, 1),
                ends_on=date(2024, 6, 30),
            ),
            by=manager,
            at=world.at,
        )
        periods.mark(half, [whole], by=manager, at=world.at)
        kept_files = list(freezing.files(half, closed_on=date(2025, 6, 1)))
        periods.close(half, by=manager, at=world.at, files=kept_files, although_missing=True)
    return world


def publish(world, draft):
    submitted = updates.submit(draft, by=world.author, at=world.at)
    return updates.publish(submitted, by=world.reviewer, at=world.at)


def copy():
    with copies.whole() as file:
        return file.read()


def files():
    """Every public report in every format, of today and of past days."""
    made = {}
    for report in REPORTS.values():
        for days in DAYS:
            asked = asked_of_report(
                QueryDict(days), today=date(2026, 11, 23), takes=report.parameters
            )
            for name in ("csv", "json"):
                pieces = FORMATS[name].pieces(report, asked.pledges, asked.asof, asked.options)
                made[report.name, days, name] = b"".join(pieces)
    return made


def emptied():
    guards.remove(connection)
    try:
        call_command("flush", interactive=False, verbosity=0)
    finally:
        guards.install(connection)


def brought(content):
    return bring_in(Archive(io.BytesIO(content)))


@pytest.mark.usefixtures("record")
def test_what_is_brought_in_gives_the_same_bytes_again():
    content, before = copy(), files()
    assert content == copy()
    emptied()
    counts = brought(content)
    assert counts["entries"] == Update.objects.count() == 4
    assert copy() == content
    assert files() == before
    assert [check.name for check in checks(date(2026, 11, 23)) if check.fault] == []
    assert Milestone.objects.count() == 1


@pytest.mark.usefixtures("record")
def test_a_copy_holds_nothing_that_is_not_public():
    content = copy()
    for secret in (b"SECRET", b"P9.99", b"author", b"reviewer"):
        assert secret not in content
    assert b"A document of ours" in content
    assert b"What it says." in content


@pytest.mark.usefixtures("record")
def test_a_record_that_is_there_is_not_added_to():
    content = copy()
    with pytest.raises(BadCopy, match="has a record already"):
        brought(content)


def changed(content, name, change):
    """The copy with one member changed, and a manifest that knows it."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        manifest = json.loads(old.read("manifest.json"))
        for member in old.namelist():
            data = old.read(member)
            if member == name:
                data = change(data)
                manifest["members"][member]["sha256"] = sha256(data).hexdigest()
            if member != "manifest.json":
                new.writestr(member, data)
        new.writestr("manifest.json", json.dumps(manifest))
    return target.getvalue()


FAULTS = {
    "an entry says something else": (
        "record.jsonl",
        lambda data: data.replace(b'"stalled"', b'"kept"'),
        "record.jsonl, line",
    ),
    "a row names what is not there": (
        "passages.jsonl",
        lambda data: data + b'{"now":{"source":"none","start":0,"end":2,"pledge":null}}\n',
        "passages.jsonl, line 1: nothing in the copy is called 'none'",
    ),
    "a field is wrong": (
        "bodies.jsonl",
        lambda data: data.replace(b'"slug":"ministry"', b'"slug":"no slug!"', 1),
        "bodies.jsonl, line 1: slug",
    ),
    "a line is no JSON": ("pledges.jsonl", lambda data: b"{\n" + data, "pledges.jsonl, line 1"),
}


@pytest.mark.usefixtures("record")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_copy_that_does_not_hold_leaves_nothing(fault):
    name, change, said = FAULTS[fault]
    content = changed(copy(), name, change)
    emptied()
    with pytest.raises(BadCopy) as refused:
        brought(content)
    assert said in str(refused.value)
    assert not Programme.objects.exists()
    assert not Pledge.objects.exists()


def test_what_is_no_copy_is_refused(tmp_path, db):
    def refused(content, said):
        with pytest.raises(BadCopy, match=said):
            Archive(io.BytesIO(content))

    refused(b"not a zip", "no zip file")
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    refused(empty.getvalue(), "manifest.json")
    content = copy()
    broken = content.replace(b"manifest.json", b"manifesto.jso")
    refused(broken, "manifest.json")
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        assert "record.jsonl" in whole.namelist()


def test_the_commands_write_and_read_it(record, tmp_path):
    made = tmp_path / "record.zip"
    call_command("export_record", output=made)
    assert made.read_bytes() == copy()
    with pytest.raises(CommandError, match="has a record already"):
        call_command("import_record", made)
    emptied()
    call_command("import_record", made, dry_run=True)
    assert not Programme.objects.exists()
    call_command("import_record", made)
    assert made.read_bytes() == copy()


def test_readers_can_take_it_away(client, lingang):
    page = client.get("/en/data/").content.decode()
    assert 'href="/en/data/record.zip"' in page
    response = client.get("/en/data/record.zip")
    assert response["Content-Disposition"] == 'attachment; filename="record.zip"'
    assert response.getvalue() == copy()


def test_the_import_of_tables_says_what_such_a_file_is(lingang, tmp_path):
    made = tmp_path / "record.zip"
    call_command("export_record", output=made)
    with pytest.raises(CommandError, match="import_record"):
        call_command("import_pledges", made)


@pytest.mark.parametrize("model", NOUNS, ids=lambda model: model.__name__)
def test_each_field_is_in_the_copy_or_is_nobody_s(model):
    held = {(table.model, name) for table in TABLES for name in table.fields}
    held |= {(noun, name) for noun, names in WITHIN.items() for name in names}
    held |= {(Update, name) for name in (*chain._ENTRY, "corrects", "pledge", "sequence", "digest")}
    held |= {(Evidence, name) for name in (*chain._EVIDENCE, "update")}
    held |= {(MilestoneChange, name) for name in (*chain._CHANGE, "milestone", "update")}
    held |= {(Responsibility, "pledge"), (Completion, "period"), (FrozenFile, "period")}
    for field in [*model._meta.concrete_fields, *model._meta.many_to_many]:
        is_there = field.primary_key or (model, field.name) in held
        if not is_there and (model.__name__, field.name) not in FOLLOWS:
            said = reason(model.__name__, field.name)
            assert said, field
            assert "no table yet" not in said, field


STEPS = ("version", "edited_at", "edited_by", "opened_at", "opened_by", "closed_by", "published_by")
#: What another site comes to by itself: where pledges stand follows from their entries.
FOLLOWS = {
    *(("Standing", field.name) for field in Standing._meta.concrete_fields),
    # Steps of the work on the desk, and who took them.
    *((model, name) for model in ("Reply", "Period", "FrozenFile") for name in STEPS),
    ("Period", "due_on"),
}
