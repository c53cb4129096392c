"""Ending the sessions of a person before their time."""

from django.db import transaction

from tracker.actions import audit
from tracker.actions.audit import Doer
from tracker.models import Session, User
from tracker.vocabulary import AuditKind


@transaction.atomic
def end(person: User, *, doer: Doer, handle: str | None = None, but: str = "") -> int:
    """Ends the sessions of `person`; returns how many they were.

    All of them; or the one of this `handle`; never the one whose key is `but`.
    """
    keys = [
        session.session_key
        for session in Session.objects.of(person).exclude(session_key=but)
        if handle is None or session.handle == handle
    ]
    if keys:
        Session.objects.filter(session_key__in=keys).delete()
        audit.write(doer, AuditKind.SESSIONS_ENDED, about=person, detail=str(len(keys)))
    return len(keys)
