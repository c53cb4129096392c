from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.pledge import Pledge
from tracker.models.update import Update
from tracker.models.user import User


class NoteQuerySet(models.QuerySet):
    def in_care_of(self, person: User) -> "NoteQuerySet":
        """Those on pledges in the care of `person`."""
        return self.filter(pledge__in=Pledge.objects.in_care_of(person))


class Note(models.Model):
    """One internal remark of staff on a pledge or on an update of it. It is never public."""

    pledge = models.ForeignKey(
        Pledge, models.PROTECT, related_name="notes", verbose_name=_("pledge")
    )
    # A remark stays with its pledge where the draft that it was written on is thrown away.
    update = models.ForeignKey(
        Update,
        models.SET_NULL,
        related_name="notes",
        null=True,
        blank=True,
        verbose_name=_("update"),
    )
    text = models.TextField(_("internal note"), max_length=4000)
    written_at = models.DateTimeField(_("written at"), editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("written by"),
    )

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")
        ordering = ["-written_at", "-pk"]
        constraints = [models.CheckConstraint(name="note_has_text", condition=~Q(text=""))]

    def __str__(self) -> str:
        return self.text[:80]

    def clean(self) -> None:
        if self.update_id and self.pledge_id and self.update.pledge_id != self.pledge_id:
            raise ValidationError(
                {"update": _("This update belongs to another pledge. Choose one of this one.")}
            )
