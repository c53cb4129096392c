from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.management.base import BaseCommand, CommandError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from tracker.actions.reminders import send
from tracker.queries.reminders import Digest, Occasion, digests
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of
from tracker.vocabulary import ReminderKind


class Command(BaseCommand):
    help = "Mails each member of staff one digest of what is due, late, stale or to be reviewed."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what would be sent")
        parser.add_argument(
            "--on", type=date.fromisoformat, metavar="D", help="as if it were this day, YYYY-MM-DD"
        )

    def handle(self, *, dry_run, on, **options):
        today = day_of(timezone.now())
        if on and on > today and not dry_run:
            raise CommandError(f"--on: {on} is yet to come. Add --dry-run to see what it will be.")
        connection = get_connection()
        failed = []
        for digest in digests(AsOf(today, on=on or today)):
            who = digest.person.username
            reason = _passed_over(digest)
            if reason:
                self.stdout.write(f"{who}: passed over, {reason}.")
                continue
            if dry_run:
                self._say(f"{who} <{digest.person.email}>: would be sent", digest.occasions)
                continue
            try:
                sent = send(
                    digest,
                    sent_on=today,
                    deliver=lambda claimed: _mail(claimed, connection).send(),
                )
            except Exception as error:  # Whatever the mail server says, the others get theirs.
                failed.append(who)
                self.stderr.write(f"{who}: not sent ({error}). The next run tries again.")
                continue
            if sent:
                self._say(f"{who} <{digest.person.email}>: sent", sent)
        if failed:
            raise CommandError(f"Not sent to {', '.join(failed)}.")

    def _say(self, what, occasions):
        self.stdout.write(f"{what}:")
        for occasion in occasions:
            self.stdout.write(f"  {occasion.kind.value} {occasion.subject}")


def _passed_over(digest: Digest) -> str:
    """Why this person is not written to; nothing if they are."""
    if not digest.person.is_active:
        return "not active"
    return "" if digest.person.email else "no e-mail address"


def _mail(digest: Digest, connection) -> EmailMessage:
    """The digest in its reader's language. Nothing that anyone typed stands in its head."""
    with translation.override(digest.person.language):
        n = len(digest.occasions)
        subject = ngettext(
            "Pledge tracker: %(n)d reminder", "Pledge tracker: %(n)d reminders", n
        ) % {"n": n}
        body = render_to_string(
            "mail/reminder.txt",
            {
                "person": digest.person.get_short_name() or digest.person.get_username(),
                "sections": list(_sections(digest.occasions)),
                "desk_address": _absolute(reverse("admin:index")),
            },
        )
    return EmailMessage(subject, body, to=[digest.person.email], connection=connection)


def _sections(occasions):
    for kind in ReminderKind:
        of_kind = [o for o in occasions if o.kind == kind]
        if of_kind:
            items = [{"occasion": o, "address": _absolute(_page(o))} for o in of_kind]
            yield {"kind": kind, "items": items}


def _page(occasion: Occasion) -> str:
    """Where what is asked for is done: the update to review, or the form of a new one."""
    if occasion.update:
        return reverse("admin:tracker_update_change", args=[occasion.update.pk])
    return f"{reverse('admin:tracker_update_add')}?pledge={occasion.pledge.pk}"


def _absolute(address: str) -> str:
    return settings.SITE_URL + address
