"""Following by e-mail: asked for, confirmed, written to, ended. `docs/following.md` tells it whole.

Nobody signs in for this: whoever holds a subscription's token reads its mailbox, and so may
confirm and end it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models, transaction
from django.db.models import Max

from tracker.models import Body, Head, Pillar, Pledge, Subscription
from tracker.vocabulary import Language

#: How long a question for confirmation waits for its answer.
DAYS_TO_CONFIRM = 7


def head() -> int:
    """The number of the record's last entry."""
    return Head.objects.aggregate(n=Max("sequence"))["n"] or 0


@transaction.atomic
def ask(*, email: str, subject: models.Model | None, language: Language, on: date) -> Subscription:
    """Keeps that `email` asks to follow `subject` (None: everything). It is not confirmed by this.

    Asked again, it is the same subscription; one that waits for confirmation waits anew.
    """
    follows = {
        "pillar": subject if isinstance(subject, Pillar) else None,
        "body": subject if isinstance(subject, Body) else None,
        "pledge": subject if isinstance(subject, Pledge) else None,
    }
    subscription, created = Subscription.objects.get_or_create(
        email=email, **follows, defaults={"language": language, "asked_on": on}
    )
    if not created and subscription.confirmed_on is None:
        subscription.language, subscription.asked_on = language, on
        subscription.save(update_fields=["language", "asked_on"])
    return subscription


@transaction.atomic
def confirm(token: str, *, on: date) -> Subscription | None:
    """Begins the subscription with this token; None where there is none.

    It is written to about what is published from now on. Confirmed again, it stays as it is.
    """
    subscription = Subscription.objects.select_for_update().filter(token=token).first()
    if subscription and subscription.confirmed_on is None:
        subscription.confirmed_on, subscription.sent_sequence = on, head()
        subscription.save(update_fields=["confirmed_on", "sent_sequence"])
    return subscription


@transaction.atomic
def stop(token: str, *, everything: bool) -> int:
    """Ends the subscription with this token, or with `everything` each one of its address.

    Returns how many were ended. What is ended is deleted: nothing of the address is kept.
    """
    found = Subscription.objects.filter(token=token)
    if everything:
        found = Subscription.objects.filter(email__in=list(found.values_list("email", flat=True)))
    return found.delete()[0]


@transaction.atomic
def forget_unanswered(*, on: date) -> int:
    """Deletes what was asked for long ago and never confirmed. Returns how many those were."""
    return Subscription.objects.unanswered(on - timedelta(days=DAYS_TO_CONFIRM)).delete()[0]


@dataclass(frozen=True)
class Claimed:
    """A subscription whose entries after `after` somebody has undertaken to send."""

    subscription: Subscription
    after: int


@transaction.atomic
def claim(email: str, *, upto: int) -> list[Claimed]:
    """Takes over sending `email` the entries up to number `upto`, for all that it follows.

    They count as sent from this moment on, before they are: whoever is killed half-way loses one
    digest, and nobody gets it twice. Two who claim at once queue, and the second gets nothing.
    """
    behind = Subscription.objects.behind(upto).filter(email=email).select_for_update(of=("self",))
    claimed = [
        Claimed(subscription, subscription.sent_sequence)
        for subscription in behind.select_related("pillar", "body", "pledge").order_by("pk")
    ]
    Subscription.objects.filter(pk__in=[one.subscription.pk for one in claimed]).update(
        sent_sequence=upto
    )
    return claimed


@transaction.atomic
def hand_back(claimed: Iterable[Claimed], *, upto: int) -> None:
    """Undoes a claim whose mail was refused, so that the next digest holds its entries."""
    for one in claimed:
        Subscription.objects.filter(pk=one.subscription.pk, sent_sequence=upto).update(
            sent_sequence=one.after
        )
