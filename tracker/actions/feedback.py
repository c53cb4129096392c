"""What readers write about a pledge: taking it in, marking it handled, forgetting who wrote it."""

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tracker.models import Feedback, Pledge, User

#: For how many days after it was handled a message keeps its writer's e-mail address.
KEEPS_ADDRESS_DAYS = 90


@transaction.atomic
def receive(
    pledge: Pledge, *, kind: str, text: str, on: date, url: str = "", email: str = ""
) -> Feedback:
    """Takes a reader's message in. One that waits already in the same words is not kept twice.

    Whoever sends it is nobody we know: there is no `by`, and nothing else of them is kept.
    """
    # Locked, so that a button pressed twice does not slip through between the two looks.
    Pledge.objects.select_for_update().get(pk=pledge.pk)
    same = Feedback.objects.waiting().filter(pledge=pledge, kind=kind, text=text, url=url).first()
    if same is not None:
        if email and not same.email:
            same.email = email
            same.save(update_fields=["email"])
        return same
    message = Feedback(pledge=pledge, kind=kind, text=text, url=url, email=email, received_on=on)
    message.full_clean()
    message.save()
    return message


@transaction.atomic
def handle(message: Feedback, *, by: User, at: datetime) -> Feedback:
    """Marks a message as handled. One that is handled already stays as it is."""
    in_care = Feedback.objects.in_care_of(by).filter(pk=message.pk).exists()
    if not (in_care and by.has_perm("tracker.change_feedback")):
        raise PermissionDenied
    current = Feedback.objects.select_for_update().get(pk=message.pk)
    if current.handled_at is None:
        current.handled_at, current.handled_by = at, by
        current.save(update_fields=["handled_at", "handled_by"])
    return current


def forget_addresses(*, at: datetime, older_than: int = KEEPS_ADDRESS_DAYS) -> int:
    """Blanks the e-mail addresses of messages handled more than `older_than` days before `at`.

    The messages stay. Returns how many addresses were forgotten.
    """
    if older_than < 0:
        raise ValueError("older_than counts days back: zero or more.")
    old = Feedback.objects.filter(handled_at__lt=at - timedelta(days=older_than))
    return old.exclude(email="").update(email="")
