"""Internal notes: a panel below the pages of pledges and updates, and the step that adds one."""

from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.actions import notes
from tracker.admin.steps import refusals_as_messages
from tracker.models import Note, Pledge, Update


def write_note(desk, request, row):
    """The step: adds what was written to the pledge, or to the update and its pledge."""
    update = row if isinstance(row, Update) else None
    pledge = update.pledge if update else row
    text = request.POST.get("text", "")
    with refusals_as_messages(request):
        notes.write(pledge, update=update, text=text, by=request.user, at=timezone.now())
        messages.success(request, _("The note is kept. Only staff see it."))


def notes_panel(desk, request, row: Pledge | Update) -> dict:
    """What the panel shows: the notes of the pledge, for all who may see notes."""
    if not request.user.has_perm("tracker.view_note"):
        return {}
    pledge_id = row.pledge_id if isinstance(row, Update) else row.pk
    found = Note.objects.in_care_of(request.user).filter(pledge=pledge_id)
    return {
        "notes": found.select_related("written_by", "update"),
        "note_address": desk.step_address(row, "note")
        if request.user.has_perm("tracker.add_note")
        else "",
    }
