"""The preview: the public page with what was typed, shown to its writers and kept nowhere."""

from datetime import date

import pytest
from django.urls import reverse

from tests.admin.desk import address, evidence_row, form_of, signed_in
from tests.models import raw
from tests.views.markup import Page
from tracker.actions import updates
from tracker.vocabulary import StaffRole, Status

NEW = reverse("admin:tracker_update_preview_new")


def of(update):
    return reverse("admin:tracker_update_preview", args=[update.pk])


@pytest.fixture
def editor(world):
    return signed_in(world.author)


@pytest.fixture
def pledge(world):
    pledge = world.pledge()
    entry = world.draft(pledge, Status.IN_PROGRESS, reported_progress=10)
    world.change(entry, world.milestone(pledge, "Tender"))
    world.change(entry, world.milestone(pledge, "Works"))
    entry = updates.submit(entry, by=world.author, at=world.at)
    updates.publish(entry, by=world.reviewer, at=world.at)
    return pledge


def typed(editor, pledge, **values):
    page = editor.get(f"{address('update', 'add')}?pledge={pledge.pk}")
    basic = {"status": "kept", "effective_on": "2024-05-01", "narrative_en": "It stands."}
    return form_of(page) | evidence_row() | basic | {"narrative_zh": "已经建成。"} | values


def test_what_is_typed_is_shown_as_readers_would_see_it_and_kept_nowhere(editor, pledge):
    sent = typed(editor, pledge, **{"milestone_changes-0-state": "done"})
    sent |= {"new_milestone_en": "Opening", "due_on": "2027-01-01", "due_precision": "year"}
    before = raw.rows()
    answer = editor.post(NEW, sent)
    assert raw.rows() == before
    page = Page(answer.content.decode())
    assert page.faults == []
    assert page.texts("h1") == ["Pledge P1.01"]
    for text in (
        "Preview: not published",
        "It stands.",
        "The status rests on this entry",
        "The record: 2 entries",
        "Entry 2",
        "Notice",
        "1 of 3 milestones are done",
        "Milestone “Opening”: Open",
        "New due date: 2027",
    ):
        assert text in page.text
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    assert page.all("meta", name="robots") == [{"name": "robots", "content": "noindex"}]


def test_both_languages_are_looked_at(editor, pledge):
    answer = editor.post(NEW, typed(editor, pledge))
    page = Page(answer.content.decode())
    again = {a["name"]: a["value"] for a in page.all("input", type="hidden")}
    assert [a["value"] for a in page.all("button", name="language")] == ["en", "zh-hans"]
    page = Page(editor.post(NEW, again | {"language": "zh-hans"}).content.decode())
    assert page.language == "zh-hans"
    assert "已经建成。" in page.text
    assert "预览：尚未发布" in page.text


def test_what_hinders_the_preview_is_said_by_name(editor, pledge):
    page = Page(editor.post(NEW, typed(editor, pledge, effective_on="soon")).content.decode())
    assert page.texts("h1") == ["There is no preview yet"]
    assert any(text.startswith("In effect from:") for text in page.texts("li"))


def test_a_reviewer_looks_at_what_is_kept(world, pledge):
    update = world.submitted(pledge, Status.KEPT, narrative_en="It stands.")
    reviewer = signed_in(world.reviewer)
    page = Page(reviewer.get(of(update)).content.decode())
    assert "It stands." in page.text
    assert (
        Page(reviewer.get(f"{of(update)}?language=zh-hans").content.decode()).language == "zh-hans"
    )
    assert reviewer.post(of(update), {}).status_code == 403


def test_a_correction_is_shown_with_what_it_replaces(world, editor, pledge):
    entry = world.published(pledge, Status.KEPT, effective_on=date(2024, 1, 1))
    draft = updates.correct(entry, by=world.author, at=world.at)
    draft.status, draft.correction_reason_en = Status.STALLED, "A slip."
    draft.save()
    page = Page(editor.get(of(draft)).content.decode())
    assert page.faults == []
    assert "Corrected by entry 3" in page.text
    assert "What changed" in page.text
    assert "Stalled" in page.text


def test_a_back_dated_update_leaves_the_status_as_it_is(world, editor, pledge):
    world.published(pledge, Status.STALLED, effective_on=date(2025, 1, 1))
    page = Page(editor.post(NEW, typed(editor, pledge)).content.decode())
    head = page.text[: page.text.index("What was pledged")]
    assert "Stalled" in head
    assert "Kept" not in head


def test_a_published_one_is_read_on_its_own_page(world, editor, pledge):
    entry = pledge.updates.get()
    assert editor.get(of(entry))["Location"] == entry.get_absolute_url()


def test_the_preview_is_for_those_in_whose_care_the_pledge_is(world, editor, pledge, client):
    draft = world.draft(pledge, narrative_en="Not for others.")
    sent = typed(editor, pledge)
    stranger = signed_in(world.person("stranger", StaffRole.EDITOR, bodies=[world.body()]))
    assert stranger.get(of(draft)).status_code == 404
    assert stranger.post(of(draft), sent).status_code == 404
    answer = stranger.post(NEW, sent)
    assert "There is no preview yet" in answer.content.decode()
    assert "we will do" not in answer.content.decode()
    assert signed_in(world.reviewer).post(NEW, sent).status_code == 403
    assert editor.get(NEW).status_code == 404
    for where in (of(draft), NEW):
        assert client.post(where, sent)["Location"].startswith(reverse("admin:login"))
