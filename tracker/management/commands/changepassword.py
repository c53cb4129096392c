from django.contrib.auth.management.commands import changepassword

from tracker.management.audited import AuditedCommand


class Command(AuditedCommand, changepassword.Command):
    """Django's own, and told in the audit log."""
