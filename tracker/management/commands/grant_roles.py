from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from tracker.actions import grants
from tracker.models.public import ROLE, SHOWN
from tracker.queries.grants import differences, exists


class Command(BaseCommand):
    help = (
        "Gives the role of the public site what is public, and takes all else from it. "
        "Run it after every migrate. PostgreSQL only."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail where something differs"
        )

    def handle(self, *, check, **options):
        if connection.vendor != "postgresql":
            raise CommandError("SQLite knows no roles: what reads the file reads all of it.")
        if not exists(connection):
            raise CommandError(
                f"There is no role {ROLE}. Make it as PostgreSQL's superuser: createuser {ROLE}"
            )
        found = list(differences(connection) if check else grants.grant(connection))
        for line in found:
            self.stdout.write(line)
        if check and found:
            raise CommandError(f"{len(found)} differences. Run grant_roles, and look who granted.")
        # What only a superuser can take away stays.
        left = [] if check else list(differences(connection))
        if left:
            raise CommandError(f"{left[0]}. Only a superuser can mend it.")
        self.stdout.write(f"{ROLE} reads what is public of {len(SHOWN)} tables, and nothing else.")
