from datetime import date

import pytest
from django.urls import reverse

from tests.admin.desk import address, evidence_row, form_of, messages_of, signed_in
from tracker.models import Evidence, Update
from tracker.vocabulary import MilestoneState, Refusal, StaffRole, Status, UpdateState


@pytest.fixture
def editor(world):
    return signed_in(world.author)


@pytest.fixture
def reviewer(world):
    return signed_in(world.reviewer)


def step(client, update, name, **data):
    return client.post(address("update", "step", update.pk, name), data, follow=True)


def test_an_editor_writes_and_submits_in_one_form(world, editor):
    pledge = world.pledge()
    page = editor.get(f"{address('update', 'add')}?pledge={pledge.pk}")
    assert page.context["adminform"].form["pledge"].value() == pledge.pk
    typed = form_of(page) | {
        "status": "in_progress",
        "effective_on": "2023-05-01",
        "narrative_en": "Ground was broken.",
        "narrative_zh": "已经动工。",
        "_submit": "1",
    }
    answer = editor.post(page.request["PATH_INFO"], typed | evidence_row(), follow=True)
    update = Update.objects.get()
    assert messages_of(answer)[-1] == "Submitted for review."
    assert (update.state, update.created_by, update.submitted_by) == (
        UpdateState.SUBMITTED,
        world.author,
        world.author,
    )
    assert update.evidence.get().title == "Notice"


def test_the_form_begins_with_the_status_that_the_record_says(world, editor):
    pledge = world.pledge()
    world.published(pledge, Status.STALLED)
    page = editor.get(f"{address('update', 'add')}?pledge={pledge.pk}")
    assert page.context["adminform"].form["status"].value() == "stalled"


@pytest.mark.parametrize("pledge", ["", "x", "99999999", "1;drop", "²", "9" * 30])
def test_a_strange_pledge_in_the_address_does_no_harm(world, editor, pledge):
    assert editor.get(f"{address('update', 'add')}?pledge={pledge}").status_code == 200


def test_a_refused_submission_keeps_the_draft_and_says_why(world, editor):
    pledge = world.pledge()
    page = editor.get(f"{address('update', 'add')}?pledge={pledge.pk}")
    typed = form_of(page) | {
        "status": "kept",
        "effective_on": "2023-05-01",
        "narrative_en": "Long typed text.",
        "_submit": "1",
    }
    answer = editor.post(page.request["PATH_INFO"], typed, follow=True)
    assert messages_of(answer) == [Refusal.NO_EVIDENCE.label]
    update = Update.objects.get()
    assert (update.state, update.narrative_en) == (UpdateState.DRAFT, "Long typed text.")


def test_a_form_with_a_fault_keeps_what_was_typed(world, editor):
    pledge = world.pledge()
    page = editor.get(f"{address('update', 'add')}?pledge={pledge.pk}")
    typed = form_of(page) | {
        "status": "kept",
        "effective_on": "31/02/2025",
        "narrative_en": "Long typed text.",
    }
    answer = editor.post(page.request["PATH_INFO"], typed)
    assert answer.status_code == 200
    assert "effective_on" in answer.context["adminform"].form.errors
    assert "Long typed text." in answer.content.decode()
    assert not Update.objects.exists()


def test_evidence_must_be_looked_up_somewhere(world, editor):
    pledge = world.pledge()
    page = editor.get(f"{address('update', 'add')}?pledge={pledge.pk}")
    typed = form_of(page) | {"status": "kept", "effective_on": "2023-05-01"}
    answer = editor.post(page.request["PATH_INFO"], typed | evidence_row(url=""))
    assert "Give a web address or a file" in answer.content.decode()
    assert not Evidence.objects.exists()


def test_a_draft_is_edited_and_its_last_editor_is_kept(world):
    update = world.draft(world.pledge())
    colleague = world.person("colleague", StaffRole.EDITOR)
    client = signed_in(colleague)
    page = client.get(address("update", "change", update.pk))
    client.post(page.request["PATH_INFO"], form_of(page) | {"narrative_en": "Mended."})
    update.refresh_from_db()
    assert (update.narrative_en, update.created_by, update.edited_by) == (
        "Mended.",
        world.author,
        colleague,
    )


def test_milestones_are_ticked_off_in_the_same_form(world, editor):
    pledge = world.pledge()
    milestone = world.milestone(pledge)
    world.milestone(world.pledge("P1.02"), "Elsewhere")
    update = world.draft(pledge)
    page = editor.get(address("update", "change", update.pk))
    assert "Elsewhere" not in page.content.decode()
    typed = form_of(page) | {
        "milestone_changes-TOTAL_FORMS": "1",
        "milestone_changes-0-milestone": str(milestone.pk),
        "milestone_changes-0-state": "done",
        "milestone_changes-0-due_precision": "none",
        "milestone_changes-0-done_on": "2022-12-31",
    }
    editor.post(page.request["PATH_INFO"], typed)
    assert update.milestone_changes.get().state == MilestoneState.DONE


def test_a_submitted_update_is_read_only_until_withdrawn(world, editor):
    update = world.submitted(world.pledge())
    page = editor.get(address("update", "change", update.pk))
    assert not page.context["may_edit"]
    assert 'name="narrative_en"' not in page.content.decode()
    sent = editor.post(page.request["PATH_INFO"], {"narrative_en": "Sneaked in."})
    assert sent.status_code == 403
    step(editor, update, "withdraw")
    update.refresh_from_db()
    assert update.state == UpdateState.DRAFT


def test_a_reviewer_sees_both_sides_and_publishes(world, reviewer):
    pledge = world.pledge()
    world.published(pledge, Status.IN_PROGRESS)
    update = world.submitted(pledge, Status.STALLED)
    page = reviewer.get(address("update", "change", update.pk)).content.decode()
    review = page[page.index('id="review-heading"') :]
    assert "In progress" in review
    assert "Stalled" in review
    answer = step(reviewer, update, "publish")
    update.refresh_from_db()
    assert messages_of(answer) == ["Published: it is entry 2 of the record."]
    assert (update.state, update.published_by) == (UpdateState.PUBLISHED, world.reviewer)


def test_a_back_dated_update_says_that_it_will_not_decide_the_status(world, reviewer):
    pledge = world.pledge()
    world.published(pledge, Status.STALLED, effective_on=date(2024, 1, 1))
    late = world.submitted(pledge, effective_on=date(2024, 2, 1))
    early = world.submitted(pledge, effective_on=date(2023, 2, 1))
    page = reviewer.get(address("update", "change", early.pk)).content.decode()
    assert "leave today’s status as it is" in page
    page = reviewer.get(address("update", "change", late.pk)).content.decode()
    assert "leave today’s status as it is" not in page


def test_publishing_twice_is_once(world, reviewer):
    update = world.submitted(world.pledge())
    step(reviewer, update, "publish")
    answer = step(reviewer, update, "publish")
    assert messages_of(answer) == [
        "It is published already, as entry 1 of the record. Nothing was done twice."
    ]
    assert Update.objects.published().count() == 1


def test_a_reviewer_returns_with_a_reason_that_the_author_reads(world, editor, reviewer):
    update = world.submitted(world.pledge())
    answer = step(reviewer, update, "return", reason="  ")
    assert messages_of(answer) == [Refusal.NO_RETURN_REASON.label]
    step(reviewer, update, "return", reason="Which office says so?")
    page = editor.get(address("update", "change", update.pk))
    assert "Which office says so?" in page.content.decode()
    assert page.context["may_edit"]


def test_a_final_status_is_not_published_by_its_author(world):
    both = world.person("both", StaffRole.EDITOR, StaffRole.REVIEWER)
    update = world.submitted(world.pledge(), Status.KEPT, created_by=both, edited_by=both)
    answer = step(signed_in(both), update, "publish")
    assert messages_of(answer) == [Refusal.REVIEWER_IS_AUTHOR.label]
    assert not Update.objects.published().exists()


def test_a_published_update_offers_its_correction_and_nothing_else(world, editor):
    entry = world.published(world.pledge())
    page = editor.get(address("update", "change", entry.pk))
    html = page.content.decode()
    assert "Correct this" in html
    assert "It never changes" in html
    assert 'name="_submit"' not in html
    assert 'name="evidence-0-title"' not in html
    assert editor.post(page.request["PATH_INFO"], {"status": "kept"}).status_code == 403
    assert editor.get(address("update", "delete", entry.pk)).status_code == 403


def test_a_correction_starts_from_what_it_corrects(world, editor):
    entry = world.published(world.pledge(), Status.STALLED)
    answer = step(editor, entry, "correct")
    draft = Update.objects.get(corrects=entry)
    assert answer.redirect_chain[-1][0] == address("update", "change", draft.pk)
    form = form_of(answer)
    assert form["status"] == "stalled"
    typed = form | {
        "status": "in_progress",
        "correction_reason_en": "It was misread.",
        "_submit": "1",
    }
    answer = editor.post(answer.request["PATH_INFO"], typed, follow=True)
    assert messages_of(answer)[-1] == "Submitted for review."
    draft.refresh_from_db()
    assert (draft.status, draft.evidence.count()) == ("in_progress", 1)


def test_deleting_in_bulk_spares_what_is_published(world, editor):
    pledge = world.pledge()
    entry, draft = world.published(pledge), world.draft(pledge)
    chosen = {"action": "delete_selected", "_selected_action": [entry.pk, draft.pk], "post": "yes"}
    editor.post(address("update", "changelist"), chosen)
    assert Update.objects.filter(pk=entry.pk).exists()
    chosen["_selected_action"] = [draft.pk]
    editor.post(address("update", "changelist"), chosen)
    assert not Update.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (StaffRole.EDITOR, {"submit", "withdraw", "correct"}),
        (StaffRole.REVIEWER, {"publish", "return"}),
        (StaffRole.MANAGER, set()),
    ],
)
def test_each_role_takes_its_own_steps_only(world, role, allowed):
    client = signed_in(world.person("somebody", role))
    pledge = world.pledge()
    rows = {
        "submit": world.draft(pledge),
        "withdraw": world.submitted(pledge),
        "publish": world.submitted(pledge),
        "return": world.submitted(pledge),
        "correct": world.published(pledge),
    }
    for name, row in rows.items():
        answer = client.post(address("update", "step", row.pk, name), {"reason": "because"})
        assert (answer.status_code == 302) == (name in allowed), name
        assert answer.status_code in {302, 403}


def test_steps_are_posts_of_known_names_by_staff(world, editor, client):
    draft = world.draft(world.pledge())
    assert editor.get(address("update", "step", draft.pk, "submit")).status_code == 405
    assert editor.post(address("update", "step", draft.pk, "explode")).status_code == 404
    assert editor.post(address("update", "step", 10**12, "submit")).status_code == 404
    answer = client.post(address("update", "step", draft.pk, "submit"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def test_the_list_searches_filters_and_has_a_date_hierarchy(world, editor):
    pledge = world.pledge(title_en="Hydrogen buses")
    world.published(pledge, narrative_zh="氢能公交")
    world.draft(world.pledge("P2.01"), narrative_en="Nothing of that")
    listing = address("update", "changelist")
    for query in (
        "q=氢能",
        "q=hydrogen",
        "q=P1.01",
        "state=published",
        "effective_on__year=2023&q=buses",
    ):
        rows = editor.get(f"{listing}?{query}").context["cl"].queryset
        assert [row.pledge.code for row in rows] == ["P1.01"], query
    page = editor.get(listing).content.decode()
    assert 'class="badge badge--published"' in page
    assert 'class="toplinks"' in page
