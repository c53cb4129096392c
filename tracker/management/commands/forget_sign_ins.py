from axes.models import AccessAttempt
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from tracker.models import Session


class Command(BaseCommand):
    help = (
        "Deletes what is left of signing in and counts no longer: sessions that ended, and wrong "
        "tries for which nobody waits any more. Run it every day."
    )

    def handle(self, **options):
        now = timezone.now()
        sessions, _kinds = Session.objects.filter(expire_date__lt=now).delete()
        waited = now - settings.AXES_COOLOFF_TIME
        tries, _kinds = AccessAttempt.objects.filter(attempt_time__lt=waited).delete()
        self.stdout.write(f"{sessions} sessions and {tries} wrong tries forgotten.")
