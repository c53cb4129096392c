from tracker.actions.staff import sync_roles
from tracker.management.audited import AuditedCommand


class Command(AuditedCommand):
    help = "Gives each staff role's group its exact permissions. Run it after every migrate."

    def handle(self, **options):
        for role, group in sync_roles().items():
            self.stdout.write(f"{role.value}: {group.permissions.count()} permissions.")
