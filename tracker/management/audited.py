"""What commands do to the accounts of staff, in the audit log."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from tracker.actions import audit
from tracker.actions.audit import Doer
from tracker.models import User
from tracker.vocabulary import AuditKind


class AuditedCommand(BaseCommand):
    """A command whose runs are told: that it ran, and the accounts that it named."""

    def execute(self, *args, **options):
        output = super().execute(*args, **options)
        person = User.objects.filter(username=options.get(User.USERNAME_FIELD) or "").first()
        name = type(self).__module__.rpartition(".")[2]
        audit.write(
            Doer(None, timezone.now()),
            AuditKind.COMMAND,
            about=name,
            detail=audit.named(person) if person else "",
        )
        return output
