"""Reporting periods at the desk: opened, completed and closed by whom they are for."""

from datetime import date

import pytest

from tests.admin.desk import address, form_of, messages_of, signed_in
from tests.views.markup import Page
from tracker.models import Completion, FrozenFile, Period
from tracker.vocabulary import Refusal, StaffRole

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def manager(world):
    return signed_in(world.person("manager", StaffRole.MANAGER))


@pytest.fixture
def harbour(world):
    return world.body("harbour")


@pytest.fixture
def editor(world, harbour):
    return signed_in(world.person("ed", StaffRole.EDITOR, bodies=[harbour]))


@pytest.fixture
def pledges(world, harbour):
    """Two that the harbour leads, and one of another body."""
    rows = [world.pledge(f"P1.0{n}") for n in (1, 2, 3)]
    for row, body in zip(rows, (harbour, harbour, world.body("schools")), strict=True):
        world.responsibility(row, body)
    return rows


@pytest.fixture
def period(manager, pledges):
    """Opened by a manager, in the form."""
    page = manager.get(address("period", "add"))
    typed = form_of(page) | {
        "name_en": "Third quarter",
        "name_zh": "第三季度",
        "slug": "2026-q3",
        "starts_on": "2026-07-01",
        "ends_on": "2026-09-30",
        "due_on": "2026-11-30",
    }
    answer = manager.post(page.request["PATH_INFO"], typed, follow=True)
    assert messages_of(answer) == ["The period is open: bodies can mark their entries complete."]
    return Period.objects.get()


def step(client, period, name, **sent):
    return client.post(address("period", "step", period.pk, name), sent, follow=True)


def page_of(client, period):
    return Page(client.get(address("period", "change", period.pk)).content.decode())


def test_the_form_begins_with_the_only_programme_and_keeps_who_opened(world, period):
    assert period.programme == world.programme
    assert period.opened_by.username == "manager"


def test_editors_neither_open_nor_close(world, editor, period):
    assert editor.get(address("period", "add")).status_code == 403
    assert editor.get(address("period", "close", period.pk)).status_code == 403
    for client in (editor, signed_in(world.author), signed_in(world.reviewer)):
        answer = step(client, period, "close", although_missing="1")
        assert answer.status_code == 403
    sent = {"name_en": "Mine now"}
    assert editor.post(address("period", "change", period.pk), sent).status_code == 403
    assert Period.objects.open().get().name_en == "Third quarter"


def test_an_editor_sees_and_marks_the_pledges_in_care(world, editor, period, pledges):
    page = page_of(editor, period)
    assert "0 of 2 complete (0%)" in page.text
    assert "P1.03" not in page.text
    chosen = {"pledge": [pledges[0].pk, pledges[1].pk]}
    answer = step(editor, period, "mark", **chosen)
    assert messages_of(answer) == ["2 entries are marked complete."]
    assert "2 of 2 complete (100%)" in page_of(editor, period).text
    step(editor, period, "unmark", pledge=pledges[0].pk)
    assert Completion.objects.get().pledge == pledges[1]


@pytest.mark.parametrize("sent", [[], ["x"], ["9" * 30], ["²"]])
def test_a_form_that_names_no_pledge_in_care_marks_nothing(editor, period, pledges, sent):
    for name in ("mark", "unmark"):
        step(editor, period, name, pledge=[*sent, pledges[2].pk])
    assert not Completion.objects.exists()


def test_a_pledge_is_marked_from_its_own_page(editor, period, pledges):
    here = address("pledge", "change", pledges[0].pk)
    page = editor.get(here)
    assert "Mark complete: Third quarter" in page.content.decode()
    answer = step(editor, period, "mark", pledge=pledges[0].pk, next=here)
    assert answer.redirect_chain[-1][0] == here
    assert "No longer complete: Third quarter" in answer.content.decode()


def test_a_button_leads_back_to_this_site_only(editor, period, pledges):
    for elsewhere in ("https://example.org/", "//example.org/", "javascript:alert(1)", "9999"):
        answer = step(editor, period, "mark", pledge=pledges[0].pk, next=elsewhere)
        assert answer.redirect_chain[-1][0] == address("period", "change", period.pk)


def test_a_manager_sees_what_is_missing_and_closes_on_purpose_only(
    manager, editor, period, pledges
):
    step(editor, period, "mark", pledge=pledges[0].pk)
    page = page_of(manager, period)
    assert "1 of 3 complete (33%)" in page.text
    ask = manager.get(address("period", "close", period.pk))
    page = Page(ask.content.decode())
    assert "2 entries are missing" in page.text
    assert {"P1.02", "P1.03"} <= set(page.text.split())
    assert page.all("input", name="although_missing")[0]["required"] == ""
    assert "data-long" in page.all("form", action=address("period", "step", period.pk, "close"))[0]
    answer = step(manager, period, "close")
    assert messages_of(answer) == [Refusal.PERIOD_INCOMPLETE.label]
    answer = step(manager, period, "close", although_missing="1")
    assert messages_of(answer) == ["The period is closed, and its reports are kept for ever."]
    assert FrozenFile.objects.exists()
    # What was missing is part of the period's history.
    history = manager.get(address("period", "history", period.pk)).content.decode()
    assert "Closed. Missing: P1.02, P1.03." in history
    page = page_of(manager, period)
    assert set(FrozenFile.objects.values_list("sha256", flat=True)) <= set(page.texts("code"))


def test_closed_it_can_neither_be_changed_nor_marked(manager, editor, period, pledges):
    step(manager, period, "close", although_missing="1")
    assert manager.get(address("period", "close", period.pk)).status_code == 302
    for sent in ({"name_en": "x"}, form_of(manager.get(address("period", "add")))):
        assert manager.post(address("period", "change", period.pk), sent).status_code == 403
    answer = step(editor, period, "mark", pledge=pledges[0].pk)
    assert messages_of(answer) == [Refusal.PERIOD_CLOSED.label]
    assert not Completion.objects.exists()
    assert "Mark complete" not in page_of(editor, period).text


def test_a_period_that_is_not_over_says_when_it_can_be_closed(manager, period):
    Period.objects.update(ends_on=date(2026, 11, 23))
    assert "once Nov. 23, 2026 has passed" in page_of(manager, period).text
    ask = manager.get(address("period", "close", period.pk)).content.decode()
    assert "once Nov. 23, 2026 has passed" in ask
    answer = step(manager, period, "close", although_missing="1")
    assert messages_of(answer) == [Refusal.PERIOD_NOT_OVER.label]


def test_steps_are_posts(manager, editor, period):
    for name in ("mark", "unmark", "close"):
        assert manager.get(address("period", "step", period.pk, name)).status_code == 405
