import logging
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import get_connection
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.actions import subscriptions
from tracker.actions.letters import weekly_digest
from tracker.models import Subscription
from tracker.queries.digest import digest
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of

logger = logging.getLogger(__name__)

#: With these the server has said that it did not take the mail.
REFUSALS = (SMTPRecipientsRefused, SMTPResponseException)


class Command(BaseCommand):
    help = "Writes to each confirmed address what is new in what it follows. Run it once a week."

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be sent; send and change nothing"
        )

    def handle(self, *, dry_run, **options):
        asof = AsOf(day_of(timezone.now()))
        upto = subscriptions.head()
        behind = Subscription.objects.behind(upto).order_by("email")
        addresses = list(behind.values_list("email", flat=True).distinct())
        if dry_run:
            counts = [self._entries(email, upto, asof) for email in addresses]
            self.stdout.write(f"Would send {sum(map(bool, counts))} digests; nothing was sent.")
            return
        forgotten = subscriptions.forget_unanswered(on=asof.day)
        sent, failed = self._send_all(addresses, upto, asof)
        self.stdout.write(
            f"Sent {sent} digests; {failed} failed; {forgotten} unconfirmed were forgotten."
        )
        if failed:
            raise CommandError(f"{failed} digests could not be sent; the log says why.")

    def _entries(self, email, upto, asof):
        rows = Subscription.objects.behind(upto).filter(email=email)
        return len(digest([(row, row.sent_sequence) for row in rows], upto=upto, asof=asof))

    def _send_all(self, addresses, upto, asof):
        connection = get_connection()
        sent = failed = 0
        for email in addresses:
            try:
                # Before anything is claimed: a server that is away costs nobody a digest.
                connection.open()
            except OSError as error:
                raise CommandError(
                    f"The mail server does not answer ({error}). {sent} digests were sent; "
                    "look at EMAIL_URL and run it again for the others."
                ) from None
            try:
                sent += self._send(email, connection, upto, asof)
            except Exception as error:
                # One address that fails must not keep the others from their mail.
                failed += 1
                logger.error("A digest could not be sent: %s", type(error).__name__)
                connection.close()
        connection.close()
        return sent, failed

    def _send(self, email, connection, upto, asof):
        """Sends one address its digest. Returns how many mails that made: none or one."""
        claimed = subscriptions.claim(email, upto=upto)
        parts = [(one.subscription, one.after) for one in claimed]
        try:
            entries = digest(parts, upto=upto, asof=asof)
            if not entries:
                return 0
            mail = weekly_digest([one.subscription for one in claimed], entries)
            mail.connection = connection
            return mail.send()
        except Exception as error:
            # Where the server fell silent it may have taken the mail: that is not sent again.
            if isinstance(error, REFUSALS) or not isinstance(error, OSError):
                subscriptions.hand_back(claimed, upto=upto)
            raise
