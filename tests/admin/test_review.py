"""Review: both sides beside each other, what would be refused, many published one by one."""

import json
from datetime import date

import pytest

from tests.admin.desk import address, messages_of, signed_in
from tests.views.markup import Page
from tracker.models import Update
from tracker.vocabulary import Refusal, Role, StaffRole, Status, UpdateState


@pytest.fixture
def reviewer(world):
    return signed_in(world.reviewer)


def review_of(client, update):
    page = Page(client.get(address("update", "change", update.pk)).content.decode())
    assert page.faults == []
    return page


def bulk(client, updates, **more):
    chosen = {"action": "publish_chosen", "_selected_action": [each.pk for each in updates]}
    return client.post(address("update", "changelist"), chosen | more, follow=True)


def test_everything_that_would_change_is_shown_on_both_sides(world, reviewer):
    pledge = world.pledge(original_due_on=date(2025, 6, 30), original_due_precision="month")
    step = world.milestone(pledge, "Tender")
    first = world.draft(pledge, Status.IN_PROGRESS, reported_progress=10)
    world.change(first, step, due_on=date(2024, 1, 31), due_precision="month")
    _published(world, first)
    draft = world.draft(
        pledge,
        Status.STALLED,
        effective_on=date(2024, 5, 1),
        reported_progress=40,
        due_on=date(2027, 12, 31),
        due_precision="year",
    )
    world.change(draft, step, state="done", done_on=date(2024, 4, 2))
    update = _submitted(world, draft)
    text = review_of(reviewer, update).text
    for line in (
        "Status The record says now In progress This update says Stalled",
        "In effect from The record says now Jan. 1, 2023 This update says May 1, 2024",
        "Progress The record says now 10% This update says 40%",
        "Due The record says now June 2025 This update says 2027",
        "Milestone “Tender” The record says now Open; due: January 2024 This update says Done, "
        "April 2, 2024; due: No date stated",
        "Narrative in English Work went on.",
        "Narrative in Chinese 工作在推进。",
        "Begun by author",
        "Submitted by author",
        "Document 1",
    ):
        assert line in text, line
    assert "https://example.org/document" in review_of(reviewer, update).links


def _submitted(world, draft):
    from tracker.actions import updates

    return updates.submit(draft, by=world.author, at=world.at)


def _published(world, draft):
    from tracker.actions import updates

    return updates.publish(_submitted(world, draft), by=world.reviewer, at=world.at)


def test_what_would_be_refused_is_said_before_anybody_presses(world):
    both = world.person("both", StaffRole.EDITOR, StaffRole.REVIEWER)
    client = signed_in(both)
    update = world.submitted(world.pledge(public=False), Status.KEPT, created_by=both)
    page = review_of(client, update)
    for refusal in (Refusal.PLEDGE_NOT_PUBLIC, Refusal.REVIEWER_IS_AUTHOR):
        assert str(refusal.label) in page.text
    assert "Publish" not in page.texts("button")
    fine = world.submitted(world.pledge("P1.02"))
    assert "Publish" in review_of(client, fine).texts("button")


def test_after_one_the_next_in_the_queue_is_offered(world, reviewer):
    first, second = (world.submitted(world.pledge(f"P1.0{n}")) for n in (1, 2))
    elsewhere = world.submitted(world.pledge("P1.03"))
    body = world.body()
    for update in (first, second):
        world.responsibility(update.pledge, body)
    own = signed_in(world.person("own", StaffRole.REVIEWER, bodies=[body]))
    step = address("update", "step", first.pk, "publish")
    answer = own.post(step, {"seen": first.version}, follow=True)
    page = Page(answer.content.decode())
    assert address("update", "change", second.pk) in page.links
    assert "Next to review: P1.02" in page.text
    # Nobody is sent to what is not in their care.
    answer = own.post(
        address("update", "step", second.pk, "return"), {"reason": "Why?"}, follow=True
    )
    page = Page(answer.content.decode())
    assert "Next to review" not in page.text
    assert address("update", "change", elsewhere.pk) not in page.links


def test_an_editor_is_offered_no_queue(world):
    world.submitted(world.pledge("P1.02"))
    entry = world.published(world.pledge())
    assert "Next to review" not in review_of(signed_in(world.author), entry).text


# --- Corrections --------------------------------------------------------------------------------


def test_a_correction_shows_what_it_changes(world, reviewer):
    entry = world.published(
        world.pledge(),
        Status.KEPT,
        narrative_en="It stands. Two parks are named.",
        reported_progress=80,
    )
    editor = signed_in(world.author)
    editor.post(address("update", "step", entry.pk, "correct"))
    draft = Update.objects.get(corrects=entry)
    assert "What this changes of entry 1 Nothing yet." in review_of(editor, draft).text
    draft.status, draft.reported_progress = Status.PARTLY_KEPT, None
    draft.narrative_en = "It stands. One park is named."
    draft.correction_reason_en = "A slip."
    draft.save()
    draft.evidence.update(quotation="One park.")
    update = _submitted(world, draft)
    for client in (editor, reviewer):
        text = review_of(client, update).text
        for line in (
            "Status Before Kept Now Partly kept",
            "Progress Before 80% Now –",
            "Narrative (English) Before Two parks are named. Now One park is named.",
            "Evidence Before Document 1",
        ):
            assert line in text, line
        assert "Narrative (Chinese) Before" not in text
    assert "A slip." in review_of(reviewer, update).text


# --- Publishing many ----------------------------------------------------------------------------


def test_many_are_looked_at_first_and_then_published_one_by_one(world, reviewer):
    good, also = (world.submitted(world.pledge(f"P1.0{n}"), Status.STALLED) for n in (1, 2))
    hidden = world.submitted(world.pledge("P1.03", public=False))
    draft = world.draft(world.pledge("P1.04"))
    chosen = [good, hidden, draft, also]
    asked = Page(bulk(reviewer, chosen).content.decode())
    assert asked.faults == []
    assert not Update.objects.published().exists()
    assert "The record says now Not yet rated This update says Stalled" in asked.text
    # Nobody publishes what they have not read.
    assert asked.text.count("Narrative in English Work went on.") == 4
    assert asked.text.count("The evidence Document 1") == 4
    assert str(Refusal.PLEDGE_NOT_PUBLIC.label) in asked.text
    assert str(Refusal.NOT_AWAITING_REVIEW.label) in asked.text
    (opened,) = asked.all("input", name="opened")
    assert json.loads(opened["value"])[str(good.pk)] == {"version": good.version}

    page = Page(bulk(reviewer, chosen, confirmed="1").content.decode())
    assert page.faults == []
    entries = Update.objects.published().order_by("sequence")
    assert [(entry.pk, entry.sequence) for entry in entries] == [(good.pk, 1), (also.pk, 2)]
    for text in ("Published as entry 1.", "Published as entry 2."):
        assert text in page.text
    assert page.text.count("Refused:") == 2
    hidden.refresh_from_db()
    draft.refresh_from_db()
    assert (hidden.state, draft.state) == (UpdateState.SUBMITTED, UpdateState.DRAFT)
    assert good.pledge.standing.status == Status.STALLED


def test_four_eyes_hold_in_bulk_too(world):
    both = world.person("both", StaffRole.EDITOR, StaffRole.REVIEWER)
    own = world.submitted(world.pledge(), Status.KEPT, created_by=both)
    other = world.submitted(world.pledge("P1.02"), Status.KEPT)
    page = Page(bulk(signed_in(both), [own, other], confirmed="1").content.decode())
    assert [entry.pk for entry in Update.objects.published()] == [other.pk]
    assert str(Refusal.REVIEWER_IS_AUTHOR.label) in page.text
    # What was refused just now is not what to review next.
    assert "Next to review" not in page.text


def test_bulk_reaches_no_further_than_one_s_care_and_role(world):
    body = world.body()
    mine, theirs = (world.submitted(world.pledge(f"P1.0{n}")) for n in (1, 2))
    world.responsibility(mine.pledge, body, Role.SUPPORT)
    own = signed_in(world.person("own", StaffRole.REVIEWER, bodies=[body]))
    assert "P1.02" not in bulk(own, [mine, theirs]).content.decode()
    page = Page(bulk(own, [mine, theirs], confirmed="1").content.decode())
    assert [entry.pk for entry in Update.objects.published()] == [mine.pk]
    assert "1 chosen update is not there any more, or not in your care" in page.text
    answer = bulk(signed_in(world.author), [theirs], confirmed="1")
    assert "No action selected." in messages_of(answer)
    assert Update.objects.published().count() == 1


# --- Notes --------------------------------------------------------------------------------------


def test_notes_stand_on_pledge_and_update_with_who_and_when(world, reviewer):
    pledge = world.pledge()
    update = world.draft(pledge)
    answer = reviewer.post(
        address("update", "step", update.pk, "note"), {"text": "Ask the office."}, follow=True
    )
    assert messages_of(answer) == ["The note is kept. Only staff see it."]
    editor = signed_in(world.author)
    editor.post(address("pledge", "step", pledge.pk, "note"), {"text": "They wrote back."})
    for model, row in (("pledge", pledge), ("update", update)):
        page = Page(editor.get(address(model, "change", row.pk)).content.decode())
        assert page.faults == []
        for text in ("Ask the office.", "They wrote back.", "reviewer, Nov.", "author, Nov."):
            assert text in page.text, (model, text)
        assert not page.all("input", name="notes-0-text")


def test_a_note_of_nothing_is_refused_in_words(world, reviewer):
    pledge = world.pledge()
    answer = reviewer.post(address("pledge", "step", pledge.pk, "note"), {"text": " "}, follow=True)
    assert messages_of(answer) == [Refusal.SAYS_NOTHING.label]
    answer = reviewer.post(
        address("pledge", "step", pledge.pk, "note"), {"text": "x" * 4001}, follow=True
    )
    assert messages_of(answer) == [Refusal.SAYS_TOO_MUCH.label]
    assert not pledge.notes.exists()


def test_notes_on_others_pledges_are_not_found(world):
    pledge = world.pledge()
    update = world.draft(pledge)
    stranger = signed_in(world.person("stranger", StaffRole.EDITOR, bodies=[world.body()]))
    for model, row in (("pledge", pledge), ("update", update)):
        answer = stranger.post(address(model, "step", row.pk, "note"), {"text": "x"})
        assert answer.status_code == 404
    assert not pledge.notes.exists()


def test_a_note_outlives_the_draft_that_it_was_written_on(world):
    pledge = world.pledge()
    draft = world.draft(pledge)
    editor = signed_in(world.author)
    editor.post(address("update", "step", draft.pk, "note"), {"text": "Keep this."})
    editor.post(address("update", "delete", draft.pk), {"post": "yes"})
    assert not Update.objects.exists()
    assert pledge.notes.get().text == "Keep this."
