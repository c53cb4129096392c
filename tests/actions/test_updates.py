from contextlib import contextmanager
from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.models import raw
from tracker.actions import updates
from tracker.actions.updates import Refused
from tracker.models import Evidence, Head, Update
from tracker.vocabulary import Refusal, StaffRole, Status, UpdateState

DRAFT, SUBMITTED = UpdateState.DRAFT, UpdateState.SUBMITTED
RETURNED, PUBLISHED = UpdateState.RETURNED, UpdateState.PUBLISHED
STEPS = {
    "submit": updates.submit,
    "withdraw": updates.withdraw,
    "return": lambda update, **who: updates.return_(update, reason="Say more.", **who),
    "publish": updates.publish,
    "correct": updates.correct,
}
#: Who takes each step, from which states, and what is said where the state is another one.
RULES = [
    ("submit", StaffRole.EDITOR, {DRAFT, RETURNED}, Refusal.NOT_EDITABLE),
    ("withdraw", StaffRole.EDITOR, {SUBMITTED}, Refusal.NOT_AWAITING_REVIEW),
    ("return", StaffRole.REVIEWER, {SUBMITTED}, Refusal.NOT_AWAITING_REVIEW),
    ("publish", StaffRole.REVIEWER, {SUBMITTED}, Refusal.NOT_AWAITING_REVIEW),
    ("correct", StaffRole.EDITOR, {PUBLISHED}, Refusal.NOT_PUBLISHED),
]


def in_state(world, state):
    """An update that has come to `state` by its steps."""
    draft = world.draft(world.pledge())
    if state == DRAFT:
        return draft
    submitted = updates.submit(draft, by=world.author, at=world.at)
    if state == RETURNED:
        return updates.return_(submitted, by=world.reviewer, at=world.at, reason="Say more.")
    if state == PUBLISHED:
        return updates.publish(submitted, by=world.reviewer, at=world.at)
    return submitted


def first_state(states):
    return next(state for state in UpdateState if state in states)


@contextmanager
def refused_with(*refusals):
    """What is tried inside is refused for just `refusals`, and each is said in words."""
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.refusals == list(refusals)
    assert str(caught.value) == " ".join(str(refusal.label) for refusal in refusals)


# --- Who may, and when ------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "role", "states", "_refusal"), RULES)
def test_a_step_is_taken_by_those_who_have_its_permission(world, step, role, states, _refusal):
    update = in_state(world, first_state(states))
    before = raw.rows()
    for other in StaffRole:
        if other is role:
            continue
        with pytest.raises(PermissionDenied):
            STEPS[step](update, by=world.person(f"a-{other}", other), at=world.at)
    with pytest.raises(PermissionDenied):
        STEPS[step](update, by=world.person("nobody"), at=world.at)
    with pytest.raises(PermissionDenied):
        STEPS[step](update, by=AnonymousUser(), at=world.at)
    retired = world.person("retired", *StaffRole)
    retired.is_active = False
    retired.save()
    with pytest.raises(PermissionDenied):
        STEPS[step](update, by=retired, at=world.at)
    assert raw.rows() == before
    STEPS[step](update, by=world.person("the-right-one", role), at=world.at)
    assert raw.rows() != before


@pytest.mark.parametrize(("step", "role", "states", "refusal"), RULES)
def test_a_step_is_refused_from_every_other_state(world, step, role, states, refusal):
    person = world.person("the-right-one", role)
    for number, state in enumerate(sorted(set(UpdateState) - states)):
        update = world.draft(world.pledge(f"P1.{number}"))
        if state != DRAFT:
            update = updates.submit(update, by=world.author, at=world.at)
        if state == RETURNED:
            updates.return_(update, by=world.reviewer, at=world.at, reason="Say more.")
        if state == PUBLISHED:
            updates.publish(update, by=world.reviewer, at=world.at)
        before = raw.rows()
        with refused_with(refusal):
            STEPS[step](update, by=person, at=world.at)
        assert raw.rows() == before


@pytest.mark.parametrize(("step", "role", "states", "refusal"), RULES)
def test_what_was_deleted_meanwhile_is_told_and_not_an_error(world, step, role, states, refusal):
    update = world.draft(world.pledge())
    Update.objects.all().delete()
    with refused_with(refusal):
        STEPS[step](update, by=world.person("the-right-one", role), at=world.at)


@pytest.mark.parametrize(("step", "role", "states", "_refusal"), RULES)
def test_a_step_looks_at_the_update_as_it_is_now_and_not_as_it_was_read(
    world, step, role, states, _refusal
):
    update = in_state(world, first_state(states))
    stale = Update.objects.get(pk=update.pk)
    stale.state, stale.narrative_en = "nonsense", "What the caller made of it."
    done = STEPS[step](stale, by=world.person("the-right-one", role), at=world.at)
    kept = Update.objects.get(pk=update.pk)
    assert kept.narrative_en == "Work went on."
    assert done.state in UpdateState.values


# --- Submitting, withdrawing, returning -------------------------------------------------------


def test_submitting_says_who_and_when(world):
    update = world.draft(world.pledge())
    colleague = world.person("colleague", StaffRole.EDITOR)
    done = updates.submit(update, by=colleague, at=world.later(hours=1))
    update.refresh_from_db()
    for row in (done, update):
        assert row.state == SUBMITTED
        assert (row.submitted_by, row.submitted_at) == (colleague, world.later(hours=1))
        assert (row.created_by, row.edited_by) == (world.author, world.author)


@pytest.mark.parametrize(
    ("values", "evidence", "refusals"),
    [
        ({"effective_on": date(2026, 11, 24)}, 1, [Refusal.EFFECTIVE_AFTER_PUBLICATION]),
        ({"effective_on": date(2022, 8, 19)}, 1, [Refusal.EFFECTIVE_BEFORE_ANNOUNCEMENT]),
        ({"narrative_en": "", "narrative_zh": " \n"}, 1, [Refusal.NO_NARRATIVE]),
        ({}, 0, [Refusal.NO_EVIDENCE]),
        (
            {"effective_on": date(2026, 11, 24), "narrative_en": "", "narrative_zh": ""},
            0,
            [
                Refusal.EFFECTIVE_AFTER_PUBLICATION,
                Refusal.NO_NARRATIVE,
                Refusal.NO_EVIDENCE,
            ],
        ),
    ],
)
def test_what_could_not_be_published_is_not_submitted(world, values, evidence, refusals):
    update = world.draft(world.pledge(), evidence=evidence, **values)
    before = raw.rows()
    with refused_with(*refusals):
        updates.submit(update, by=world.author, at=world.at)
    assert raw.rows() == before


def test_milestones_are_checked_on_submission(world):
    update = world.draft(world.pledge())
    elsewhere = world.milestone(world.pledge("P1.02"))
    update.milestone_changes.create(milestone=elsewhere, state="done", done_on=date(2023, 1, 2))
    with refused_with(Refusal.FOREIGN_MILESTONE, Refusal.DONE_AFTER_EFFECT):
        updates.submit(update, by=world.author, at=world.at)


def test_an_update_of_a_pledge_that_is_not_public_waits_for_review(world):
    update = world.submitted(world.pledge(public=False))
    assert update.state == SUBMITTED
    with refused_with(Refusal.PLEDGE_NOT_PUBLIC):
        updates.publish(update, by=world.reviewer, at=world.at)


def test_withdrawing_makes_it_a_draft_again(world):
    update = world.submitted(world.pledge())
    colleague = world.person("colleague", StaffRole.EDITOR)
    updates.withdraw(update, by=colleague, at=world.later(hours=1))
    update.refresh_from_db()
    assert update.state == DRAFT
    assert (update.edited_by, update.edited_at) == (colleague, world.later(hours=1))
    assert updates.submit(update, by=world.author, at=world.at).state == SUBMITTED


def test_returning_keeps_the_reason_for_the_author(world):
    update = world.submitted(world.pledge())
    updates.return_(
        update, by=world.reviewer, at=world.later(hours=1), reason=" Name the station.\n"
    )
    update.refresh_from_db()
    assert (update.state, update.return_reason) == (RETURNED, "Name the station.")
    assert (update.returned_by, update.returned_at) == (world.reviewer, world.later(hours=1))
    again = updates.submit(update, by=world.author, at=world.later(hours=2))
    assert again.state == SUBMITTED
    assert again.return_reason == "Name the station."


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_nothing_is_returned_without_a_reason(world, reason):
    update = world.submitted(world.pledge())
    before = raw.rows()
    with refused_with(Refusal.NO_RETURN_REASON):
        updates.return_(update, by=world.reviewer, at=world.at, reason=reason)
    assert raw.rows() == before


# --- Publishing -------------------------------------------------------------------------------


def test_publishing_makes_an_entry_of_the_record(world):
    update = world.submitted(world.pledge(), Status.STALLED, reported_progress=30)
    done = updates.publish(update, by=world.reviewer, at=world.later(hours=1))
    update.refresh_from_db()
    for row in (done, update):
        assert row.state == PUBLISHED
        assert (row.published_by, row.published_at) == (world.reviewer, world.later(hours=1))
        assert row.sequence == 1
    standing = update.pledge.standing
    assert (standing.status, standing.entry) == (Status.STALLED, update)
    assert standing.reported_progress == 30


def test_publishing_twice_is_publishing_once(world):
    update = world.submitted(world.pledge())
    updates.publish(update, by=world.reviewer, at=world.at)
    before = raw.rows()
    with refused_with(Refusal.NOT_AWAITING_REVIEW):
        updates.publish(update, by=world.reviewer, at=world.later(hours=1))
    assert raw.rows() == before


def test_the_records_numbers_have_no_gap(world):
    pledges = [world.pledge(f"P1.0{number}") for number in range(1, 4)]
    numbers = []
    for turn in range(3):
        for pledge in pledges:
            update = world.submitted(pledge, evidence=1)
            if turn == 1:
                # A refused publication takes no number with it.
                update.evidence.all().delete()
                with refused_with(Refusal.NO_EVIDENCE):
                    updates.publish(update, by=world.reviewer, at=world.at)
                continue
            numbers.append(updates.publish(update, by=world.reviewer, at=world.at).sequence)
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert Head.objects.get().sequence == 6


@pytest.mark.parametrize("status", sorted(Status.final()))
@pytest.mark.parametrize("part", ["created_by", "edited_by", "submitted_by"])
def test_a_final_status_is_published_by_somebody_else(world, status, part):
    both = world.person("both", StaffRole.EDITOR, StaffRole.REVIEWER)
    update = world.submitted(world.pledge(), status)
    Update.objects.filter(pk=update.pk).update(**{part: both})
    before = raw.rows()
    with refused_with(Refusal.REVIEWER_IS_AUTHOR):
        updates.publish(update, by=both, at=world.at)
    assert raw.rows() == before
    assert updates.publish(update, by=world.reviewer, at=world.at).is_published


def test_another_status_may_be_published_by_its_author(world):
    both = world.person("both", StaffRole.EDITOR, StaffRole.REVIEWER)
    update = world.submitted(world.pledge(), Status.IN_PROGRESS, created_by=both, edited_by=both)
    assert updates.publish(update, by=both, at=world.at).published_by == both


def test_not_even_an_administrator_publishes_a_final_status_of_their_own(world):
    admin = world.person("admin")
    admin.is_superuser = True
    admin.save()
    update = world.submitted(world.pledge(), Status.KEPT, created_by=admin)
    with refused_with(Refusal.REVIEWER_IS_AUTHOR):
        updates.publish(update, by=admin, at=world.at)


def test_a_refused_step_leaves_nothing_half_written(world, monkeypatch):
    """The database refuses last of all: what the action wrote before is undone with it."""
    update = world.submitted(world.pledge())
    before = raw.rows()
    monkeypatch.setattr(updates, "refusals", lambda *_args, **_kwargs: iter(()))
    with raw.refused("update_not_before_its_time"):
        updates.publish(update, by=world.reviewer, at=world.later(days=-9999))
    assert raw.rows() == before
    assert not Head.objects.exists()


# --- Correcting -------------------------------------------------------------------------------


@pytest.fixture
def entry(world):
    """An entry with all that a correction starts from."""
    update = world.draft(
        world.pledge(),
        Status.STALLED,
        evidence=0,
        effective_on=date(2023, 5, 1),
        reported_progress=40,
        due_on=date(2027, 12, 31),
        due_precision="year",
    )
    world.evidence(
        update,
        kind="news",
        title="A report",
        language="zh",
        publisher="A newspaper",
        published_on=date(2023, 5, 2),
        seen_on=date(2023, 5, 3),
        quotation="停滞。",
        note_en="Shows that it stopped.",
        note_zh="表明已停滞。",
    )
    with_file = Evidence(
        update=update,
        kind="law",
        title="A decree",
        publisher="A ministry",
        file=SimpleUploadedFile("decree.pdf", b"%PDF-1.7"),
    )
    with_file.full_clean()
    with_file.save()
    step = world.milestone(update.pledge)
    world.change(update, step, state="done", done_on=date(2023, 4, 1))
    other = world.milestone(update.pledge, "Second")
    world.change(update, other, due_on=date(2027, 6, 30), due_precision="month")
    submitted = updates.submit(update, by=world.author, at=world.at)
    return updates.publish(submitted, by=world.reviewer, at=world.at)


def said(update):
    """What an update says, without who wrote it and when."""
    names = ["pledge", "status", "effective_on", "reported_progress", "due_on", "due_precision"]
    evidence = [field.name for field in Evidence._meta.fields]
    evidence = [name for name in evidence if name not in ("id", "uid", "update")]
    change = ("milestone", "state", "due_on", "due_precision", "done_on")
    return (
        [getattr(update, name) for name in [*names, "narrative_en", "narrative_zh"]],
        list(update.evidence.values_list(*evidence)),
        list(update.milestone_changes.values_list(*change)),
    )


def test_a_correction_starts_from_what_the_entry_says(world, entry):
    colleague = world.person("colleague", StaffRole.EDITOR)
    before = said(entry)
    draft = updates.correct(entry, by=colleague, at=world.later(hours=1))
    assert said(draft) == before
    assert said(Update.objects.get(pk=entry.pk)) == before
    assert (draft.state, draft.corrects) == (DRAFT, entry)
    assert (draft.created_by, draft.edited_by) == (colleague, colleague)
    assert draft.created_at == draft.edited_at == world.later(hours=1)
    assert draft.uid != entry.uid
    assert draft.sequence is None
    assert draft.correction_reason_en == draft.correction_reason_zh == ""
    uids = set(entry.evidence.values_list("uid")) & set(draft.evidence.values_list("uid"))
    assert not uids


def test_a_corrected_file_is_still_there_for_the_entry(world, entry):
    draft = updates.correct(entry, by=world.author, at=world.at)
    draft.evidence.all().delete()
    draft.delete()
    with entry.evidence.get(kind="law").file.open() as kept:
        assert kept.read() == b"%PDF-1.7"


def test_ones_own_correction_under_way_is_taken_up_again(world, entry):
    first = updates.correct(entry, by=world.author, at=world.at)
    assert updates.correct(entry, by=world.author, at=world.later(hours=1)) == first
    colleague = world.person("colleague", StaffRole.EDITOR)
    theirs = updates.correct(entry, by=colleague, at=world.at)
    assert theirs != first
    assert entry.corrections.count() == 2
    # What waits for review is no draft of one's own any more.
    first.correction_reason_en = "A slip."
    first.save()
    updates.submit(first, by=world.author, at=world.at)
    assert updates.correct(entry, by=world.author, at=world.at) not in (first, theirs)


def test_a_correction_needs_a_reason(world, entry):
    draft = updates.correct(entry, by=world.author, at=world.at)
    with refused_with(Refusal.NO_CORRECTION_REASON):
        updates.submit(draft, by=world.author, at=world.at)
    draft.correction_reason_zh = "笔误。"
    draft.save()
    assert updates.submit(draft, by=world.author, at=world.at).state == SUBMITTED


def test_what_is_corrected_is_corrected_by_no_other(world, entry):
    rival = updates.correct(entry, by=world.author, at=world.at)
    rival.correction_reason_en = "A slip."
    rival.save()
    rival = updates.submit(rival, by=world.author, at=world.at)
    correction = world.correction(entry, Status.IN_PROGRESS)
    before = raw.rows()
    with refused_with(Refusal.ALREADY_CORRECTED):
        updates.correct(entry, by=world.author, at=world.at)
    with refused_with(Refusal.ALREADY_CORRECTED):
        updates.publish(rival, by=world.reviewer, at=world.at)
    assert raw.rows() == before
    of_correction = world.correction(correction, Status.STALLED)
    assert of_correction.corrects == correction


def test_a_correction_corrects_the_standing(world, entry):
    world.correction(entry, Status.IN_PROGRESS, reported_progress=55)
    standing = entry.pledge.standing
    standing.refresh_from_db()
    assert (standing.status, standing.reported_progress) == (Status.IN_PROGRESS, 55)
