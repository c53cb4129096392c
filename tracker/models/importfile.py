from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.constraints import moment_with_person, one_of
from tracker.vocabulary import ImportKind


class ImportFile(models.Model):
    """One file that staff brought in, as it came, with what became of it."""

    kind = models.CharField(_("kind"), max_length=12, choices=ImportKind.choices)
    filename = models.CharField(_("file name"), max_length=200)
    content = models.BinaryField(_("content"))
    sha256 = models.CharField(_("SHA-256 of the content"), max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded at"), editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("uploaded by"),
    )
    applied_at = models.DateTimeField(_("applied at"), null=True, editable=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("applied by"),
    )
    outcome = models.JSONField(
        _("outcome"), default=dict, help_text=_("How many rows were new, changed, unchanged.")
    )

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            one_of("importfile", "kind", ImportKind),
            moment_with_person("importfile", "applied"),
        ]

    def __str__(self) -> str:
        return self.filename
