from collections.abc import Iterator
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.queries import audit, chain
from tracker.queries.moment import one_moment
from tracker.queries.verification import Check, checks
from tracker.reports import freezing
from tracker.rules.dates import day_of


class Command(BaseCommand):
    help = "Checks that the record is what was published, and names the first thing that is not."

    def handle(self, **options):
        # On a live site entries are published meanwhile: the end that is read first and the
        # entries that are read after it would not agree.
        with one_moment():
            faults = list(self._faults())
        if faults:
            raise CommandError(
                f"{faults[0]}. Stop publishing, keep a copy of the database as it is, and compare "
                "it with the latest backup that verifies."
            )

    def _faults(self) -> Iterator[str]:
        for check in _checks(day_of(timezone.now())):
            self.stdout.write(f"{'FAULT' if check.fault else 'good'}: {check.name}")
            if check.fault:
                self.stdout.write(f"       {check.fault}")
                yield check.fault
        head = chain.head()
        self.stdout.write(f"The record ends with entry {head.number}, digest {head.digest}")
        log = audit.head()
        self.stdout.write(f"The audit log ends with entry {log.number}, digest {log.digest}")


def _checks(on: date) -> Iterator[Check]:
    yield from checks(on)
    yield freezing.check()
