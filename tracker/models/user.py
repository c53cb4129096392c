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

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"
