"""Passwords: only their owner ever types one. Others take it away, and send a link to choose it."""

from django.db import transaction

from tracker.actions import audit, sessions
from tracker.actions.audit import Doer
from tracker.models import User
from tracker.vocabulary import AuditKind


@transaction.atomic
def take_away(person: User, *, doer: Doer, detail: str) -> None:
    """Until `person` chooses a password, nobody signs in as them; every session of theirs ends.

    What stands in the password's place is another each time: so a link that was made before,
    which is signed with it, ends too. `detail` goes into the audit log.
    """
    person.set_unusable_password()
    person.save(update_fields=["password"])
    audit.write(doer, AuditKind.PASSWORD_CHANGED, about=person, detail=detail)
    sessions.end(person, doer=doer)


@transaction.atomic
def choose(person: User, password: str, *, doer: Doer) -> None:
    """Keeps the password that `person` chose by a link. The rules were asked before."""
    person.set_password(password)
    person.save(update_fields=["password"])
    audit.write(doer, AuditKind.PASSWORD_CHANGED, about=person, detail="chosen by a link")
