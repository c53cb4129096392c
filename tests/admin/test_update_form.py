"""Writing an update: one form, begun from its pledge."""

from datetime import date

import pytest

from tests.admin.desk import address, evidence_row, form_of, messages_of, signed_in
from tracker.models import Milestone, Update
from tracker.vocabulary import MilestoneState, StaffRole, Status, UpdateState


@pytest.fixture
def editor(world):
    return signed_in(world.author)


@pytest.fixture
def pledge(world):
    """A pledge with an entry, a due date, two open milestones and one that is not public."""
    pledge = world.pledge(original_due_on=date(2025, 12, 31), original_due_precision="year")
    entry = world.draft(pledge, Status.STALLED, narrative_en="The tender failed.")
    for title in ("Tender", "Works"):
        step = world.milestone(
            pledge,
            title,
            order=Milestone.objects.count() + 1,
            original_due_on=date(2024, 6, 30),
            original_due_precision="month",
        )
        world.change(entry, step, due_on=date(2024, 6, 30), due_precision="month")
    world.milestone(pledge, "Opening", order=9)
    _publish(world, entry)
    return pledge


def _publish(world, draft):
    from tracker.actions import updates

    submitted = updates.submit(draft, by=world.author, at=world.at)
    return updates.publish(submitted, by=world.reviewer, at=world.at)


def begun(editor, pledge):
    """The form as a click on "Write an update" opens it, and where it is sent to."""
    where = f"{address('update', 'add')}?pledge={pledge.pk}"
    page = editor.get(where)
    return page, where


def row_of(page, title):
    """The place of a milestone's row in the form."""
    rows = page.context["inline_admin_formsets"][1].formset.forms
    return next(n for n, row in enumerate(rows) if str(row.step) == title)


def typed(page, **values):
    basic = {"status": "in_progress", "effective_on": "2024-05-01", "narrative_en": "It resumed."}
    return form_of(page) | basic | values


def test_the_form_shows_the_pledge_and_where_it_stands(editor, pledge):
    html = begun(editor, pledge)[0].content.decode()
    for text in ("we will do P1.01", "The tender failed.", "Tender", "Works", "Opening"):
        assert text in html
    assert "Entry 1, in effect from" in html
    assert "2025" in html
    # Which pledge it is was said by the click: nothing is left to choose.
    assert "admin-autocomplete" not in html


def test_a_row_that_nobody_touched_says_nothing(editor, pledge):
    page, where = begun(editor, pledge)
    editor.post(where, typed(page) | evidence_row())
    assert not Update.objects.get(state="draft").milestone_changes.exists()


def test_a_milestone_is_ticked_off_with_one_choice(editor, pledge):
    page, where = begun(editor, pledge)
    name = f"milestone_changes-{row_of(page, 'Works')}"
    editor.post(where, typed(page, **{f"{name}-state": "done"}) | evidence_row())
    change = Update.objects.get(state="draft").milestone_changes.get()
    # Proposed where nothing is said: the day from which the update holds.
    assert (change.milestone.title_en, change.state) == ("Works", MilestoneState.DONE)
    assert change.done_on == date(2024, 5, 1)
    assert change.due_on == date(2024, 6, 30)


def test_a_due_date_moves_and_the_original_stays(editor, pledge):
    page, where = begun(editor, pledge)
    name = f"milestone_changes-{row_of(page, 'Tender')}"
    moved = {f"{name}-due_on": "2026-02-01", f"{name}-due_precision": "month"}
    moved |= {"due_on": "2027-03-05", "due_precision": "year"}
    editor.post(where, typed(page, **moved) | evidence_row())
    update = Update.objects.get(state="draft")
    assert (update.due_on, update.due_precision) == (date(2027, 12, 31), "year")
    assert update.milestone_changes.get().due_on == date(2026, 2, 28)
    pledge.refresh_from_db()
    assert pledge.original_due_on == date(2025, 12, 31)
    assert update.milestone_changes.get().milestone.original_due_on == date(2024, 6, 30)


def test_a_milestone_that_is_not_public_enters_the_record_by_a_touch(editor, pledge):
    page, where = begun(editor, pledge)
    name = f"milestone_changes-{row_of(page, 'Opening')}"
    editor.post(where, typed(page, **{f"{name}-state": "open"}) | evidence_row())
    change = Update.objects.get(state="draft").milestone_changes.get()
    assert (change.milestone.title_en, change.state) == ("Opening", MilestoneState.OPEN)


def test_what_a_colleague_published_meanwhile_is_not_taken_back(world, editor, pledge):
    page, where = begun(editor, pledge)
    other = world.draft(pledge, effective_on=date(2024, 4, 1))
    step = pledge.milestones.get(title_en="Tender")
    world.change(
        other,
        step,
        state="done",
        done_on=date(2024, 4, 1),
        due_on=date(2024, 6, 30),
        due_precision="month",
    )
    _publish(world, other)
    editor.post(where, typed(page) | evidence_row())
    assert not Update.objects.get(state="draft").milestone_changes.exists()


def test_two_who_speak_of_one_milestone_keep_what_each_changed(world, editor, pledge):
    """The row was none yet when both opened the draft; what it showed is what they began with."""
    draft = world.draft(pledge)
    colleague = signed_in(world.person("colleague", StaffRole.EDITOR))
    where = address("update", "change", draft.pk)
    theirs, mine = colleague.get(where), editor.get(where)
    name = f"milestone_changes-{row_of(mine, 'Tender')}"
    ticked = form_of(theirs) | {f"{name}-state": "done", f"{name}-done_on": "2024-05-01"}
    colleague.post(where, ticked | {"_continue": "1"})
    moved = {f"{name}-due_on": "2026-12-31", f"{name}-due_precision": "year"}
    answer = editor.post(where, form_of(mine) | moved | {"_continue": "1"})
    assert answer.status_code == 409
    (section,) = answer.context["conflict"].sections
    assert {one.label: one.outcome.name for one in section.differences} == {
        "State": "THEIRS",
        "Done on": "THEIRS",
        "Due date": "YOURS",
        "How exactly it is stated": "YOURS",
    }
    editor.post(where, form_of(answer) | {"_continue": "1"})
    change = draft.milestone_changes.get()
    assert (change.state, change.done_on) == (MilestoneState.DONE, date(2024, 5, 1))
    assert (change.due_on, change.due_precision) == (date(2026, 12, 31), "year")


@pytest.mark.parametrize("shown", ["", "x", "[]", "{}", '{"due_on": 5, "done_on": ""}'])
def test_a_strange_word_of_what_a_row_showed_does_no_harm(editor, pledge, shown):
    page, where = begun(editor, pledge)
    editor.post(where, typed(page, **{"milestone_changes-0-shown": shown}) | evidence_row())
    assert not Update.objects.get(state="draft").milestone_changes.exists()


def test_a_milestone_is_taken_out_of_the_draft_again(editor, pledge):
    page, where = begun(editor, pledge)
    name = f"milestone_changes-{row_of(page, 'Works')}"
    editor.post(where, typed(page, **{f"{name}-state": "done"}) | evidence_row())
    update = Update.objects.get(state="draft")
    page = editor.get(address("update", "change", update.pk))
    assert row_of(page, "Works") == 0
    rows = page.context["inline_admin_formsets"][1].formset.forms
    assert len(rows) == 3
    editor.post(page.request["PATH_INFO"], form_of(page) | {"milestone_changes-0-DELETE": "on"})
    assert not update.milestone_changes.exists()


def test_a_milestone_of_another_pledge_is_refused(world, editor, pledge):
    foreign = world.milestone(world.pledge("P1.02"), "Elsewhere")
    page, where = begun(editor, pledge)
    forged = {"milestone_changes-0-milestone": foreign.pk, "milestone_changes-0-state": "done"}
    answer = editor.post(where, typed(page, **forged) | evidence_row())
    assert answer.status_code == 200
    assert not Update.objects.filter(state="draft").exists()


def test_a_new_milestone_is_begun_in_the_same_step(editor, pledge):
    page, where = begun(editor, pledge)
    new = {
        "new_milestone_en": "Second tender",
        "new_milestone_zh": "第二次招标",
        "new_milestone_due_on": "2026-03-01",
        "new_milestone_due_precision": "month",
    }
    editor.post(where, typed(page, **new) | evidence_row())
    change = Update.objects.get(state="draft").milestone_changes.get()
    assert change.milestone.title_zh == "第二次招标"
    assert change.milestone.original_due_on == change.due_on == date(2026, 3, 31)
    assert (change.state, change.milestone.order) == (MilestoneState.OPEN, 10)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"due_on": "2027-01-01"}, "due_precision"),
        ({"due_precision": "year"}, "due_on"),
        ({"new_milestone_due_on": "2027-01-01"}, "new_milestone_due_precision"),
        ({"new_milestone_due_precision": "year"}, "new_milestone_due_on"),
        (
            {"new_milestone_due_on": "2027-01-01", "new_milestone_due_precision": "day"},
            "new_milestone_en",
        ),
        ({"reported_progress": "101"}, "reported_progress"),
    ],
)
def test_a_fault_is_said_beside_its_field_and_nothing_is_lost(editor, pledge, values, field):
    page, where = begun(editor, pledge)
    answer = editor.post(where, typed(page, narrative_zh="长文本。", **values) | evidence_row())
    assert field in answer.context["adminform"].form.errors
    html = answer.content.decode()
    assert "It resumed." in html
    assert "长文本。" in html
    assert "https://example.org/notice" in html
    assert not Update.objects.filter(state="draft").exists()


def test_a_web_address_is_enough_to_begin_a_piece_of_evidence(editor, pledge):
    page, where = begun(editor, pledge)
    assert page.context["inline_admin_formsets"][0].formset.total_form_count() == 1
    row = {"evidence-0-url": "https://www.example.org/a", "evidence-0-language": "en"}
    editor.post(where, typed(page, **row))
    evidence = Update.objects.get(state="draft").evidence.get()
    assert (evidence.title, evidence.publisher) == ("https://www.example.org/a", "example.org")
    assert evidence.kind == "other"


def test_evidence_without_an_address_still_needs_its_title(editor, pledge):
    page, where = begun(editor, pledge)
    answer = editor.post(where, typed(page, **{"evidence-0-quotation": "So it is."}))
    errors = answer.context["inline_admin_formsets"][0].formset.forms[0].errors
    assert {"kind", "title", "publisher"} <= set(errors)


def test_without_a_pledge_the_form_asks_for_one(world, editor, pledge):
    page = editor.get(address("update", "add"))
    assert "admin-autocomplete" in page.content.decode()
    answer = editor.post(
        address("update", "add"),
        typed(page, pledge=str(pledge.pk), _submit="1") | evidence_row(),
        follow=True,
    )
    assert messages_of(answer)[-1] == "Submitted for review."


def test_everybody_who_wrote_in_it_is_kept(world, editor, pledge):
    page, where = begun(editor, pledge)
    editor.post(where, typed(page, status="kept") | evidence_row())
    update = Update.objects.get(state="draft")
    both = world.person("both", StaffRole.EDITOR, StaffRole.REVIEWER)
    for person in (both, world.person("third", StaffRole.EDITOR)):
        client = signed_in(person)
        page = client.get(address("update", "change", update.pk))
        client.post(
            page.request["PATH_INFO"],
            form_of(page) | {"_submit": "1"} if person != both else form_of(page),
        )
    update.refresh_from_db()
    assert update.state == UpdateState.SUBMITTED
    assert [p.username for p in update.writers.order_by("pk")] == ["author", "both", "third"]
    # The second of three neither began it nor touched it last, and reviews it no more than they.
    page = signed_in(both).get(address("update", "change", update.pk)).content.decode()
    assert "A final status needs a reviewer who did not write it." in page
    assert "author, both, third" in page
