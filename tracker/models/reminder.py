from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.constraints import one_of
from tracker.vocabulary import ReminderKind


class Reminder(models.Model):
    """One thing that one person was reminded of. Nobody is reminded of it again."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="reminders",
        verbose_name=_("recipient"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ReminderKind.choices)
    subject = models.CharField(
        _("subject"),
        max_length=100,
        help_text=_("What it was about, and which occasion: a pledge’s code, its due date, 7."),
    )
    sent_on = models.DateField(_("sent on"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ["-sent_on", "recipient", "kind", "subject"]
        constraints = [
            one_of("reminder", "kind", ReminderKind),
            models.UniqueConstraint(fields=["recipient", "kind", "subject"], name="reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}"
