from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SavedReport(models.Model):
    """What someone asked of a report, under a name, to be asked again by all who may."""

    name = models.CharField(
        _("name"),
        max_length=80,
        unique=True,
        error_messages={"unique": _("There is one of this name. Choose another name.")},
    )
    report = models.CharField(_("report"), max_length=40)
    query = models.TextField(
        _("what was asked"), max_length=4000, blank=True, help_text=_("As its address says it.")
    )
    saved_at = models.DateTimeField(_("saved at"), editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("saved by"),
    )

    class Meta:
        verbose_name = _("saved report")
        verbose_name_plural = _("saved reports")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="savedreport_has_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        own = urlencode({"report": self.report})
        return f"{reverse('admin:reports')}?{own}" + (f"&{self.query}" if self.query else "")
