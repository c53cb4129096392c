"""Writing internal notes. They are only ever added, and never public."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tracker.actions.updates import Refused
from tracker.models import Note, Pledge, Update, User
from tracker.vocabulary import Refusal

#: As long as the column's own bound.
MOST = 4000


@transaction.atomic
def write(
    pledge: Pledge, *, by: User, at: datetime, text: str, update: Update | None = None
) -> Note:
    """Adds a remark to a pledge, or to an `update` of it.

    Raises Refused where it says nothing or too much, PermissionDenied where `by` may not.
    """
    in_care = Pledge.objects.in_care_of(by).filter(pk=pledge.pk).exists()
    if not (in_care and by.has_perm("tracker.add_note")):
        raise PermissionDenied
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused([Refusal.SAYS_NOTHING])
    if len(text) > MOST:
        raise Refused([Refusal.SAYS_TOO_MUCH])
    note = Note(
        pledge=pledge,
        update=update,
        text=text,
        written_at=at,
        written_by=by,
    )
    note.full_clean()
    note.save()
    return note
