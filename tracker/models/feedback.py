from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.constraints import moment_with_person, one_of
from tracker.models.fields import WebAddress
from tracker.models.pledge import Pledge
from tracker.models.user import User
from tracker.vocabulary import FeedbackKind


class FeedbackQuerySet(models.QuerySet):
    def in_care_of(self, person: User) -> "FeedbackQuerySet":
        """Those on pledges in the care of `person`."""
        return self.filter(pledge__in=Pledge.objects.in_care_of(person))

    def waiting(self) -> "FeedbackQuerySet":
        """Those that nobody has handled yet, oldest first."""
        return self.filter(handled_at__isnull=True).order_by("received_on", "pk")


class Feedback(models.Model):
    """What one reader wrote about a pledge: a problem with its page, or evidence. Never public."""

    pledge = models.ForeignKey(
        Pledge, models.PROTECT, related_name="feedback", verbose_name=_("pledge")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=FeedbackKind.choices)
    text = models.TextField(_("message"), max_length=4000)
    url = WebAddress(_("web address"), max_length=1000, blank=True)
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    received_on = models.DateField(_("received on"))
    handled_at = models.DateTimeField(_("handled at"), null=True, editable=False)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("handled by"),
    )

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("reader’s message")
        verbose_name_plural = _("readers’ messages")
        ordering = ["-received_on", "-pk"]
        constraints = [
            one_of("feedback", "kind", FeedbackKind),
            moment_with_person("feedback", "handled"),
            models.CheckConstraint(name="feedback_has_text", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return f"{self.pledge_id}: {self.text[:60]}"
