from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.models.bilingual import Bilingual, in_one_language


class GroupQuerySet(models.QuerySet):
    """What pledges are grouped by: programmes, pillars, sectors."""

    def with_public_pledges(self) -> "GroupQuerySet":
        """Those that a public pledge belongs to. Adds `pledge_count`, how many those are."""
        public = Q(pledges__published_at__isnull=False)
        return self.annotate(pledge_count=Count("pledges", filter=public)).filter(
            pledge_count__gt=0
        )


class Programme(models.Model):
    """One set of pledges that were announced together."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=200, blank=True)
    summary_en = models.TextField(_("summary (English)"), max_length=4000, blank=True)
    summary_zh = models.TextField(_("summary (Chinese)"), max_length=4000, blank=True)
    announced_on = models.DateField(_("announced on"))

    name = Bilingual("name")
    summary = Bilingual("summary")
    objects = GroupQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["announced_on", "slug"]
        constraints = in_one_language("programme", "name")

    def __str__(self) -> str:
        return str(self.name)


class Pillar(models.Model):
    """One of a programme's ordered themes."""

    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="pillars", verbose_name=_("programme")
    )
    order = models.PositiveSmallIntegerField(_("order"))
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)

    title = Bilingual("title")
    objects = GroupQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("pillar")
        verbose_name_plural = _("pillars")
        ordering = ["programme", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "order"],
                name="pillar_order_unique",
                violation_error_message=_("This programme has a pillar with that number."),
            ),
            models.CheckConstraint(
                name="pillar_order_from_one",
                condition=Q(order__gte=1),
                violation_error_message=_("Pillars are numbered from 1."),
            ),
            *in_one_language("pillar", "title"),
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("tracker:pillar-detail", args=[self.order])


class Sector(models.Model):
    """One cross-cutting field, such as hydrogen or cross-border data."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=100, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=100, blank=True)

    name = Bilingual("name")
    objects = GroupQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ["slug"]
        constraints = in_one_language("sector", "name")

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("tracker:sector-detail", args=[self.slug])
