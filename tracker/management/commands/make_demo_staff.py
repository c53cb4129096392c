import os
import secrets

from tracker.actions.staff import make_demo_staff
from tracker.management.audited import AuditedCommand


class Command(AuditedCommand):
    help = "Makes editor, reviewer, manager and admin where nobody can sign in yet."

    def handle(self, **options):
        given = os.environ.get("DEMO_PASSWORD", "")
        password = given or secrets.token_urlsafe(12)
        staff = make_demo_staff(password=password)
        if staff:
            names = ", ".join(person.username for person in staff)
            shown = "as in DEMO_PASSWORD" if given else f"{password} (shown this once)"
            self.stdout.write(f"Demo staff: {names}. Password: {shown}")
