"""The audit log: who of staff did what, when and from where. It is added to, and never changed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.constraints import one_of
from tracker.rules.chain import START
from tracker.vocabulary import AuditKind


class AuditEntry(models.Model):
    """One thing that was done at the desk, at its door or by a command on the server.

    It says no more of people than the number of an account and a network address, and it quotes
    nothing that was typed. Each is chained to the one before it, as the record's entries are.
    """

    number = models.PositiveBigIntegerField(_("number"), unique=True)
    written_at = models.DateTimeField(_("written at"))
    # No foreign key: what was done stays, whatever becomes of the account.
    written_by = models.PositiveBigIntegerField(
        _("account"), help_text=_("The number of the account; 0 where nobody was signed in.")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=AuditKind.choices)
    about = models.CharField(
        _("about"),
        max_length=120,
        blank=True,
        help_text=_("The row, as “app.model number”; else the address or the command, by name."),
    )
    detail = models.CharField(
        _("detail"), max_length=300, blank=True, help_text=_("What of it: names of fields, a step.")
    )
    address = models.CharField(_("network address"), max_length=64, blank=True)
    digest = models.CharField(_("digest"), max_length=64)

    class Meta:
        verbose_name = _("entry of the audit log")
        verbose_name_plural = _("audit log")
        ordering = ["-number"]
        constraints = [one_of("auditentry", "kind", AuditKind)]
        indexes = [models.Index(fields=["written_by"], name="auditentry_person")]

    def __str__(self) -> str:
        return str(self.number)


class AuditHead(models.Model):
    """The end of the audit log: one row, held by whoever adds to the log until they are done."""

    number = models.PositiveBigIntegerField(_("number of the last entry"), default=0)
    digest = models.CharField(_("digest of the last entry"), max_length=64, default=START)

    class Meta:
        verbose_name = _("end of the audit log")
        verbose_name_plural = _("ends of the audit log")
        constraints = [models.CheckConstraint(name="audithead_is_one", condition=Q(pk=1))]

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"
