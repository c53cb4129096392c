from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.models.bilingual import Bilingual, in_one_language
from tracker.models.constraints import moment_with_person
from tracker.models.fields import WebAddress
from tracker.models.pledge import Pledge
from tracker.models.user import User
from tracker.rules.asof import AsOf
from tracker.rules.dates import end_of_day


class IndicatorQuerySet(models.QuerySet):
    def in_care_of(self, person: User) -> "IndicatorQuerySet":
        """Those of a pledge in the care of `person`; all where they work for every body."""
        if person.cares_for_all:
            return self
        return self.filter(pledge__in=Pledge.objects.in_care_of(person))

    def seen(self, asof: AsOf) -> "IndicatorQuerySet":
        """Those of which a reader sees a value. Adds `values_then`, all of these, oldest first."""
        values = Measurement.objects.seen(asof)
        return self.filter(
            models.Exists(values.filter(indicator=models.OuterRef("pk"))),
            programme__announced_on__lte=asof.day,
        ).prefetch_related(
            models.Prefetch("measurements", values.select_related("source"), "values_then")
        )


class Indicator(models.Model):
    """One number followed over time, for a programme or for one of its pledges."""

    programme = models.ForeignKey(
        "tracker.Programme", models.PROTECT, related_name="indicators", verbose_name=_("programme")
    )
    pledge = models.ForeignKey(
        "tracker.Pledge",
        models.PROTECT,
        related_name="indicators",
        null=True,
        blank=True,
        verbose_name=_("pledge"),
    )
    code = models.SlugField(_("code"), max_length=20, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=200, blank=True)
    unit_en = models.CharField(_("unit (English)"), max_length=60, blank=True)
    unit_zh = models.CharField(_("unit (Chinese)"), max_length=60, blank=True)
    note_en = models.TextField(_("note (English)"), max_length=2000, blank=True)
    note_zh = models.TextField(_("note (Chinese)"), max_length=2000, blank=True)
    target = models.DecimalField(
        _("target"), max_digits=20, decimal_places=4, null=True, blank=True
    )
    target_on = models.DateField(_("target date"), null=True, blank=True)

    name = Bilingual("name")
    unit = Bilingual("unit")
    note = Bilingual("note")
    objects = IndicatorQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["code"]
        constraints = [
            *in_one_language("indicator", "name", "unit"),
            models.CheckConstraint(
                name="indicator_target_has_value",
                condition=Q(target_on__isnull=True) | Q(target__isnull=False),
                violation_error_message=_("A target date needs a target."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class MeasurementQuerySet(models.QuerySet):
    def published(self, known_on: date | None = None) -> "MeasurementQuerySet":
        if known_on is None:
            return self.filter(published_at__isnull=False)
        return self.filter(published_at__lt=end_of_day(known_on))

    def seen(self, asof: AsOf) -> "MeasurementQuerySet":
        """What a reader sees: the published values for the time up to the day asked about."""
        return self.published(asof.known_on).filter(measured_on__lte=asof.day)


class Measurement(models.Model):
    """One value of an indicator, for a period or a day, with where it comes from."""

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="measurements", verbose_name=_("indicator")
    )
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4)
    qualifier_en = models.CharField(_("qualifier (English)"), max_length=40, blank=True)
    qualifier_zh = models.CharField(_("qualifier (Chinese)"), max_length=40, blank=True)
    period_en = models.CharField(_("period (English)"), max_length=100, blank=True)
    period_zh = models.CharField(_("period (Chinese)"), max_length=100, blank=True)
    measured_on = models.DateField(_("last day of the period"))
    is_baseline = models.BooleanField(_("baseline"), default=False)
    source = models.ForeignKey(
        "tracker.Source",
        models.PROTECT,
        related_name="measurements",
        null=True,
        blank=True,
        verbose_name=_("source"),
    )
    start = models.PositiveIntegerField(_("start in the source"), null=True, blank=True)
    end = models.PositiveIntegerField(_("end in the source"), null=True, blank=True)
    publisher = models.CharField(_("publisher"), max_length=300, blank=True)
    url = WebAddress(_("web address"), max_length=1000, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("published by"),
    )

    qualifier = Bilingual("qualifier")
    period = Bilingual("period")
    objects = MeasurementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ["indicator", "measured_on", "pk"]
        permissions = [("publish_measurement", "Can make a measurement public")]
        constraints = [
            moment_with_person("measurement", "published"),
            models.UniqueConstraint(
                fields=["indicator", "measured_on"], name="measurement_once_a_day"
            ),
            models.UniqueConstraint(
                fields=["indicator"],
                condition=Q(is_baseline=True),
                name="measurement_one_baseline",
                violation_error_message=_("This indicator has a baseline already."),
            ),
            models.CheckConstraint(
                name="measurement_has_source",
                condition=Q(source__isnull=False, start__isnull=False, end__isnull=False)
                | Q(Q(source__isnull=True), ~Q(publisher="")),
                violation_error_message=_("Name the passage of a source, or a publisher."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.measured_on}"

    @property
    def quotation(self) -> str:
        """The words of the source that state the value; empty where it comes from elsewhere."""
        return self.source.text[self.start : self.end] if self.source else ""
