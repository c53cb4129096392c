from django.core.management.base import BaseCommand

from tracker.actions import grams


class Command(BaseCommand):
    help = "Brings the index of the search up to what is public now. It may be run at any time."

    def add_arguments(self, parser):
        parser.add_argument(
            "--anew", action="store_true", help="read all pledges, not only those that changed"
        )

    def handle(self, *, anew, **options):
        self.stdout.write(f"{grams.index(anew=anew)} pledges read.")
