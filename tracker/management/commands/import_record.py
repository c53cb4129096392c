from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from tracker.actions.copies import Archive, BadCopy, bring_in
from tracker.actions.grams import index


class Command(BaseCommand):
    help = "Makes the record of a file that export_record wrote, on a site that has none yet."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="try it, and leave nothing")

    def handle(self, *, file, dry_run, **options):
        try:
            with file.open("rb") as opened, transaction.atomic():
                counts = bring_in(Archive(opened))
                if dry_run:
                    transaction.set_rollback(True)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}. Name a file to read.") from None
        except BadCopy as error:
            raise CommandError(f"{file}: {error} Nothing was brought in.") from None
        if not dry_run:
            index()
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        self.stdout.write(f"{file}: {said}." + (" Nothing was kept." if dry_run else ""))
