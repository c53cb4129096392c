"""The link by which a person chooses their password: made by an administrator, mailed or shown.

It is Django's own token for a new password, which is signed and kept nowhere. It ends when it is
used, when another is made, when the mail address changes, and after PASSWORD_RESET_TIMEOUT.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from tracker.actions import passwords
from tracker.admin import proof
from tracker.models import User

#: Where a mail ends that no mail server is asked to carry.
_CARRIED_NOWHERE = {
    f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy", "filebased")
}


class Links(PasswordResetTokenGenerator):
    """The tokens of these links, and of no others: what is signed for one use fits no other."""

    key_salt = "tracker.admin.invitations.Links"


links = Links()


def is_mailed_to(person: User) -> bool:
    """Whether a link can be mailed: the site has a mail server, and the person an address."""
    return bool(person.email) and settings.EMAIL_BACKEND not in _CARRIED_NOWHERE


def begin(request: HttpRequest, person: User) -> None:
    """Takes the password away. Once that is saved, `hand_over` is to be called."""
    detail = "link mailed" if is_mailed_to(person) else "link shown"
    passwords.take_away(person, doer=proof.doer(request), detail=detail)
    request.invited, request.is_audited = person, True


def hand_over(desk, request: HttpRequest) -> HttpResponse | None:
    """Mails the link of the person for whom `begin` was called, if it was called for any.

    Gives the page that shows the link where it cannot be mailed; else None, and a message. It is
    no part of the transaction: nobody waits for a mail server with the audit log in hand.
    """
    person = getattr(request, "invited", None)
    if person is None:
        return None
    if not is_mailed_to(person):
        return _page(desk, request, person)
    try:
        _letter(person).send()
    except OSError:
        messages.error(
            request, _("The mail could not be sent, so nobody has the link. Invite again later.")
        )
    else:
        messages.success(
            request, _("A link was mailed to %(address)s.") % {"address": person.email}
        )
    return None


def _address_of(person: User) -> str:
    name = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("admin:choose-password", args=[name, links.make_token(person)])


def _ends_at():
    return timezone.localtime() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)


def _letter(person: User) -> EmailMessage:
    """The link as a mail in its reader's language. Nothing that anyone typed is in its head."""
    with translation.override(person.language):
        subject = _("Pledge tracker: choose your password")
        body = render_to_string(
            "mail/invitation.txt",
            {
                "person": person,
                # Not what the browser of an administrator says of itself.
                "address": settings.SITE_URL + _address_of(person),
                "ends_at": _ends_at(),
            },
        )
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, body, to=[person.email], headers=headers)


def _page(desk, request: HttpRequest, person: User) -> HttpResponse:
    """Shows the link, this once."""
    context = {
        **desk.each_context(request),
        "title": _("A link to hand over"),
        "person": person,
        "address": request.build_absolute_uri(_address_of(person)),
        "ends_at": _ends_at(),
    }
    return TemplateResponse(request, "admin/sign_in/link.html", context)
