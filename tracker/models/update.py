import uuid
from collections.abc import Iterator
from datetime import date
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import connections, models
from django.db.models import Exists, F, FilteredRelation, Func, OuterRef, Q, Subquery, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tracker.models.bilingual import Bilingual
from tracker.models.constraints import date_with_precision, moment_with_person, one_of
from tracker.models.counted import with_counted
from tracker.models.days import ShanghaiDay
from tracker.models.fields import Version
from tracker.models.user import User
from tracker.rules.asof import AsOf
from tracker.rules.chain import START
from tracker.rules.dates import day_of, end_of_day, last_day
from tracker.rules.publishing import Corrected, Proposal, allows
from tracker.vocabulary import DatePrecision, Status, UpdateState

#: From so many pledges on, SQLite is told not to go through them: it takes them for a few, and then
#: would have to put a million entries in order.
MANY = 500

#: The texts of an entry and of its evidence that a search looks into.
SEARCHED = ("narrative_en", "narrative_zh", "correction_reason_en", "correction_reason_zh")
SEARCHED_EVIDENCE = ("title", "publisher", "quotation", "note_en", "note_zh")


def saying(word: str, *fields: str) -> Q:
    """Whether one of the `fields` holds `word`, in capitals or not."""
    return reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields))


class Unindexed(Func):
    """A column that SQLite is not to look up in an index. PostgreSQL counts before it chooses."""

    arity = 1
    template = "%(expressions)s"

    def as_sqlite(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, template="+%(expressions)s", **extra)


class UpdateQuerySet(models.QuerySet):
    def published(self, known_on: date | None = None) -> "UpdateQuerySet":
        """The entries of the record; with `known_on`, those published by the end of that day."""
        entries = self.filter(state=UpdateState.PUBLISHED)
        return (
            entries if known_on is None else entries.filter(published_at__lt=end_of_day(known_on))
        )

    def uncorrected(self, known_on: date | None = None) -> "UpdateQuerySet":
        """Those that no correction, published by the end of `known_on`, replaces."""
        corrections = Update.objects.filter(corrects=OuterRef("pk")).published(known_on)
        return self.filter(~Exists(corrections))

    def in_effect(self, on: date, known_on: date | None = None) -> "UpdateQuerySet":
        """The entries that hold on day `on`, as known on `known_on` (DESIGN, rule 3).

        `rules.standing.in_effect` is the same rule in Python.
        """
        return self.published(known_on).uncorrected(known_on).filter(effective_on__lte=on)

    def between(self, start: date, end: date, known_on: date | None = None) -> "UpdateQuerySet":
        """What the days after `start` up to `end` brought: the entries published on them.

        With `known_on` it is those that take effect on them, as known on that day.
        """
        if known_on is None:
            return self.published(end).filter(published_at__gte=end_of_day(start))
        return self.published(known_on).filter(effective_on__gt=start, effective_on__lte=end)

    def latest_first(self) -> "UpdateQuerySet":
        """In the order in which the first one decides the status."""
        return self.order_by("-effective_on", "-sequence")

    def newest_first(self) -> "UpdateQuerySet":
        """In the order of publication, the last published first."""
        return self.order_by("-sequence")

    def seen(self, asof: AsOf) -> "UpdateQuerySet":
        """What a reader sees: the entries of public pledges in effect by the day asked about.

        Corrected ones are among them, for both stay visible.
        """
        return (
            self.published(asof.known_on)
            .of_public_pledges()
            .filter(effective_on__lte=asof.day, pledge__announced_on__lte=asof.day)
        )

    def of_public_pledges(self) -> "UpdateQuerySet":
        return self.filter(pledge__published_at__isnull=False)

    def of_pledges(self, pledges: models.QuerySet) -> "UpdateQuerySet":
        """Those of `pledges`. Of many they are read in their own order, of few through these."""
        asked = pledges.order_by().values("pk")
        if len(asked[:MANY]) < MANY:
            return self.filter(pledge__in=asked)
        return self.alias(own=Unindexed("pledge")).filter(own__in=asked)

    def that_correct(self) -> "UpdateQuerySet":
        """Those that replace an earlier entry, with what a page prints of both."""
        return (
            self.filter(corrects__isnull=False)
            .select_related("pledge", "corrects")
            .prefetch_related(
                "evidence",
                "corrects__evidence",
                "milestone_changes__milestone",
                "corrects__milestone_changes__milestone",
            )
        )

    def awaiting_review(self) -> "UpdateQuerySet":
        """Those that a reviewer can publish or return, oldest first."""
        return self.filter(state=UpdateState.SUBMITTED).order_by("submitted_at")

    def written_by(self, person: User) -> "UpdateQuerySet":
        """Those that `person` began, wrote in or submitted."""
        wrote = Update.writers.through.objects.filter(update=OuterRef("pk"), user=person)
        return self.filter(
            Q(created_by=person) | Q(edited_by=person) | Q(submitted_by=person) | Exists(wrote)
        )

    def with_evidence(self, pk) -> "UpdateQuerySet":
        """The update `pk` if it cites evidence. `pk` may be an OuterRef."""
        return self.filter(pk=pk).filter(evidence__isnull=False)

    def with_corrections(self, known_on: date | None = None) -> "UpdateQuerySet":
        """Adds `corrects_number` and `corrected_by_number`, places in the record or None."""
        known = Q(corrections__state=UpdateState.PUBLISHED)
        if known_on is not None:
            known &= Q(corrections__published_at__lt=end_of_day(known_on))
        # Joined, for there is one at most: asked of each row, it would cost each row a look.
        return self.annotate(
            correction_known=FilteredRelation("corrections", condition=known),
            corrects_number=F("corrects__sequence"),
            corrected_by_number=F("correction_known__sequence"),
        )

    def saying(self, word: str) -> "UpdateQuerySet":
        """Those in which `word` occurs, or in whose evidence it does."""
        evidence = (f"evidence__{field}" for field in SEARCHED_EVIDENCE)
        return self.filter(saying(word, *SEARCHED, *evidence))

    def with_status_before(self, asof: AsOf) -> "UpdateQuerySet":
        """Adds `status_before`, where the pledge stood as each entry took effect.

        It is empty before a pledge's first entry, and then that was `not_rated`.
        """
        earlier = (
            Update.objects.filter(pledge=OuterRef("pledge"))
            .in_effect(asof.day, asof.known_on)
            .filter(
                Q(effective_on__lt=OuterRef("effective_on"))
                | Q(effective_on=OuterRef("effective_on"), sequence__lt=OuterRef("sequence"))
            )
        )
        return self.annotate(status_before=Subquery(earlier.latest_first().values("status")[:1]))

    def in_brief(self, asof: AsOf) -> "UpdateQuerySet":
        """What a page tells of the latest ones: the last published first, from what to what."""
        return (
            self.select_related("pledge")
            .with_status_before(asof)
            .with_corrections(asof.known_on)
            .newest_first()
        )

    def with_evidence_count(self) -> "UpdateQuerySet":
        """Adds `evidence_count`.

        It is counted row by row, in an index. Joined and grouped, a million entries would all have
        to be put together, with every column, before the first is there.
        """
        evidence = Update.evidence.rel.related_model.objects.filter(update=OuterRef("pk"))
        number = Func(Value(1), function="COUNT", output_field=models.IntegerField())
        count = evidence.order_by().annotate(n=number).values("n")
        return self.annotate(evidence_count=Subquery(count))

    def with_pledges(self) -> "UpdateQuerySet":
        """With the pledge of each; those that come by `pledge.updates` have theirs."""
        return self.select_related("pledge")

    def with_evidence_counted(self) -> "UpdateQuerySet":
        """Adds `evidence_count` where all entries are read. PostgreSQL counts once for all of them
        in half the time; SQLite is quicker row by row."""
        if connections[self.db].vendor == "sqlite":
            return self.with_evidence_count()
        return with_counted(self, "evidence", "evidence_count")

    def with_details(self) -> "UpdateQuerySet":
        """With all that a page prints of an entry, in a fixed number of queries."""
        return self.select_related("corrects").prefetch_related(
            "evidence",
            "milestone_changes__milestone",
            "corrects__evidence",
            "corrects__milestone_changes__milestone",
        )


class Update(models.Model):
    """One entry of a pledge's record: what holds from a day on, and what that rests on.

    It is written as a draft, submitted, and published by a reviewer or returned with a reason.
    Once published it never changes; a mistake is answered by another update that corrects it.
    """

    uid = models.UUIDField(_("identifier"), unique=True, default=uuid.uuid4, editable=False)
    version = Version()
    pledge = models.ForeignKey(
        "tracker.Pledge", models.PROTECT, related_name="updates", verbose_name=_("pledge")
    )
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=UpdateState.choices,
        default=UpdateState.DRAFT,
        editable=False,
    )
    status = models.CharField(_("status"), max_length=20, choices=Status.choices)
    effective_on = models.DateField(
        _("in effect from"), help_text=_("The day from which this holds: today or earlier.")
    )
    reported_progress = models.PositiveSmallIntegerField(
        _("reported progress (%)"),
        null=True,
        blank=True,
        help_text=_("Only a figure that the evidence states; 0 to 100."),
    )
    due_on = models.DateField(
        _("new due date"), null=True, blank=True, help_text=_("Only if the due date moves.")
    )
    due_precision = models.CharField(
        _("how exactly it is stated"),
        max_length=10,
        choices=[("", _("unchanged")), *DatePrecision.choices],
        blank=True,
        default="",
    )
    narrative_en = models.TextField(_("narrative (English)"), max_length=8000, blank=True)
    narrative_zh = models.TextField(_("narrative (Chinese)"), max_length=8000, blank=True)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="corrections",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("corrects"),
    )
    correction_reason_en = models.TextField(
        _("reason of the correction (English)"), max_length=2000, blank=True
    )
    correction_reason_zh = models.TextField(
        _("reason of the correction (Chinese)"), max_length=2000, blank=True
    )

    writers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="+",
        editable=False,
        blank=True,
        verbose_name=_("writers"),
        help_text=_("Everybody who wrote in it. None of them publishes it with a final status."),
    )
    created_at = models.DateTimeField(_("created at"), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("author"),
    )
    edited_at = models.DateTimeField(_("edited at"), editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("last edited by"),
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("submitted by"),
    )
    returned_at = models.DateTimeField(_("returned at"), null=True, editable=False)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("returned by"),
    )
    return_reason = models.TextField(
        _("reason of the return"), max_length=2000, blank=True, editable=False
    )
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
        verbose_name=_("reviewer"),
    )
    sequence = models.PositiveBigIntegerField(
        _("number in the record"), null=True, unique=True, editable=False
    )
    digest = models.CharField(_("digest"), max_length=64, blank=True, default="", editable=False)

    narrative = Bilingual("narrative")
    correction_reason = Bilingual("correction_reason")
    objects = UpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("update")
        verbose_name_plural = _("updates")
        ordering = ["-effective_on", "-sequence", "-pk"]
        permissions = [
            ("submit_update", "Can submit an update for review"),
            ("publish_update", "Can publish a submitted update"),
            ("return_update", "Can return a submitted update with a reason"),
        ]
        indexes = [
            models.Index(
                fields=["pledge", "-effective_on", "-sequence"],
                condition=Q(state=UpdateState.PUBLISHED),
                name="update_record",
            ),
            models.Index(fields=["state", "submitted_at"], name="update_queue"),
            models.Index(fields=["published_at"], name="update_by_publication"),
        ]
        constraints = [
            one_of("update", "state", UpdateState),
            one_of("update", "status", Status),
            date_with_precision("update", "due", may_be_unsaid=True),
            moment_with_person("update", "submitted"),
            moment_with_person("update", "returned"),
            moment_with_person("update", "published"),
            models.CheckConstraint(
                name="update_progress_is_a_percentage",
                condition=Q(reported_progress__isnull=True)
                | Q(reported_progress__gte=0, reported_progress__lte=100),
                violation_error_message=_("Progress is a whole number from 0 to 100."),
            ),
            models.CheckConstraint(
                name="update_published_has_its_place",
                condition=Q(
                    state=UpdateState.PUBLISHED,
                    published_at__isnull=False,
                    submitted_at__isnull=False,
                    sequence__isnull=False,
                )
                | Q(
                    ~Q(state=UpdateState.PUBLISHED),
                    published_at__isnull=True,
                    sequence__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="update_published_is_chained",
                condition=Q(~Q(digest=""), state=UpdateState.PUBLISHED)
                | Q(~Q(state=UpdateState.PUBLISHED), digest=""),
            ),
            models.CheckConstraint(
                name="update_not_before_its_time",
                condition=Q(published_at__isnull=True)
                | Q(effective_on__lte=ShanghaiDay(F("published_at"))),
                violation_error_message=_(
                    "An update cannot take effect after the day it is published."
                ),
            ),
            models.CheckConstraint(
                name="update_four_eyes",
                condition=Q(published_by__isnull=True)
                | ~Q(status__in=sorted(Status.final()))
                | Q(
                    ~Q(published_by=F("created_by")),
                    ~Q(published_by=F("edited_by")),
                    ~Q(published_by=F("submitted_by")),
                ),
                violation_error_message=_("A final status needs a reviewer who did not write it."),
            ),
            models.CheckConstraint(
                name="update_submitted_has_narrative",
                condition=Q(state__in=[UpdateState.DRAFT, UpdateState.RETURNED])
                | ~Q(narrative_en="")
                | ~Q(narrative_zh=""),
            ),
            models.CheckConstraint(
                name="update_returned_has_reason",
                condition=~Q(state=UpdateState.RETURNED)
                | Q(~Q(return_reason=""), returned_at__isnull=False),
            ),
            models.CheckConstraint(
                name="update_correction_has_reason",
                condition=Q(corrects__isnull=True)
                | ~Q(state=UpdateState.PUBLISHED)
                | ~Q(correction_reason_en="")
                | ~Q(correction_reason_zh=""),
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(state=UpdateState.PUBLISHED),
                name="update_corrected_once",
                violation_error_message=_("What it corrects has been corrected already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pledge.code} · {self.effective_on} · {self.get_status_display()}"

    def get_absolute_url(self) -> str:
        return f"{reverse('tracker:pledge-detail', args=[self.pledge.code])}#{self.anchor}"

    def clean(self) -> None:
        if self.due_on and self.due_precision:
            self.due_on = last_day(self.due_on, self.due_precision)

    @property
    def anchor(self) -> str:
        """The entry's place on its pledge's page."""
        return f"entry-{self.sequence}"

    @property
    def is_published(self) -> bool:
        return self.state == UpdateState.PUBLISHED

    @property
    def published_on(self) -> date | None:
        """The record's day on which it was published."""
        return day_of(self.published_at) if self.published_at else None

    @property
    def correction(self) -> "Update | None":
        """The published update that replaces this one, if any."""
        return next((c for c in self.corrections.all() if c.is_published), None)

    def allows(self, step: str) -> bool:
        """Whether its state allows `step`, a key of `rules.publishing.STEPS`."""
        return allows(self.state, step)

    def proposal(self) -> Proposal:
        """The update as `rules.publishing.refusals` looks at it."""
        changes = list(self.milestone_changes.select_related("milestone"))
        return Proposal(
            status=self.status,
            effective_on=self.effective_on,
            has_narrative=bool(self.narrative_en.strip() or self.narrative_zh.strip()),
            evidence=self.evidence.count(),
            authors=frozenset(self._authors()),
            pledge_id=self.pledge_id,
            announced_on=self.pledge.announced_on,
            pledge_is_public=self.pledge.is_public,
            milestone_pledges=frozenset(change.milestone.pledge_id for change in changes),
            milestones_done_on=tuple(change.done_on for change in changes if change.done_on),
            corrected=self.corrects.as_corrected() if self.corrects else None,
            has_correction_reason=bool(
                self.correction_reason_en.strip() or self.correction_reason_zh.strip()
            ),
        )

    def as_corrected(self) -> Corrected:
        """The update as the target of a correction."""
        return Corrected(
            pledge_id=self.pledge_id,
            is_published=self.is_published,
            is_corrected=self.correction is not None,
        )

    def _authors(self) -> Iterator[int]:
        for person in (self.created_by_id, self.edited_by_id, self.submitted_by_id):
            if person is not None:
                yield person
        yield from self.writers.values_list("pk", flat=True)


class Head(models.Model):
    """The end of the record: the last published entry. One row, locked to publish."""

    sequence = models.PositiveBigIntegerField(_("number of the last entry"), default=0)
    digest = models.CharField(_("digest of the last entry"), max_length=64, default=START)

    class Meta:
        verbose_name = _("end of the record")
        verbose_name_plural = _("end of the record")
        constraints = [models.CheckConstraint(name="head_is_one", condition=Q(pk=1))]

    def __str__(self) -> str:
        return str(self.sequence)
