from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tracker.models.bilingual import Bilingual, in_one_language
from tracker.models.constraints import moment_with_person
from tracker.rules.asof import AsOf
from tracker.rules.closing import known_on
from tracker.rules.dates import day_of, end_of_day


class PeriodQuerySet(models.QuerySet):
    def open(self) -> "PeriodQuerySet":
        return self.filter(closed_at__isnull=True)

    def closed(self) -> "PeriodQuerySet":
        """Those whose reports are frozen, and which are public."""
        return self.filter(closed_at__isnull=False)

    def seen(self, asof: AsOf) -> "PeriodQuerySet":
        """What a reader sees: those over by the day asked about, closed as far as is known."""
        closed = self.closed().filter(ends_on__lte=asof.day)
        if asof.known_on is None:
            return closed
        return closed.filter(closed_at__lt=end_of_day(asof.known_on))


class Period(models.Model):
    """One stretch of days that is reported on: opened, completed pledge by pledge, closed."""

    programme = models.ForeignKey(
        "tracker.Programme", models.PROTECT, related_name="periods", verbose_name=_("programme")
    )
    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)
    name_zh = models.CharField(_("name (Chinese)"), max_length=200, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    due_on = models.DateField(
        _("to be complete by"),
        null=True,
        blank=True,
        help_text=_("The day by which each pledge’s entry is to be marked complete."),
    )
    opened_at = models.DateTimeField(_("opened at"), editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("opened by"),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("closed by"),
    )

    name = Bilingual("name")
    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("reporting period")
        verbose_name_plural = _("reporting periods")
        ordering = ["-ends_on", "slug"]
        permissions = [("close_period", "Can close a reporting period")]
        constraints = [
            *in_one_language("period", "name"),
            moment_with_person("period", "closed"),
            models.CheckConstraint(
                name="period_ends_after_start",
                condition=Q(starts_on__lte=F("ends_on")),
                violation_error_message=_("The last day must not come before the first."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("tracker:period-detail", args=[self.slug])

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def known_on(self) -> date | None:
        """The day as of which the reports of a closed period are known."""
        return known_on(day_of(self.closed_at)) if self.closed_at else None

    @property
    def after(self) -> date:
        """The day before its first one: what happens in a period happens after it."""
        return self.starts_on - timedelta(days=1)

    def parameters_on(self, closed_on: date, *, of_days: bool = False) -> dict[str, str]:
        """What the address of a report is asked for this period, closed on `closed_on`.

        With `of_days` it is a report on a stretch of days, not on where things stand on one.
        """
        days = {"from": self.after.isoformat(), "to": self.ends_on.isoformat()}
        return {
            "programme": self.programme.slug,
            "as_of": self.ends_on.isoformat(),
            "known_on": known_on(closed_on).isoformat(),
        } | (days if of_days else {})


class Completion(models.Model):
    """A body's word that one pledge's entry for one period is complete."""

    period = models.ForeignKey(
        Period, models.PROTECT, related_name="completions", verbose_name=_("reporting period")
    )
    pledge = models.ForeignKey(
        "tracker.Pledge", models.PROTECT, related_name="completions", verbose_name=_("pledge")
    )
    marked_at = models.DateTimeField(_("marked at"), editable=False)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("marked by"),
    )

    class Meta:
        verbose_name = _("completed entry")
        verbose_name_plural = _("completed entries")
        ordering = ["period", "pledge__code"]
        constraints = [models.UniqueConstraint(fields=["period", "pledge"], name="completion_once")]

    def __str__(self) -> str:
        return f"{self.period_id}: {self.pledge_id}"


class FrozenFile(models.Model):
    """One report of a closed period, kept to the byte with its SHA-256. It never changes."""

    #: Among the parameters: the end of the record that it was made of. No address asks for it.
    HEAD = "head"

    period = models.ForeignKey(
        Period, models.PROTECT, related_name="files", verbose_name=_("reporting period")
    )
    filename = models.CharField(_("file name"), max_length=200)
    report = models.CharField(_("report"), max_length=40)
    parameters = models.JSONField(_("parameters"), default=dict)
    versions = models.JSONField(
        _("versions"), default=dict, help_text=_("Of the software that made it.")
    )
    content = models.BinaryField(_("content"))
    sha256 = models.CharField(_("SHA-256 of the content"), max_length=64)
    made_at = models.DateTimeField(_("made at"), editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("made by"),
    )

    class Meta:
        verbose_name = _("frozen file")
        verbose_name_plural = _("frozen files")
        ordering = ["period", "filename"]
        constraints = [
            models.UniqueConstraint(fields=["period", "filename"], name="frozenfile_once")
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def asked(self) -> dict[str, str]:
        """What the address of its report is asked for the same."""
        return {name: value for name, value in self.parameters.items() if name != self.HEAD}

    def get_absolute_url(self) -> str:
        return reverse("tracker:period-file", args=[self.period.slug, self.filename])
