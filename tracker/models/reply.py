import uuid
from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.models.bilingual import Bilingual, in_one_language
from tracker.models.body import Body
from tracker.models.constraints import moment_with_person
from tracker.models.fields import Version
from tracker.models.pledge import Pledge
from tracker.models.update import Update
from tracker.models.user import User
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of, end_of_day
from tracker.rules.replies import Answer
from tracker.vocabulary import Role, Status


class ReplyQuerySet(models.QuerySet):
    def published(self, known_on: date | None = None) -> "ReplyQuerySet":
        """Those that readers see; with `known_on`, those published by the end of that day."""
        replies = self.filter(
            published_at__isnull=False, update__pledge__published_at__isnull=False
        )
        return (
            replies if known_on is None else replies.filter(published_at__lt=end_of_day(known_on))
        )

    def to(self, updates: Iterable[Update]) -> "ReplyQuerySet":
        """Those to some updates; a question of nothing where no verdict is among them."""
        final = Status.final()
        return self.filter(update__in=[update.pk for update in updates if update.status in final])

    def seen(self, asof: AsOf) -> "ReplyQuerySet":
        """What a reader sees: those published by the day asked about, the first one first."""
        days = [asof.day, *([asof.known_on] if asof.known_on else [])]
        return self.published(min(days)).select_related("body").order_by("published_at", "pk")

    def in_care_of(self, person: User) -> "ReplyQuerySet":
        """Those to updates of pledges in the care of `person`."""
        return self.filter(update__pledge__in=Pledge.objects.in_care_of(person))


class Reply(models.Model):
    """What a body that leads a pledge answers to a published final status of it.

    It stands beside the verdict and changes nothing of it. Published, it never changes.
    """

    uid = models.UUIDField(_("identifier"), unique=True, default=uuid.uuid4, editable=False)
    version = Version()
    update = models.ForeignKey(
        Update, models.PROTECT, related_name="replies", verbose_name=_("update")
    )
    body = models.ForeignKey(Body, models.PROTECT, related_name="replies", verbose_name=_("body"))
    text_en = models.TextField(_("reply (English)"), max_length=4000, blank=True)
    text_zh = models.TextField(_("reply (Chinese)"), max_length=4000, blank=True)
    edited_at = models.DateTimeField(_("edited at"), editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("last edited by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("published by"),
    )

    text = Bilingual("text")
    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ["published_at", "pk"]
        permissions = [("publish_reply", "Can publish a reply of a body that leads")]
        constraints = [
            *in_one_language("reply", "text"),
            moment_with_person("reply", "published"),
        ]

    def __str__(self) -> str:
        return f"{self.body}: {self.update}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def published_on(self) -> date | None:
        """The record's day on which it was published."""
        return day_of(self.published_at) if self.published_at else None

    def answer(self) -> Answer:
        """The reply as `rules.replies.refusals` looks at it."""
        leads = self.update.pledge.responsibilities.filter(role=Role.LEAD)
        return Answer(
            status=self.update.status,
            update_is_published=self.update.is_published,
            update_is_corrected=self.update.correction is not None,
            body_leads=leads.filter(body=self.body_id).exists(),
            has_text=bool(self.text_en.strip() or self.text_zh.strip()),
            is_published=self.is_published,
        )
