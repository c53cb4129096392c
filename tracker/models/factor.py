"""What proves besides the password that it is this person.

Codes of an app are django-otp's (`TOTPDevice`); passkeys and recovery codes stand here.
"""

import secrets
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

#: Without letters and digits that are mistaken for one another: 32 signs, five bits each.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
SIGNS, GROUP = 28, 4


class Passkey(models.Model):
    """One key of one person: the device keeps the secret half, here is the public one."""

    name = models.CharField(_("name"), max_length=60)
    credential = models.CharField(_("identifier"), max_length=1400, unique=True, editable=False)
    public_key = models.TextField(_("public half"), max_length=4000, editable=False)
    uses = models.PositiveBigIntegerField(
        _("uses that the device counted"), default=0, editable=False
    )
    added_at = models.DateTimeField(_("added at"), editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="passkeys",
        editable=False,
        verbose_name=_("added by"),
    )

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return self.name


class RecoveryCodeQuerySet(models.QuerySet):
    def spend(self, code: str) -> bool:
        """Uses a code up. Whether it was one: of two who send the same, one is told so."""
        return self.filter(digest=digest_of(code)).delete()[0] == 1


class RecoveryCode(models.Model):
    """One code that lets its owner in once, in place of a lost factor. A used one is gone.

    It has 140 random bits: nobody guesses it back from a digest, however quick the digest is.
    """

    digest = models.CharField(_("digest"), max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made at"), editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="recovery_codes",
        editable=False,
        verbose_name=_("made by"),
    )

    objects = RecoveryCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.pk)


def new_code() -> str:
    """A code as it is shown: `ABCD-EFGH-…`."""
    signs = "".join(secrets.choice(ALPHABET) for _number in range(SIGNS))
    return "-".join(signs[place : place + GROUP] for place in range(0, SIGNS, GROUP))


def digest_of(code: str) -> str:
    """The digest of a code as typed: case, spaces and hyphens do not matter."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return sha256(plain.encode("utf-8", "replace")).hexdigest()
