"""`verify_record`: good where all is as it was published, else the first thing that is wrong."""

from datetime import date
from hashlib import sha256
from io import StringIO

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection

from tests.conftest import NOW
from tests.models import raw
from tracker.actions import updates
from tracker.models import FrozenFile, Period, Source, guards
from tracker.reports import freezing
from tracker.vocabulary import Status


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _guards_come_back(db):
    yield
    if guards.missing(connection):
        guards.remove(connection)
        guards.install(connection)


def verify():
    out = StringIO()
    call_command("verify_record", stdout=out)
    return out.getvalue()


def test_the_record_of_lingang_verifies(lingang):
    said = verify()
    assert "FAULT" not in said
    assert said.count("good: ") == 8
    assert "ends with entry 45, digest e6b593d0" in said


def test_an_empty_site_verifies(db):
    assert "ends with entry 0" in verify()


def test_the_first_broken_entry_is_named(world):
    for code in ("P1.01", "P1.02", "P1.03"):
        world.published(world.pledge(code))
    guards.remove(connection)
    raw.sql("UPDATE tracker_update SET narrative_en = 'Otherwise.' WHERE sequence >= 2")
    guards.install(connection)
    with pytest.raises(CommandError, match="entry 2: its content"):
        verify()


def test_a_standing_that_was_forged_is_named(world):
    world.published(world.pledge())
    guards.remove(connection)
    raw.sql("UPDATE tracker_standing SET status = 'kept'")
    guards.install(connection)
    with pytest.raises(CommandError, match=r"pledge P1\.01: its stored standing"):
        verify()


def test_a_guard_that_is_gone_is_named(world):
    guards.remove(connection)
    with pytest.raises(CommandError, match=r"tracker_.* is missing"):
        verify()


def test_a_text_that_was_changed_is_named(world):
    source = Source(
        slug="speech",
        programme=world.programme,
        title_en="Speech",
        publisher_en="City",
        published_on=date(2022, 8, 20),
        language="en",
        text="We will.",
    )
    source.full_clean()
    source.save()
    assert "FAULT" not in verify()
    raw.sql("UPDATE tracker_source SET text = 'We may.'")
    with pytest.raises(CommandError, match="source speech: its text"):
        verify()


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lambda file: file.storage.delete(file.name), "its file is gone"),
        (lambda file: file.open("wb").write(b"other"), "not the one that was published"),
    ],
)
def test_a_file_that_was_changed_is_named(world, settings, tmp_path, tamper, said):
    settings.MEDIA_ROOT = tmp_path
    draft = world.draft(world.pledge(), evidence=0)
    evidence = world.evidence(draft)
    evidence.file = ContentFile(b"text", "notice.txt")
    evidence.clean()
    evidence.save()
    updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )
    assert "FAULT" not in verify()
    tamper(evidence.file)
    evidence.file.close()
    with pytest.raises(CommandError, match=f"evidence {evidence.uid}: .*{said}"):
        verify()


@pytest.fixture
def frozen(world):
    """The files of a closed period, of a record of the day before."""
    world.published(world.pledge(), at=world.later(days=-1))
    period = Period.objects.create(
        programme=world.programme,
        slug="2026-q3",
        name_en="Third quarter",
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 9, 30),
        opened_at=world.at,
        opened_by=world.author,
    )
    for file in freezing.files(period, closed_on=date(2026, 11, 24)):
        file.made_at, file.made_by = world.at, world.author
        file.save()
    return period


def test_frozen_files_are_made_again_whatever_was_renamed_since(world, frozen):
    with time_machine.travel(world.later(days=9), tick=False):
        pledge = world.programme.pledges.get()
        pledge.title_en = world.pillar.title_en = "Renamed"
        pledge.save()
        world.pillar.save()
        world.published(pledge, Status.STALLED, at=world.later(days=9))
    said = verify()
    assert "FAULT" not in said
    assert "good: the frozen files, made again" in said
    (head,) = {file.parameters["head"] for file in FrozenFile.objects.all()}
    assert head.startswith("1 ")


@pytest.mark.parametrize("versions", [{}, {"django": "4.2"}])
def test_a_frozen_file_that_cannot_be_made_again_is_named_with_its_versions(frozen, versions):
    guards.remove(connection)
    file = FrozenFile.objects.get(report="pledges")
    other = bytes(file.content) + b"one row more"
    FrozenFile.objects.filter(pk=file.pk).update(
        content=other, sha256=sha256(other).hexdigest(), versions=file.versions | versions
    )
    guards.install(connection)
    known = "here are django 5" if versions else "with the same versions"
    with pytest.raises(CommandError, match=rf"2026-q3/{file.filename}: made again.*{known}"):
        verify()


def test_a_frozen_file_that_was_changed_is_named(frozen):
    guards.remove(connection)
    FrozenFile.objects.filter(report="pledges").update(content=b"b")
    guards.install(connection)
    with pytest.raises(CommandError, match=r"2026-q3/pledges-.*\.csv: its content"):
        verify()
