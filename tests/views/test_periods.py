"""The frozen files of closed periods: public, and the same bytes for ever."""

from datetime import date, timedelta
from hashlib import sha256

import pytest

from tests.views.addresses import LANGUAGES
from tests.views.test_every_page import faults_of
from tracker.actions import periods
from tracker.models import FrozenFile, Period
from tracker.reports import REPORTS, freezing
from tracker.rules.dates import day_of
from tracker.vocabulary import StaffRole, Status


@pytest.fixture
def manager(world):
    return world.person("manager", StaffRole.MANAGER)


def opened(world, by, slug="2026-q3"):
    period = Period(
        programme=world.programme,
        slug=slug,
        name_en="Third quarter",
        name_zh="第三季度",
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 9, 30),
    )
    return periods.open_(period, by=by, at=world.at)


@pytest.fixture
def period(world, manager):
    """A period that was closed with one of two pledges marked complete."""
    world.at -= timedelta(days=9)
    first, _second = world.pledge("P1.01"), world.pledge("P1.02")
    world.published(first, Status.NOT_STARTED, effective_on=date(2026, 6, 30))
    world.published(first, Status.IN_PROGRESS, effective_on=date(2026, 8, 1))
    world.at += timedelta(days=9)
    period = opened(world, manager)
    periods.mark(period, [first], by=world.author, at=world.at)
    files = list(freezing.files(period, closed_on=day_of(world.at)))
    periods.close(period, by=manager, at=world.at, files=files, although_missing=True)
    return Period.objects.get(pk=period.pk)


def test_an_open_period_is_nowhere(world, manager, client, read):
    opened(world, manager, "secret-period")
    assert "secret-period" not in client.get("/en/periods/").content.decode()
    read("/en/periods/secret-period/", 404)
    for name in REPORTS:
        read(f"/en/periods/secret-period/{name}-2026-09-30-known-2026-11-22.csv", 404)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closed_period_is_listed_with_its_files_and_their_digests(read, period, language):
    page = read(f"/{language}/data/")
    assert f"/{language}/periods/" in page.links
    assert f"/{language}/periods/2026-q3/" in read(f"/{language}/periods/").links
    page = read(f"/{language}/periods/2026-q3/")
    assert faults_of(page, language) == []
    for file in FrozenFile.objects.all():
        assert f"/{language}/periods/2026-q3/{file.filename}" in page.links
        assert file.sha256 in page.texts("code")


def test_the_page_says_what_was_complete(read, period):
    page = read("/en/periods/2026-q3/")
    assert "the entries of 1 of 2 pledges as complete" in page.text
    assert "/en/pledges/P1.02/" in page.links
    assert "/en/pledges/P1.01/" not in page.links


def test_a_file_is_the_same_bytes_as_its_report_made_again_later(world, client, read, period):
    # What is published on the day of closing and later moves nothing.
    world.published(world.programme.pledges.get(code="P1.02"), effective_on=date(2026, 9, 1))
    world.pledge("P1.03")
    texts = read("/zh-hans/periods/2026-q3/").texts("code")
    shown_addresses = [t.removeprefix("http://testserver") for t in texts if t.startswith("http")]
    for file in FrozenFile.objects.all():
        response = client.get(file.get_absolute_url())
        assert response["Content-Disposition"] == f'attachment; filename="{file.filename}"'
        assert sha256(response.content).hexdigest() == file.sha256
        (shown,) = [a for a in shown_addresses if f"/{file.report}.csv" in a]
        assert client.get(shown).getvalue() == response.content
    assert (
        b"P1.01" in client.get(FrozenFile.objects.get(report="pledges").get_absolute_url()).content
    )
    changes = client.get(FrozenFile.objects.get(report="changes").get_absolute_url()).content
    # Of its own days only: the entry of 1 August, and none of the time before.
    assert changes.count(b"\r\n") == 2


def test_as_of_a_day_before_it_was_closed_there_is_no_such_period(read, period):
    for query in ("?as_of=2026-09-29", "?known_on=2026-11-22"):
        assert "/periods/2026-q3/" not in " ".join(read(f"/en/periods/{query}").links)
        read(f"/en/periods/2026-q3/{query}", 404)
    page = read("/en/periods/2026-q3/?as_of=2026-10-01")
    assert "/en/pledges/P1.02/?as_of=2026-10-01" in page.links


@pytest.mark.parametrize("address", ["other.csv", "../pledges.csv", "pledges-2026-09-30.csv"])
def test_other_names_lead_nowhere(read, period, address):
    read(f"/en/periods/2026-q3/{address}", 404)
    read(f"/en/periods/nowhere/{FrozenFile.objects.first().filename}", 404)
