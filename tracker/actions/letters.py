"""The e-mails to readers: texts from templates, in the reader's language."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.models import Subscription
from tracker.queries.news import News

#: A digest tells so many entries; for more it leads to the list.
MOST_ENTRIES = 100


def confirmation(subscription: Subscription) -> EmailMessage:
    """Asks whether the address is to be written to; one that is, is told so."""
    with translation.override(subscription.language):
        if subscription.confirmed_on:
            subject = _("You follow this already")
        else:
            subject = _("Please confirm: follow the Lingang Pledge Tracker")
        return _letter(
            subject,
            "tracker/mail/confirmation.txt",
            subscription,
            {
                "confirm": address_of("follow-confirm", subscription.token),
                "stop": address_of("follow-stop", subscription.token),
            },
        )


def weekly_digest(subscriptions: Sequence[Subscription], news: Sequence[News]) -> EmailMessage:
    """One mail for all that an address follows. It stops by one click, for all of it."""
    # The language in which the address asked last.
    subscription = max(subscriptions, key=lambda one: (one.asked_on, one.pk))
    with translation.override(subscription.language):
        stop = address_of("follow-stop", subscription.token)
        subject = ngettext(
            "%(count)d new entry in the Lingang Pledge Tracker",
            "%(count)d new entries in the Lingang Pledge Tracker",
            len(news),
        ) % {"count": len(news)}
        mail = _letter(
            subject,
            "tracker/mail/digest.txt",
            subscription,
            {
                "news": [(one, _absolute(one.update.get_absolute_url())) for one in news][
                    :MOST_ENTRIES
                ],
                "left": max(len(news) - MOST_ENTRIES, 0),
                "updates": address_of("update-list"),
                "follows": [
                    (one.subject, address_of("follow-stop", one.token)) for one in subscriptions
                ],
                "stop": stop,
            },
        )
        mail.extra_headers |= {
            # RFC 8058: a mail program's own button stops it, without a page in between.
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        return mail


def address_of(name: str, *arguments: str) -> str:
    """The whole address of a page, in the language that is active."""
    return _absolute(reverse(f"tracker:{name}", args=arguments))


def _absolute(address: str) -> str:
    return f"{settings.SITE_URL}{address}"


def _letter(subject: str, template: str, to: Subscription, context: dict) -> EmailMessage:
    return EmailMessage(
        # Never a title or another text of a row: a mail's head is made of lines.
        subject=subject,
        body=render_to_string(template, {"subscription": to, **context}),
        to=[to.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
