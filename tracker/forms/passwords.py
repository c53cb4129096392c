"""What a new password may not be. How it is composed is nobody's business but its owner's."""

import re

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: Words that anybody would try first here. SITE_URL's own are added to them.
WORDS = frozenset({"lingang", "shanghai", "pledge", "pledges", "tracker", "pledgetracker"})
#: So many signs, said over and over, are no more than said once.
REPEATED = re.compile(r"(.{1,5}?)\1+.{0,4}")


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
