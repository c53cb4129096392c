"""A reporting period: who opens, completes and closes it, and that closing is for ever."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from tracker.actions import periods
from tracker.actions.updates import Refused
from tracker.models import Completion, FrozenFile, Period
from tracker.queries.periods import completeness
from tracker.reports import REPORTS, freezing
from tracker.rules.chain import START
from tracker.rules.dates import day_of
from tracker.vocabulary import Refusal, StaffRole


@pytest.fixture
def manager(world):
    return world.person("manager", StaffRole.MANAGER)


@pytest.fixture
def harbour(world):
    return world.body("harbour")


@pytest.fixture
def editor(world, harbour):
    return world.person("harbour-editor", StaffRole.EDITOR, bodies=[harbour])


def opened(world, by, **values):
    period = Period(
        programme=world.programme,
        slug="2026-q3",
        name_en="Third quarter",
        **({"starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 30)} | values),
    )
    return periods.open_(period, by=by, at=world.at)


def closed(world, period, by, **values):
    files = list(freezing.files(period, closed_on=day_of(world.at)))
    return periods.close(period, by=by, at=world.at, files=files, **values)


def refused_for(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.refusals


def test_only_a_manager_of_every_body_opens_and_closes(world, manager, harbour):
    local = world.person("local", StaffRole.MANAGER, bodies=[harbour])
    for person in (world.author, world.reviewer, local):
        with pytest.raises(PermissionDenied):
            opened(world, person)
    period = opened(world, manager)
    assert (period.opened_by, period.opened_at) == (manager, world.at)
    for person in (world.author, world.reviewer, local):
        with pytest.raises(PermissionDenied):
            closed(world, period, person)
    assert Period.objects.open().get() == period


def test_an_editor_marks_what_is_in_care_once_and_takes_it_back(world, manager, harbour, editor):
    mine, other = world.pledge("P1.01"), world.pledge("P1.02")
    world.responsibility(mine, harbour, "support")
    period = opened(world, manager)
    assert len(periods.mark(period, [mine], by=editor, at=world.at)) == 1
    assert periods.mark(period, [mine], by=world.author, at=world.at) == []
    assert Completion.objects.get().marked_by == editor
    for pledges, by in (([other], editor), ([mine, other], editor), ([other], world.reviewer)):
        with pytest.raises(PermissionDenied):
            periods.mark(period, pledges, by=by, at=world.at)
    with pytest.raises(PermissionDenied):
        periods.unmark(period, [mine], by=world.reviewer)
    periods.unmark(period, [mine], by=editor)
    assert not Completion.objects.exists()


@pytest.mark.parametrize(
    "values", [{"public": False}, {"announced_on": date(2026, 10, 1)}], ids=["hidden", "later"]
)
def test_a_period_asks_about_public_pledges_announced_by_its_end(world, manager, values):
    pledge = world.pledge(**values)
    period = opened(world, manager)
    act = lambda: periods.mark(period, [pledge], by=world.author, at=world.at)  # noqa: E731
    assert refused_for(act) == [Refusal.NOT_IN_PERIOD]
    assert completeness(period).share.total == 0


def test_what_is_missing_is_plain_pledge_by_pledge_and_body_by_body(world, manager, harbour):
    first, second, third = (world.pledge(f"P1.0{n}") for n in (1, 2, 3))
    schools = world.body("schools")
    for pledge, body in ((first, harbour), (second, harbour), (second, schools)):
        world.responsibility(pledge, body)
    world.published(first, effective_on=date(2026, 7, 1))
    world.published(first, effective_on=date(2026, 6, 30))
    period = opened(world, manager)
    periods.mark(period, [first], by=world.author, at=world.at)
    found = completeness(period)
    assert [(a.pledge.code, a.is_complete, a.entries) for a in found.asked] == [
        ("P1.01", True, 1),
        ("P1.02", False, 0),
        ("P1.03", False, 0),
    ]
    assert [(p.body and p.body.slug, p.share.done, p.share.total) for p in found.parts] == [
        ("harbour", 1, 2),
        ("schools", 0, 1),
        (None, 0, 1),
    ]
    assert (found.share.percent, found.missing) == (33, [second, third])


def test_it_is_closed_after_its_last_day_and_with_gaps_only_on_purpose(world, manager):
    pledge = world.pledge()
    period = opened(world, manager, ends_on=day_of(world.at))
    assert refused_for(lambda: closed(world, period, manager)) == [
        Refusal.PERIOD_NOT_OVER,
        Refusal.PERIOD_INCOMPLETE,
    ]
    Period.objects.update(ends_on=day_of(world.at) - timedelta(days=1))
    period.refresh_from_db()
    assert refused_for(lambda: closed(world, period, manager)) == [Refusal.PERIOD_INCOMPLETE]
    assert not FrozenFile.objects.exists()
    assert closed(world, period, manager, although_missing=True) == [pledge]
    assert Period.objects.closed().get().closed_by == manager


def test_closed_it_never_changes_again(world, manager):
    pledge = world.pledge()
    period = opened(world, manager)
    periods.mark(period, [pledge], by=world.author, at=world.at)
    assert closed(world, period, manager) == []
    for act in (
        lambda: periods.mark(period, [pledge], by=world.author, at=world.at),
        lambda: periods.unmark(period, [pledge], by=world.author),
        lambda: closed(world, period, manager),
    ):
        assert refused_for(act) == [Refusal.PERIOD_CLOSED]
    for write in (
        lambda: Period.objects.update(name_en="Other"),
        lambda: Completion.objects.all().delete(),
        lambda: FrozenFile.objects.update(sha256="0" * 64),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    # A pledge that becomes public later was not asked about.
    world.at += timedelta(days=1)
    world.pledge("P1.02")
    assert completeness(Period.objects.get()).share.total == 1


def test_files_of_other_days_are_refused(world, manager):
    period = opened(world, manager)
    files = list(freezing.files(period, closed_on=day_of(world.at)))
    Period.objects.update(ends_on=date(2026, 8, 31))
    act = lambda: periods.close(period, by=manager, at=world.at, files=files)  # noqa: E731
    assert refused_for(act) == [Refusal.CHANGED_MEANWHILE]
    assert not FrozenFile.objects.exists()


def test_each_report_is_frozen_with_all_that_is_needed_to_make_it_again(world, manager):
    world.published(world.pledge())
    period = opened(world, manager)
    closed(world, period, manager, although_missing=True)
    files = list(FrozenFile.objects.all())
    assert [file.report for file in files] == sorted(REPORTS)
    for file in files:
        days = {"from": "2026-06-30", "to": "2026-09-30"}
        assert file.parameters == {
            "programme": "test",
            "as_of": "2026-09-30",
            "known_on": "2026-11-22",
            # On the day before, nothing had been published.
            "head": f"0 {START}",
        } | (days if REPORTS[file.report].takes_period else {})
        assert set(file.versions) == {"python", "django", "pledge-tracker"}
        assert (file.made_by, file.made_at) == (manager, world.at)
        assert sha256(file.content).hexdigest() == file.sha256
