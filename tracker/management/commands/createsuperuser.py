from django.contrib.auth.management.commands import createsuperuser

from tracker.management.audited import AuditedCommand


class Command(AuditedCommand, createsuperuser.Command):
    """Django's own, and told in the audit log."""
