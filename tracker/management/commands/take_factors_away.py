from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.actions import factors
from tracker.actions.audit import Doer
from tracker.models import User


class Command(BaseCommand):
    help = "For who lost a second factor: takes all of them away, and signs the person out."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *, username, **options):
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is nobody called {username}.")
        factors.take_all_away(person, doer=Doer(None, timezone.now()))
        self.stdout.write(f"{username} signs in with the password, and sets a factor up anew.")
