"""My desk: what needs one person today, and that each count is that of the list behind it."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin.desk import address, evidence_row, form_of, messages_of, signed_in
from tests.conftest import NOW
from tests.views.markup import Page
from tracker.actions import updates
from tracker.models import Period, Update
from tracker.rules.dates import day_of
from tracker.vocabulary import StaffRole, Status, UpdateState

pytestmark = pytest.mark.usefixtures("clock")

TODAY = day_of(NOW)


@pytest.fixture
def harbour(world):
    return world.body("harbour")


@pytest.fixture
def editor(world, harbour):
    return world.person("ed", StaffRole.EDITOR, bodies=[harbour])


@pytest.fixture
def reviewer(world, harbour):
    return world.person("rev", StaffRole.REVIEWER, bodies=[harbour])


def led(world, body, code, *, status=Status.IN_PROGRESS, recorded=TODAY, **values):
    """A pledge that a body leads, with one entry of a day."""
    row = world.pledge(code, **values)
    world.responsibility(row, body)
    if status:
        world.published(row, status, effective_on=recorded)
    return row


def due(days):
    return {"original_due_on": TODAY + timedelta(days=days), "original_due_precision": "day"}


def desk_of(person, language="en"):
    client = signed_in(person)
    client.cookies["django_language"] = language
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 200
    return answer.context["desk"], Page(answer.content.decode())


def listed(person, link):
    """How many rows the list behind a link has."""
    return signed_in(person).get(link).context["cl"].result_count


def test_who_has_nothing_to_do_is_told_so(world, editor, reviewer):
    for person in (editor, reviewer, world.person("manager", StaffRole.MANAGER)):
        found, page = desk_of(person)
        assert found.is_clear
        assert "Nothing needs you today." in page.text
    assert "今天没有需要您处理的事项。" in desk_of(editor, "zh-hans")[1].text


def test_pledges_late_stale_or_bare_stand_there_with_the_reason(world, harbour, editor):
    late = led(world, harbour, "P1.01", **due(-10))
    stale = led(world, harbour, "P1.02", recorded=TODAY - timedelta(days=400))
    bare = led(world, harbour, "P1.03", status=None, announced_on=TODAY)
    led(world, harbour, "P1.04")
    led(world, world.body("schools"), "P1.05", **due(-10))
    found, page = desk_of(editor)
    assert [needy.pledge for needy in found.pledges.rows] == [late, stale, bare]
    assert "Late: was due Nov. 13, 2026" in page.text
    assert "Nothing recorded for 400 days" in page.text
    assert {flag.flag.value: flag.count for flag in found.flags} == {
        "late": 1,
        "stale": 1,
        "no_evidence": 1,
    }
    # Straight to the form of an update.
    for pledge in (late, stale, bare):
        assert f"{address('update', 'add')}?pledge={pledge.pk}" in page.links


@pytest.mark.parametrize("flag", ["late", "stale", "no_evidence", "any"])
def test_each_flag_s_count_is_that_of_the_list_behind_it(world, harbour, editor, flag):
    for number in range(1, 8):
        led(world, harbour, f"P1.0{number}", recorded=TODAY - timedelta(days=400), **due(-10))
    led(world, harbour, "P2.01", status=None)
    world.responsibility(world.pledge("P2.02", public=False, **due(-10)), harbour)
    found, page = desk_of(editor)
    (link,) = {a for a in page.links if f"flag={flag}&public=1" in a}
    wanted = {each.flag.value: each.count for each in found.flags} | {"any": found.pledges.total}
    assert listed(editor, link) == wanted[flag] > 0
    if flag == "any":
        assert (len(found.pledges.rows), found.pledges.more) == (5, 3)
        assert "and 3 more" in page.text


def test_what_was_returned_and_drafted_is_the_writer_s_alone(world, harbour, editor):
    pledge = led(world, harbour, "P1.01")
    mine = {"created_by": editor, "edited_by": editor}
    returned = updates.submit(world.draft(pledge, **mine), by=editor, at=world.at)
    updates.return_(returned, by=world.reviewer, at=world.at, reason="Cite the notice.")
    draft = world.draft(pledge, **mine)
    world.draft(pledge)
    shared = world.draft(pledge)
    shared.writers.add(editor)
    found, page = desk_of(editor)
    assert found.returned.rows == (returned,)
    assert set(found.drafts.rows) == {draft, shared}
    assert "Returned by reviewer on Nov. 23, 2026: “Cite the notice.”" in page.text
    for state, few in (("returned", found.returned), ("draft", found.drafts)):
        (link,) = {a for a in page.links if f"state__exact={state}&mine=1" in a}
        assert listed(editor, link) == few.total
    colleague = world.person("colleague", StaffRole.EDITOR, bodies=[harbour])
    assert not desk_of(colleague)[0].drafts


def test_the_queue_is_the_reviewer_s_oldest_first_with_how_long_each_waits(
    world, harbour, reviewer, editor
):
    pledge = led(world, harbour, "P1.01")
    for days in (1, 9, 3):
        draft = world.draft(pledge)
        updates.submit(draft, by=world.author, at=world.later(days=-days))
    world.submitted(led(world, world.body("schools"), "P1.02"))
    found, page = desk_of(reviewer)
    assert [waiting.days for waiting in found.queue.rows] == [9, 3, 1]
    assert "Waiting for 9 days" in page.text
    (link,) = {a for a in page.links if "state__exact=submitted" in a}
    rows = signed_in(reviewer).get(link).context["cl"].result_list
    assert [row.pk for row in rows] == [waiting.update.pk for waiting in found.queue.rows]
    assert not found.pledges  # Writing is not a reviewer's work.
    assert not desk_of(editor)[0].queue


def test_milestones_due_within_thirty_days_or_late(world, harbour, editor):
    pledge = led(world, harbour, "P1.01")
    draft = world.draft(pledge, effective_on=TODAY)
    for days in (-3, 0, 30, 31):
        step = world.milestone(pledge, f"Step {days}")
        world.change(draft, step, due_on=TODAY + timedelta(days=days), due_precision="day")
    done = world.milestone(pledge, "Done")
    world.change(draft, done, state="done", done_on=TODAY, due_on=TODAY, due_precision="day")
    assert not desk_of(editor)[0].milestones
    updates.submit(draft, by=world.author, at=world.at)
    updates.publish(draft, by=world.reviewer, at=world.at)
    found, page = desk_of(editor)
    assert [near.days for near in found.milestones.rows] == [-3, 0, 30]
    assert (found.milestones_late, found.milestones_soon) == (1, 2)
    assert "Late by 3 days (was due Nov. 20, 2026)" in page.text
    assert "Due today" in page.text
    for which, count in (("late", 1), ("soon", 2)):
        (link,) = {a for a in page.links if f"awaited={which}" in a}
        assert listed(editor, link) == count


def test_a_period_is_marked_from_the_desk_and_the_manager_sees_what_is_missing(
    world, harbour, editor
):
    first, second = led(world, harbour, "P1.01"), led(world, harbour, "P1.02")
    led(world, world.body("schools"), "P1.03")
    manager = world.person("manager", StaffRole.MANAGER)
    Period.objects.create(
        programme=world.programme,
        slug="q",
        name_en="Third quarter",
        starts_on=date(2026, 7, 1),
        ends_on=date(2026, 9, 30),
        opened_at=world.at,
        opened_by=manager,
    )
    found, page = desk_of(editor)
    assert found.periods[0].missing.rows == (first, second)
    assert "0 of 2 complete (0%)" in page.text
    (form, _other) = page.all("form", class_="row-form")
    client = signed_in(editor)
    sent = {"pledge": first.pk, "next": reverse("admin:index")}
    answer = client.post(form["action"], sent, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("admin:index")
    assert messages_of(answer) == ["1 entry is marked complete."]
    assert answer.context["desk"].periods[0].missing.rows == (second,)
    found, page = desk_of(manager)
    assert [(m.body.slug, m.count) for m in found.periods[0].bodies] == [
        ("harbour", 1),
        ("schools", 1),
    ]
    assert reverse("admin:reports") in page.links
    assert "1 of 3 complete (33%)" in page.text


def test_from_signing_in_to_a_submitted_update_in_four_pages(world, harbour, editor, client):
    pledge = led(world, harbour, "P1.01", **due(-10))
    credentials = {"username": "ed", "password": "correct horse battery staple"}
    first = client.get(reverse("admin:index"), follow=True)
    desk = client.post(first.redirect_chain[-1][0], credentials, follow=True)
    (link,) = {a for a in Page(desk.content.decode()).links if f"?pledge={pledge.pk}" in a}
    form = client.get(link)
    typed = form_of(form) | {
        "effective_on": "2026-11-20",
        "narrative_en": "Ground was broken.",
        "_submit": "1",
    }
    done = client.post(link, typed | evidence_row(), follow=True)
    assert messages_of(done)[-1] == "Submitted for review."
    assert Update.objects.get(state=UpdateState.SUBMITTED).pledge == pledge
    # Signing in, the desk, the form, the update as submitted.
    assert len([first, desk, form, done]) <= 4


def test_who_may_bring_files_in_is_led_there(world, editor, reviewer):
    link = address("importfile", "add")
    assert link in desk_of(editor)[1].links
    assert link not in desk_of(reviewer)[1].links


def test_the_header_names_the_person_s_bodies_and_leads_to_the_site(world, editor):
    _found, page = desk_of(editor)
    assert "ed Harbour View the site" in page.text
    assert "author Every body" in desk_of(world.author)[1].text


def test_the_number_of_queries_does_not_grow_with_the_record(world, harbour, editor):
    editor.groups.add(world.groups[StaffRole.REVIEWER])

    def more(numbers):
        for n in numbers:
            row = led(world, harbour, f"P1.{n:02}", recorded=TODAY - timedelta(days=400))
            draft = world.draft(row, effective_on=TODAY - timedelta(days=390))
            world.change(draft, world.milestone(row), due_on=TODAY, due_precision="day")
            updates.submit(draft, by=world.author, at=world.at)
            updates.publish(draft, by=world.reviewer, at=world.at)
            world.submitted(row)
            world.draft(row, created_by=editor, edited_by=editor)

    def count():
        client = signed_in(editor)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("admin:index")).status_code == 200
        return len(captured)

    more(range(1, 3))
    few = count()
    more(range(3, 9))
    assert count() == few <= 32


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_its_markup_holds(world, harbour, language):
    admin = world.person("boss", *StaffRole)
    led(world, harbour, "P1.01", recorded=TODAY - timedelta(days=400), **due(-10))
    _found, page = desk_of(admin, language)
    faults = [fault for fault in page.faults if "/> closes nothing" not in fault]
    assert faults == []
    assert not re.search(r"\sstyle=", page.html)
    if language == "zh-hans":
        words = re.sub(r"P1\.01|English|boss", "", page.text)
        assert not re.search(r"[A-Za-z]{4,}", words.replace("Harbour", "")), words
