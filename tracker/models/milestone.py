import uuid
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.models.bilingual import Bilingual, in_one_language
from tracker.models.constraints import date_with_precision, one_of
from tracker.models.fields import Version
from tracker.models.update import Update
from tracker.rules.dates import last_day
from tracker.vocabulary import DatePrecision, MilestoneState


class MilestoneQuerySet(models.QuerySet):
    def as_of(self, on: date, known_on: date | None = None) -> "MilestoneQuerySet":
        """The milestones that the record holds on day `on`, each as it then was.

        Adds `state`, `due_on` with `due_precision`, and `done_on`. A milestone enters the record
        with the first published update that names it.
        """
        # Asked of each change: a list of all entries that hold is one that SQLite makes whole.
        entry = Update.objects.filter(pk=OuterRef("update")).in_effect(on, known_on)
        changes = MilestoneChange.objects.filter(Exists(entry), milestone=OuterRef("pk")).order_by(
            "-update__effective_on", "-update__sequence"
        )

        def latest(field):
            return Subquery(changes.values(field)[:1])

        return self.annotate(
            state=latest("state"),
            due_on=latest("due_on"),
            due_precision=latest("due_precision"),
            done_on=latest("done_on"),
        ).filter(state__isnull=False)

    def awaited_by(self, day: date) -> "MilestoneQuerySet":
        """After `as_of`: those still open that are due by `day`, the earliest due first."""
        awaited = self.filter(state=MilestoneState.OPEN, due_on__lte=day)
        return awaited.order_by("due_on", "pledge__code", "order")


class Milestone(models.Model):
    """One step of a pledge, with the due date that it had at first."""

    uid = models.UUIDField(_("identifier"), unique=True, default=uuid.uuid4, editable=False)
    version = Version()
    pledge = models.ForeignKey(
        "tracker.Pledge", models.PROTECT, related_name="milestones", verbose_name=_("pledge")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    original_due_on = models.DateField(_("original due date"), null=True, blank=True)
    original_due_precision = models.CharField(
        _("how exactly it is stated"),
        max_length=10,
        choices=DatePrecision.choices,
        default=DatePrecision.NONE,
    )

    # What `MilestoneQuerySet.as_of` adds.
    state: str
    due_on: date | None
    due_precision: str
    done_on: date | None

    title = Bilingual("title")
    objects = MilestoneQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["pledge", "order", "pk"]
        constraints = [
            *in_one_language("milestone", "title"),
            date_with_precision("milestone", "original_due"),
        ]

    def __str__(self) -> str:
        return str(self.title)

    def clean(self) -> None:
        if self.original_due_on:
            self.original_due_on = last_day(self.original_due_on, self.original_due_precision)


class MilestoneChange(models.Model):
    """What one update says of one milestone: its whole state from the update's day on."""

    update = models.ForeignKey(
        Update, models.CASCADE, related_name="milestone_changes", verbose_name=_("update")
    )
    milestone = models.ForeignKey(
        Milestone, models.PROTECT, related_name="changes", verbose_name=_("milestone")
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=MilestoneState.choices,
        default=MilestoneState.OPEN,
    )
    due_on = models.DateField(_("due date"), null=True, blank=True)
    due_precision = models.CharField(
        _("how exactly it is stated"),
        max_length=10,
        choices=DatePrecision.choices,
        default=DatePrecision.NONE,
    )
    done_on = models.DateField(_("done on"), null=True, blank=True)

    class Meta:
        verbose_name = _("milestone in this update")
        verbose_name_plural = _("milestones in this update")
        ordering = ["milestone__order", "milestone"]
        constraints = [
            models.UniqueConstraint(
                fields=["update", "milestone"],
                name="milestonechange_once",
                violation_error_message=_("This update speaks of that milestone already."),
            ),
            one_of("milestonechange", "state", MilestoneState),
            date_with_precision("milestonechange", "due"),
            models.CheckConstraint(
                name="milestonechange_done_has_day",
                condition=Q(state=MilestoneState.DONE, done_on__isnull=False)
                | Q(~Q(state=MilestoneState.DONE), done_on__isnull=True),
                violation_error_message=_(
                    "A milestone that is done needs the day on which it was done; no other has one."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone}: {self.get_state_display()}"

    def clean(self) -> None:
        if self.due_on:
            self.due_on = last_day(self.due_on, self.due_precision)
        if (
            self.update_id
            and self.milestone_id
            and self.milestone.pledge_id != self.update.pledge_id
        ):
            raise ValidationError(
                {
                    "milestone": _(
                        "This milestone belongs to another pledge. Choose one of this one."
                    )
                }
            )
