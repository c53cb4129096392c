import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tracker.actions import notes
from tracker.actions.updates import Refused
from tracker.models import Note
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
