from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.models.bilingual import Bilingual, in_one_language
from tracker.models.constraints import one_of
from tracker.models.fields import WebAddress
from tracker.models.user import User
from tracker.vocabulary import Role


class BodyQuerySet(models.QuerySet):
    def with_public_pledges(self) -> "BodyQuerySet":
        """Those that lead or support a public pledge. Adds `pledge_count`, how many those are."""
        public = Q(responsibilities__pledge__published_at__isnull=False)
        return self.annotate(pledge_count=Count("responsibilities", filter=public)).filter(
            pledge_count__gt=0
        )

    def spoken_for_by(self, person: User) -> "BodyQuerySet":
        """Those for which `person` may speak: their own; all where they work for every body."""
        return self if person.cares_for_all else self.filter(members=person)

    def leading(self, pledge_id: int) -> "BodyQuerySet":
        """Those that lead a pledge."""
        return self.filter(responsibilities__pledge=pledge_id, responsibilities__role=Role.LEAD)


class Body(models.Model):
    """One organisation that leads or supports pledges."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=200, blank=True)
    url = WebAddress(_("web address"), max_length=500, blank=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="bodies",
        blank=True,
        verbose_name=_("members"),
        help_text=_(
            "The staff who write and review for the pledges that this body leads or supports."
        ),
    )

    name = Bilingual("name")
    objects = BodyQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("body")
        verbose_name_plural = _("bodies")
        ordering = ["slug"]
        constraints = in_one_language("body", "name")

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("tracker:body-detail", args=[self.slug])


class Responsibility(models.Model):
    """What one body does for one pledge: it leads it or supports it."""

    pledge = models.ForeignKey(
        "tracker.Pledge", models.CASCADE, related_name="responsibilities", verbose_name=_("pledge")
    )
    body = models.ForeignKey(
        Body, models.PROTECT, related_name="responsibilities", verbose_name=_("body")
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices)
    note_en = models.CharField(_("note (English)"), max_length=300, blank=True)
    note_zh = models.CharField(_("note (Chinese)"), max_length=300, blank=True)

    note = Bilingual("note")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("responsibility")
        verbose_name_plural = _("responsibilities")
        # Those who lead come first: "lead" sorts before "support".
        ordering = ["role", "body__slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["pledge", "body"],
                name="responsibility_once",
                violation_error_message=_("This body is named for this pledge already."),
            ),
            one_of("responsibility", "role", Role),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.body}"
