from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.vocabulary import Language


class User(AbstractUser):
    """One member of staff. What they may do follows from their groups."""

    language = models.CharField(
        _("language"),
        max_length=8,
        choices=Language.choices,
        default=Language.EN,
        help_text=_("The language in which this person is written to."),
    )

    is_site_wide = models.BooleanField(
        _("works for every body"),
        default=False,
        help_text=_("Otherwise only for the pledges that this person’s bodies lead or support."),
    )

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"

    @property
    def cares_for_all(self) -> bool:
        """Whether every pledge is in this person's care, and not only those of their bodies."""
        return self.is_active and (self.is_superuser or self.is_site_wide)

    @property
    def has_second_factor(self) -> bool:
        """Whether something besides the password can be asked of this person."""
        return self.passkeys.exists() or self.totpdevice_set.filter(confirmed=True).exists()
