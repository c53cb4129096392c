"""Sending what staff are to be reminded of: each thing once, also with two commands at once."""

from collections.abc import Callable
from datetime import date

from django.db import transaction

from tracker.models import Reminder
from tracker.queries.reminders import Digest, Occasion

#: Mails a digest. What it raises says that nothing was sent.
Deliver = Callable[[Digest], object]


def send(digest: Digest, *, sent_on: date, deliver: Deliver) -> tuple[Occasion, ...]:
    """Mails what of the digest nobody else has sent meanwhile; gives that, nothing where all was.

    Each occasion is claimed by its row first, then the mail goes out, then nothing more is written:
    whatever fails in between lets the claims go, so that the next run sends them. No transaction is
    open while the mail server answers: staff go on writing.
    """
    claimed = _claim(digest, sent_on)
    if not claimed:
        return ()
    try:
        deliver(Digest(digest.person, claimed))
    except BaseException:  # Also where the run is broken off: nothing may be lost.
        _release(digest, claimed)
        raise
    return claimed


@transaction.atomic
def _claim(digest: Digest, sent_on: date) -> tuple[Occasion, ...]:
    return tuple(
        occasion
        for occasion in digest.occasions
        if Reminder.objects.get_or_create(
            recipient=digest.person,
            kind=occasion.kind,
            subject=occasion.subject,
            defaults={"sent_on": sent_on},
        )[1]
    )


@transaction.atomic
def _release(digest: Digest, claimed: tuple[Occasion, ...]) -> None:
    for occasion in claimed:
        Reminder.objects.filter(
            recipient=digest.person, kind=occasion.kind, subject=occasion.subject
        ).delete()
