import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tracker.actions import milestones, notes
from tracker.actions.updates import Refused
from tracker.models import Milestone, Note
from tracker.vocabulary import Refusal, StaffRole


@pytest.mark.parametrize("role", list(StaffRole))
def test_every_role_adds_notes(world, role):
    pledge = world.pledge()
    person = world.person("somebody", role)
    note = notes.write(pledge, text=" Ask the\r\noffice. ", by=person, at=world.at)
    assert (note.text, note.written_by, note.update) == ("Ask the\noffice.", person, None)


def test_a_note_of_nothing_is_refused(world):
    with pytest.raises(Refused) as refused:
        notes.write(world.pledge(), text=" \n", by=world.author, at=world.at)
    assert refused.value.refusals == [Refusal.SAYS_NOTHING]
    assert not Note.objects.exists()


def test_a_note_is_on_an_update_of_the_same_pledge(world):
    update = world.draft(world.pledge("P1.02"))
    with pytest.raises(ValidationError):
        notes.write(world.pledge(), update=update, text="x", by=world.author, at=world.at)


def test_nobody_writes_notes_on_what_others_care_for(world):
    pledge = world.pledge()
    stranger = world.person("stranger", StaffRole.EDITOR, bodies=[world.body()])
    for person in (stranger, world.person("nobody")):
        with pytest.raises(PermissionDenied):
            notes.write(pledge, text="x", by=person, at=world.at)


def test_a_milestone_is_begun_with_a_draft_and_with_no_other(world):
    pledge = world.pledge()
    world.milestone(pledge, order=3)
    draft, waiting = world.draft(pledge), world.submitted(pledge)
    with pytest.raises(PermissionDenied):
        milestones.begin(draft, by=world.reviewer, title_en="Tender")
    with pytest.raises(Refused) as refused:
        milestones.begin(waiting, by=world.author, title_en="Tender")
    assert refused.value.refusals == [Refusal.NOT_EDITABLE]
    begun = milestones.begin(draft, by=world.author, title_en="Tender")
    assert (begun.order, begun.pledge) == (4, pledge)
    assert draft.milestone_changes.get().milestone == begun
    assert Milestone.objects.count() == 2
