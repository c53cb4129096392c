from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.models.bilingual import Bilingual, in_one_language
from tracker.models.constraints import stretch
from tracker.models.fields import ExactText, WebAddress
from tracker.rules.coverage import Span
from tracker.vocabulary import NotPledgeReason


class Source(models.Model):
    """One document in which pledges were made, with its exact text."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    programme = models.ForeignKey(
        "tracker.Programme", models.PROTECT, related_name="sources", verbose_name=_("programme")
    )
    title_en = models.CharField(_("title (English)"), max_length=300, blank=True)
    title_zh = models.CharField(_("title (Chinese)"), max_length=300, blank=True)
    publisher_en = models.CharField(_("publisher (English)"), max_length=200, blank=True)
    publisher_zh = models.CharField(_("publisher (Chinese)"), max_length=200, blank=True)
    event_on = models.DateField(_("date of the event"), null=True, blank=True)
    published_on = models.DateField(_("published on"))
    url = WebAddress(_("web address"), max_length=500, blank=True)
    language = models.CharField(
        _("language"), max_length=12, help_text=_("The text's language: en, zh-hans, …")
    )
    text = ExactText(_("exact text"), max_length=1_000_000)
    sha256 = models.CharField(
        _("SHA-256 of the text"),
        max_length=64,
        blank=True,
        help_text=_("Of the text in UTF-8. Left empty, it is computed; given, it is checked."),
    )
    note_en = models.TextField(_("note (English)"), max_length=4000, blank=True)
    note_zh = models.TextField(_("note (Chinese)"), max_length=4000, blank=True)

    title = Bilingual("title")
    publisher = Bilingual("publisher")
    note = Bilingual("note")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["published_on", "slug"]
        constraints = in_one_language("source", "title", "publisher")

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("tracker:source-detail", args=[self.slug])

    def clean(self) -> None:
        digest = sha256(self.text.encode()).hexdigest()
        if self.sha256 and self.sha256 != digest:
            raise ValidationError(
                {
                    "sha256": _(
                        "The text's SHA-256 is %(digest)s. Check that the text is exact, or leave "
                        "this field empty."
                    )
                    % {"digest": digest}
                }
            )
        self.sha256 = digest


class Stretch(models.Model):
    """One stretch of a source by character offsets: `source.text[start:end]`."""

    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))

    class Meta:
        abstract = True

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def clean(self) -> None:
        if self.source_id and self.end is not None and self.end > len(self.source.text):
            raise ValidationError(
                {
                    "end": _("The text has %(length)d characters only.")
                    % {"length": len(self.source.text)}
                }
            )


class PassageQuerySet(models.QuerySet):
    def published(self) -> "PassageQuerySet":
        """Those whose pledge is public, and those that are no pledge."""
        return self.filter(Q(pledge=None) | Q(pledge__published_at__isnull=False))


class Passage(Stretch):
    """One stretch of a source that became a pledge, or that is none for a stated reason."""

    source = models.ForeignKey(
        Source, models.PROTECT, related_name="passages", verbose_name=_("source")
    )
    pledge = models.ForeignKey(
        "tracker.Pledge",
        models.PROTECT,
        related_name="passages",
        null=True,
        blank=True,
        verbose_name=_("pledge"),
    )
    reason = models.CharField(
        _("why it is no pledge"), max_length=20, choices=NotPledgeReason.choices, blank=True
    )
    note_en = models.CharField(_("note (English)"), max_length=500, blank=True)
    note_zh = models.CharField(_("note (Chinese)"), max_length=500, blank=True)

    note = Bilingual("note")
    objects = PassageQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ["source", "start"]
        constraints = [
            stretch("passage"),
            models.UniqueConstraint(fields=["source", "start"], name="passage_start_unique"),
            models.CheckConstraint(
                name="passage_pledge_or_reason",
                condition=Q(pledge__isnull=False, reason="")
                | Q(pledge__isnull=True, reason__in=NotPledgeReason.values),
                violation_error_message=_("Name the pledge, or say why the passage is none."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.start}–{self.end}"

    def clean(self) -> None:
        super().clean()
        if not self.source_id or self.start is None or self.end is None:
            return
        overlapping = Passage.objects.filter(
            source=self.source_id, start__lt=self.end, end__gt=self.start
        ).exclude(pk=self.pk)
        for other in overlapping[:1]:
            raise ValidationError(
                _("It overlaps the passage %(start)d–%(end)d. Shorten one of them.")
                % {"start": other.start, "end": other.end}
            )
        if self.pledge_id and self.pledge.wording != self.text:
            raise ValidationError(
                {
                    "pledge": _(
                        "The pledge's wording is not what the source says there: “%(text)s”."
                    )
                    % {"text": self.text}
                }
            )


class SourceNote(Stretch):
    """One known slip of a source's text, with what was probably meant. The text stays as it is."""

    source = models.ForeignKey(
        Source, models.PROTECT, related_name="notes", verbose_name=_("source")
    )
    key = models.CharField(_("key"), max_length=20)
    problem_en = models.TextField(_("problem (English)"), max_length=1000, blank=True)
    problem_zh = models.TextField(_("problem (Chinese)"), max_length=1000, blank=True)
    meaning_en = models.TextField(_("likely meaning (English)"), max_length=1000, blank=True)
    meaning_zh = models.TextField(_("likely meaning (Chinese)"), max_length=1000, blank=True)
    basis_en = models.TextField(_("basis (English)"), max_length=1000, blank=True)
    basis_zh = models.TextField(_("basis (Chinese)"), max_length=1000, blank=True)

    problem = Bilingual("problem")
    meaning = Bilingual("meaning")
    basis = Bilingual("basis")
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("note on a source's text")
        verbose_name_plural = _("notes on a source's text")
        ordering = ["source", "start", "key"]
        constraints = [
            stretch("sourcenote"),
            models.UniqueConstraint(fields=["source", "key"], name="sourcenote_key_unique"),
            *in_one_language("sourcenote", "problem"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.text}" if self.source_id else self.key
