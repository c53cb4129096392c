from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from tracker.actions.grams import index
from tracker.actions.loading import BadFile, load


class Command(BaseCommand):
    help = "Loads a programme's record from a folder of files; what is there already stays."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="for example fixtures/lingang")

    def handle(self, *, folder, **options):
        try:
            loaded = load(folder)
        except BadFile as error:
            raise CommandError(str(error)) from None
        index()
        new = ", ".join(f"{count} {name}" for name, count in loaded.new.items())
        self.stdout.write(f"{folder}: {new or 'nothing new'}.")
