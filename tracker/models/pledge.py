from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.models.bilingual import Bilingual, in_one_language
from tracker.models.constraints import date_with_precision, moment_with_person, one_of
from tracker.models.fields import Version
from tracker.models.pledge_queryset import PledgeManager
from tracker.models.update import Update
from tracker.rules.codes import CODE_PATTERN
from tracker.rules.dates import is_late, is_stale, last_day
from tracker.rules.progress import Progress, progress
from tracker.vocabulary import (
    DatePrecision,
    Flag,
    Role,
    Status,
)

#: The texts of a pledge that a search looks into.
SEARCHED = (
    "title_en",
    "title_zh",
    "wording",
    "summary_en",
    "summary_zh",
    "yardstick_en",
    "yardstick_zh",
    "wording_note_en",
    "wording_note_zh",
)
#: What the database keeps of a public pledge as it was: a reader of any past day must find it so.
FROZEN = (
    "code",
    "wording",
    "wording_language",
    "announced_on",
    "original_due_on",
    "original_due_precision",
)


class Pledge(models.Model):
    """One commitment, in its verbatim wording, with the project's own title and summary."""

    version = Version()
    programme = models.ForeignKey(
        "tracker.Programme", models.PROTECT, related_name="pledges", verbose_name=_("programme")
    )
    pillar = models.ForeignKey(
        "tracker.Pillar",
        models.PROTECT,
        related_name="pledges",
        null=True,
        blank=True,
        verbose_name=_("pillar"),
    )
    sectors = models.ManyToManyField(
        "tracker.Sector", related_name="pledges", blank=True, verbose_name=_("sectors")
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
        verbose_name=_("part of"),
    )
    code = models.CharField(
        _("code"),
        max_length=20,
        unique=True,
        validators=[
            RegexValidator(
                f"^{CODE_PATTERN}$", _("Use capital letters, digits, dots and hyphens: P1.03.")
            )
        ],
        help_text=_("The pledge's public name for ever, such as P1.03."),
    )
    slug = models.SlugField(_("slug"), max_length=100, blank=True)
    wording = models.TextField(
        _("wording"), max_length=4000, help_text=_("Verbatim, as the source has it.")
    )
    wording_language = models.CharField(_("language of the wording"), max_length=12, default="en")
    title_en = models.CharField(_("title (English)"), max_length=200, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200, blank=True)
    summary_en = models.TextField(_("summary (English)"), max_length=4000, blank=True)
    summary_zh = models.TextField(_("summary (Chinese)"), max_length=4000, blank=True)
    yardstick_en = models.TextField(
        _("what would show progress (English)"), max_length=4000, blank=True
    )
    yardstick_zh = models.TextField(
        _("what would show progress (Chinese)"), max_length=4000, blank=True
    )
    wording_note_en = models.TextField(
        _("note on the wording (English)"), max_length=4000, blank=True
    )
    wording_note_zh = models.TextField(
        _("note on the wording (Chinese)"), max_length=4000, blank=True
    )
    speaker_en = models.CharField(_("speaker (English)"), max_length=300, blank=True)
    speaker_zh = models.CharField(_("speaker (Chinese)"), max_length=300, blank=True)
    announced_on = models.DateField(_("announced on"))
    original_due_on = models.DateField(
        _("original due date"),
        null=True,
        blank=True,
        help_text=_("As the source states it. Later dates are part of updates."),
    )
    original_due_precision = models.CharField(
        _("how exactly it is stated"),
        max_length=10,
        choices=DatePrecision.choices,
        default=DatePrecision.NONE,
    )
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

    # What `PledgeQuerySet.as_of`, `with_flags` and `with_revision` add.
    status: str
    entry_id: int | None
    last_entry_on: date
    reported_progress: int | None
    due_on: date | None
    due_precision: str
    milestones_total: int
    milestones_done: int
    has_evidence: bool
    # What `as_staff_see` and `with_groups` add.
    drafts: int
    returned: int
    waiting: int
    waiting_since: datetime | None
    lead_keys: str | None
    supporter_keys: str | None
    sector_keys: str | None
    revision: int
    revised_at: datetime
    asked_on: date

    title = Bilingual("title")
    summary = Bilingual("summary")
    yardstick = Bilingual("yardstick")
    wording_note = Bilingual("wording_note")
    speaker = Bilingual("speaker")
    objects = PledgeManager()
    history = HistoricalRecords(m2m_fields=[sectors])

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering = ["code"]
        permissions = [
            ("publish_pledge", "Can make a pledge public"),
            ("download_report", "Can download the managers' reports"),
        ]
        indexes = [
            models.Index(fields=["programme", "pillar", "code"], name="pledge_by_pillar"),
            models.Index(fields=["published_at"], name="pledge_by_publication"),
        ]
        constraints = [
            *in_one_language("pledge", "title"),
            date_with_precision("pledge", "original_due"),
            moment_with_person("pledge", "published"),
            models.CheckConstraint(
                name="pledge_has_wording",
                condition=~Q(wording=""),
            ),
            models.CheckConstraint(
                name="pledge_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("pk")),
                violation_error_message=_("A pledge cannot be part of itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("tracker:pledge-detail", args=[self.code])

    def save(self, *args, **kwargs) -> None:
        self.give_slug()
        super().save(*args, **kwargs)

    def give_slug(self) -> None:
        """Makes the slug from the title where there is none. Bulk writes call it themselves."""
        if not self.slug:
            self.slug = slugify(self.title_en)[:100]

    def clean(self) -> None:
        if self.original_due_on:
            self.original_due_on = last_day(self.original_due_on, self.original_due_precision)
        if self.pillar_id and self.programme_id and self.pillar.programme_id != self.programme_id:
            raise ValidationError(
                {"pillar": _("This pillar belongs to another programme. Choose one of this one.")}
            )
        # A parent's own parents are walked, so that a chain of pledges never closes on itself.
        ancestor, walked = self.parent, set()
        while ancestor is not None and ancestor.pk not in walked:
            walked.add(ancestor.pk)
            if ancestor.pk == self.pk:
                raise ValidationError(
                    {"parent": _("That pledge is itself a part of this one. Choose another.")}
                )
            ancestor = ancestor.parent

    @property
    def is_public(self) -> bool:
        return self.published_at is not None

    @property
    def progress(self) -> Progress:
        """After `as_of`: the pledge's progress."""
        return progress(
            milestones_done=self.milestones_done,
            milestones_total=self.milestones_total,
            reported=self.reported_progress,
        )

    def flags(self, on: date) -> list[Flag]:
        """After `as_of` and `with_flags`: which flags apply on day `on`."""
        applies = {
            Flag.LATE: is_late(self.due_on, self.status, on),
            Flag.STALE: is_stale(self.last_entry_on, self.status, on, settings.STALE_AFTER_DAYS),
            Flag.NO_EVIDENCE: not self.has_evidence,
        }
        return [flag for flag in Flag if applies[flag]]

    @cached_property
    def flags_then(self) -> list[Flag]:
        """After `seen`: which flags apply on the day asked about."""
        return self.flags(self.asked_on)

    @property
    def leads(self) -> list:
        """The bodies that lead it. Reads `responsibilities`, so prefetch them for a list."""
        return [r.body for r in self.responsibilities.all() if r.role == Role.LEAD]

    @property
    def supporters(self) -> list:
        """The bodies that support it."""
        return [r.body for r in self.responsibilities.all() if r.role == Role.SUPPORT]


class Standing(models.Model):
    """Where one pledge stands now: the stored answer of `PledgeQuerySet.as_of`.

    The database writes each row when an update is published and refuses any other value; see
    `tracker/migrations/sql/`.
    """

    pledge = models.OneToOneField(
        Pledge, models.CASCADE, primary_key=True, related_name="standing", verbose_name=_("pledge")
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices)
    entry = models.ForeignKey(
        Update, models.PROTECT, related_name="+", null=True, verbose_name=_("entry")
    )
    last_entry_on = models.DateField(_("last entry took effect on"))
    reported_progress = models.PositiveSmallIntegerField(_("reported progress"), null=True)
    due_on = models.DateField(_("due on"), null=True)
    due_precision = models.CharField(
        _("how exactly it is stated"), max_length=10, choices=DatePrecision.choices
    )
    milestones_total = models.PositiveIntegerField(_("milestones"))
    milestones_done = models.PositiveIntegerField(_("milestones done"))

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        indexes = [
            models.Index(fields=["status", "pledge"], name="standing_by_status"),
            models.Index(fields=["due_on", "pledge"], name="standing_by_due"),
            models.Index(fields=["last_entry_on", "pledge"], name="standing_by_last_entry"),
        ]
        constraints = [one_of("standing", "status", Status)]

    def __str__(self) -> str:
        return f"{self.pledge_id}: {self.status}"
