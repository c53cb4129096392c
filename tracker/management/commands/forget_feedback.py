from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.actions.feedback import KEEPS_ADDRESS_DAYS, forget_addresses

#: A hundred years: more days than any moment can go back are a slip of the hand.
MOST_DAYS = 36_500


class Command(BaseCommand):
    help = "Blanks the e-mail addresses of readers' messages handled long ago. Run it every day."

    def add_arguments(self, parser):
        parser.add_argument(
            "--older-than",
            type=int,
            default=KEEPS_ADDRESS_DAYS,
            metavar="DAYS",
            help=f"days since the message was handled; {KEEPS_ADDRESS_DAYS} unless given",
        )

    def handle(self, *, older_than, **options):
        if not 0 <= older_than <= MOST_DAYS:
            raise CommandError(f"--older-than: give a number of days from 0 to {MOST_DAYS}.")
        forgotten = forget_addresses(at=timezone.now(), older_than=older_than)
        self.stdout.write(f"{forgotten} e-mail addresses forgotten.")
