import uuid
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tracker.models.bilingual import Bilingual
from tracker.models.constraints import one_of
from tracker.models.fields import WebAddress
from tracker.models.update import Update
from tracker.rules.filekinds import is_what_it_says
from tracker.vocabulary import EvidenceKind

MAX_FILE_BYTES = 10 * 1024 * 1024
#: So much of a file is looked at to see what it is.
LOOKED_AT = 64 * 1024


def file_path(evidence: "Evidence", name: str) -> str:
    """Where an uploaded file is kept: under a name that nobody outside can guess or choose."""
    return f"evidence/{evidence.uid}.{name.rpartition('.')[2].lower()}"


def not_too_large(file) -> None:
    if file.size > MAX_FILE_BYTES:
        raise ValidationError(
            _("The file is larger than 10 MiB. Upload a smaller one or link to it.")
        )


class EvidenceQuerySet(models.QuerySet):
    def published(self) -> "EvidenceQuerySet":
        return self.filter(
            update__in=Update.objects.published(), update__pledge__published_at__isnull=False
        )


class Evidence(models.Model):
    """One document or page that an update rests on, as it called itself in its own language."""

    uid = models.UUIDField(_("identifier"), unique=True, default=uuid.uuid4, editable=False)
    update = models.ForeignKey(
        Update, models.CASCADE, related_name="evidence", verbose_name=_("update")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=EvidenceKind.choices)
    title = models.CharField(_("title"), max_length=400, help_text=_("As the document has it."))
    language = models.CharField(
        _("language"),
        max_length=12,
        default="en",
        help_text=_("The document's language: en, zh, ja, …"),
    )
    publisher = models.CharField(_("publisher"), max_length=300)
    url = WebAddress(_("web address"), max_length=1000, blank=True)
    file = models.FileField(
        _("file"),
        upload_to=file_path,
        blank=True,
        validators=[
            FileExtensionValidator(["pdf", "png", "jpg", "jpeg", "txt", "csv"]),
            not_too_large,
        ],
        help_text=_("PDF, PNG, JPEG, TXT or CSV, up to 10 MiB. A web address is better."),
    )
    file_sha256 = models.CharField(
        _("SHA-256 of the file"), max_length=64, blank=True, editable=False
    )
    published_on = models.DateField(_("published on"), null=True, blank=True)
    seen_on = models.DateField(_("seen on"), null=True, blank=True)
    quotation = models.TextField(
        _("short quotation"),
        max_length=500,
        blank=True,
        help_text=_("Verbatim, a sentence or two."),
    )
    note_en = models.TextField(
        _("what it shows, and what it does not (English)"), max_length=2000, blank=True
    )
    note_zh = models.TextField(
        _("what it shows, and what it does not (Chinese)"), max_length=2000, blank=True
    )

    note = Bilingual("note")
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        # Undated ones last: left to itself, each database has an order of its own.
        ordering = [models.F("published_on").asc(nulls_last=True), "pk"]
        constraints = [
            one_of("evidence", "kind", EvidenceKind),
            models.CheckConstraint(
                name="evidence_can_be_looked_up",
                condition=~Q(url="") | ~Q(file=""),
                violation_error_message=_(
                    "Give a web address or a file, so that readers can look."
                ),
            ),
            models.CheckConstraint(
                name="evidence_file_has_digest",
                condition=Q(file="", file_sha256="") | Q(~Q(file=""), ~Q(file_sha256="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if not self.file:
            self.file_sha256 = ""
        elif not self.file._committed:
            self._see_what_it_is()
            digest = sha256()
            for chunk in self.file.chunks():
                digest.update(chunk)
            self.file_sha256 = digest.hexdigest()

    def _see_what_it_is(self) -> None:
        self.file.seek(0)
        if not is_what_it_says(self.file.name.rpartition(".")[2], self.file.read(LOOKED_AT)):
            raise ValidationError(
                {"file": _("What the file holds is not what its name says. Save it anew.")}
            )

    def get_absolute_url(self) -> str:
        """Where a reader finds the document: its own address, else our copy."""
        return self.url or reverse("tracker:evidence-file", args=[self.uid])
