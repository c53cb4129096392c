import secrets
from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tracker.models.constraints import one_of
from tracker.models.pledge import Pledge
from tracker.vocabulary import Language


def new_token() -> str:
    """A secret that only its own e-mail holds: 256 random bits."""
    return secrets.token_urlsafe(32)


class SubscriptionQuerySet(models.QuerySet):
    def confirmed(self) -> "SubscriptionQuerySet":
        return self.filter(confirmed_on__isnull=False)

    def unanswered(self, before: date) -> "SubscriptionQuerySet":
        """Those that were asked for before a day and never confirmed."""
        return self.filter(confirmed_on__isnull=True, asked_on__lt=before)

    def behind(self, sequence: int) -> "SubscriptionQuerySet":
        """Those confirmed ones that were not sent the entries up to `sequence` yet."""
        return self.confirmed().filter(sent_sequence__lt=sequence)


class Subscription(models.Model):
    """One address that asked to be written to when the record changes: all of it, or a part.

    With neither pillar, body nor pledge it follows everything. Nothing but its confirmation is
    sent before `confirmed_on`.
    """

    email = models.EmailField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=8, choices=Language.choices)
    pillar = models.ForeignKey(
        "tracker.Pillar",
        models.PROTECT,
        related_name="subscriptions",
        null=True,
        blank=True,
        verbose_name=_("pillar"),
    )
    body = models.ForeignKey(
        "tracker.Body",
        models.PROTECT,
        related_name="subscriptions",
        null=True,
        blank=True,
        verbose_name=_("body"),
    )
    pledge = models.ForeignKey(
        "tracker.Pledge",
        models.PROTECT,
        related_name="subscriptions",
        null=True,
        blank=True,
        verbose_name=_("pledge"),
    )
    token = models.CharField(_("token"), max_length=64, unique=True, default=new_token)
    asked_on = models.DateField(_("asked on"))
    confirmed_on = models.DateField(_("confirmed on"), null=True, blank=True)
    sent_sequence = models.PositiveBigIntegerField(
        _("number of the last entry that was sent"), default=0
    )

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["email", "pk"]
        constraints = [
            one_of("subscription", "language", Language),
            models.CheckConstraint(
                name="subscription_one_subject",
                condition=Q(pillar__isnull=True, body__isnull=True)
                | Q(pillar__isnull=True, pledge__isnull=True)
                | Q(body__isnull=True, pledge__isnull=True),
                violation_error_message=_("Follow one pillar, one body, one pledge, or all."),
            ),
            # Coalesced, for to a database two missing pillars are not the same one.
            models.UniqueConstraint(
                "email",
                Coalesce("pillar", 0),
                Coalesce("body", 0),
                Coalesce("pledge", 0),
                name="subscription_once",
                violation_error_message=_("This address follows that already."),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def subject(self) -> models.Model | None:
        """The pillar, body or pledge that is followed; None for everything."""
        return self.pillar or self.body or self.pledge

    def pledges(self) -> models.QuerySet:
        """The pledges whose entries it asks for, public or not."""
        if self.pillar_id:
            return Pledge.objects.filter(pillar=self.pillar_id)
        if self.body_id:
            return Pledge.objects.filter(responsibilities__body=self.body_id)
        if self.pledge_id:
            return Pledge.objects.filter(pk=self.pledge_id)
        return Pledge.objects.all()
