from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.actions.backups import BadBackup, Refused, restore
from tracker.actions.backups.engines import CannotCopy


class Command(BaseCommand):
    help = "Puts the site back to a backup, after the record in it was verified on the side."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="in the place of the record that is there"
        )
        parser.add_argument(
            "--check", action="store_true", help="only see whether it could be restored"
        )

    def handle(self, *, file, replace, check, **options):
        try:
            restore(
                file,
                at=timezone.now(),
                replace=replace,
                only_check=check,
                say=self.stdout.write,
            )
        except (BadBackup, CannotCopy, Refused, OSError) as error:
            raise CommandError(f"{file} was not restored: {error}. Nothing was changed.") from None
