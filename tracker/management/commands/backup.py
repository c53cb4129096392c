from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.actions.backups import back_up
from tracker.actions.backups.engines import CannotCopy


class Command(BaseCommand):
    help = "Copies the database and the files of evidence into one file, while the site runs."

    def add_arguments(self, parser):
        parser.add_argument(
            "--output", type=Path, metavar="DIR", help="a folder; else VAR_DIR/backups"
        )
        parser.add_argument("--keep", type=int, metavar="N", help="keep the newest N there")

    def handle(self, *, output, keep, **options):
        if keep is not None and keep < 1:
            raise CommandError("--keep: give 1 or more.")
        folder = output or settings.VAR_DIR / "backups"
        try:
            path, manifest = back_up(folder, at=timezone.now(), keep=keep)
        except (CannotCopy, OSError) as error:
            raise CommandError(f"No backup was made: {error}") from None
        self.stdout.write(
            f"{path}: {len(manifest.files)} files, {path.stat().st_size} bytes. The record in it "
            f"ends with entry {manifest.head['sequence']}, digest {manifest.head['digest']}"
        )
