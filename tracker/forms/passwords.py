"""What a new password may not be. How it is composed is nobody's business but its owner's."""

import logging
import re
from hashlib import sha1

from django.conf import settings
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.rules import breaches

logger = logging.getLogger(__name__)

#: Words that anybody would try first here. SITE_URL's own are added to them.
WORDS = frozenset({"lingang", "shanghai", "pledge", "pledges", "tracker", "pledgetracker"})
#: So many signs, said over and over, are no more than said once.
REPEATED = re.compile(r"(.{1,5}?)\1+.{0,4}")


class LongEnoughValidator(MinimumLengthValidator):
    """Django's, whose refusal is not translated into Chinese."""

    def get_error_message(self):
        return ngettext(
            "It is too short: it needs at least %(n)d character.",
            "It is too short: it needs at least %(n)d characters.",
            self.min_length,
        ) % {"n": self.min_length}


class NothingKnownValidator(CommonPasswordValidator):
    """Refuses a password that was in a breach or is a word of this site or of its owner: as it
    is, with digits or signs around it, or over and over."""

    def validate(self, password, user=None):
        plain = re.sub(r"[\W_]+", "", password.lower())
        cores = {password.lower().strip(), plain, plain.strip("0123456789")}
        if cores & (self.passwords | _words(user)) or len(plain.strip("0123456789")) < 2:
            raise ValidationError(
                _(
                    "It is among the first that somebody would try. "
                    "Take a few words that do not belong together."
                ),
                code="password_too_common",
            )
        if REPEATED.fullmatch(password):
            raise ValidationError(
                _("It says the same few signs over and over."), code="password_repeats"
            )

    def get_help_text(self):
        return _(
            "Not a password that was ever in a breach, nor the name of this site or your own, "
            "whatever stands around it."
        )


def _words(user) -> set[str]:
    """The words of this site, and those of the account."""
    names = [settings.SITE_URL]
    names += [
        getattr(user, name, "") or "" for name in ("username", "first_name", "last_name", "email")
    ]
    own = {word for name in names for word in re.split(r"[\W_]+", name.lower()) if len(word) > 3}
    return WORDS | own


class NotBreachedValidator:
    """Refuses a password whose SHA-1 stands in the operator's list of breached ones, and every
    password while that list cannot be read: what cannot be looked up is not let through."""

    def __init__(self, path):
        self.path = path

    def validate(self, password, user=None):
        # The list is of SHA-1: here it hides nothing, and is only the name of a line.
        digest = sha1(password.encode(), usedforsecurity=False).hexdigest()
        try:
            with open(self.path, "rb") as file:
                is_breached = breaches.holds(file, digest)
        except (OSError, breaches.NotAList) as error:
            logger.exception("The list of breached passwords cannot be read")
            raise ValidationError(
                _(
                    "The list of breached passwords cannot be read just now, so no password can be "
                    "set. Your present one stays. Please tell whoever runs this site."
                ),
                code="breach_list_unreadable",
            ) from error
        if is_breached:
            raise ValidationError(
                _("It was in a breach: others have it on their lists. Take another."),
                code="password_breached",
            )

    def get_help_text(self):
        return _("It is looked up in a list of breached passwords, here and not over the network.")
