import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import connections, models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.models.bilingual import Bilingual, in_one_language
from tracker.models.body import Responsibility
from tracker.models.constraints import date_with_precision, moment_with_person, one_of
from tracker.models.fields import Version
from tracker.models.milestone import Milestone
from tracker.models.period import Completion, Period
from tracker.models.texts import Gathered, InByteOrder
from tracker.models.update import Update
from tracker.models.user import User
from tracker.rules.asof import AsOf
from tracker.rules.dates import end_of_day, is_late, is_stale, last_day
from tracker.rules.progress import Progress, progress
from tracker.vocabulary import (
    DatePrecision,
    Flag,
    MilestoneState,
    Role,
    Status,
    UpdateState,
)

CODE_PATTERN = r"[A-Z0-9][A-Z0-9.-]{0,19}"
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


def _applies(flag: str, on: date) -> Q:
    """Which pledges, after `as_of`, `flag` applies to on day `on`."""
    open_ended = ~Q(status__in=Status.final())
    if flag == Flag.LATE:
        return open_ended & Q(due_on__lt=on)
    if flag == Flag.STALE:
        days = settings.STALE_AFTER_DAYS
        if (on - date.min).days < days:  # No day is so long before `on`.
            return Q(pk__in=[])
        return open_ended & Q(last_entry_on__lt=on - timedelta(days=days))
    return ~Q(models.Exists(Update.objects.with_evidence(OuterRef("entry_id"))))


#: What the database keeps of a public pledge as it was: a reader of any past day must find it so.
FROZEN = (
    "code",
    "wording",
    "wording_language",
    "announced_on",
    "original_due_on",
    "original_due_precision",
)


class PledgeQuerySet(models.QuerySet):
    """Questions about pledges. Those that need a standing come after `as_of`."""

    def published(self, known_on: date | None = None) -> "PledgeQuerySet":
        """Those that are public; with `known_on`, those that were by the end of that day."""
        if known_on is None:
            return self.filter(published_at__isnull=False)
        return self.filter(published_at__lt=end_of_day(known_on))

    def in_care_of(self, person: User) -> "PledgeQuerySet":
        """Those that a body of `person` leads or supports; all where they work for every body.

        It is asked wherever staff see or change a pledge, its updates or its milestones.
        """
        if person.cares_for_all:
            return self
        theirs = Responsibility.objects.filter(pledge=OuterRef("pk"), body__members=person)
        return self.filter(models.Exists(theirs))

    def coded(self, begin: str) -> "PledgeQuerySet":
        """Those whose codes begin with a text, in capitals or not.

        Codes are in capitals (no address leads to another): so an index finds them.
        """
        if not begin.isascii():
            # A letter of another script may have a capital that stands in a code: ı, ſ.
            has_case = begin.upper() != begin
            return self.filter(code__istartswith=begin) if has_case else self.none()
        begin = begin.upper()
        if not re.fullmatch(CODE_PATTERN, begin):
            return self.none()
        if connections[self.db].vendor == "sqlite":  # It looks no LIKE up in an index.
            return self.filter(code__gte=begin, code__lt=f"{begin}\x7f")
        return self.filter(code__startswith=begin)

    def announced_by(self, on: date) -> "PledgeQuerySet":
        return self.filter(announced_on__lte=on)

    def as_of(self, on: date | None = None, known_on: date | None = None) -> "PledgeQuerySet":
        """Each pledge with where it stood on day `on`, as known on `known_on`.

        Adds `status`, `entry_id` (the update that the status rests on), `last_entry_on` (the day
        from which it holds, else that of the announcement), `reported_progress`, `due_on` with
        `due_precision`, `milestones_total` and `milestones_done`. Without dates the standing is
        today's, read from the stored one that the database keeps equal to this.
        """
        if on is None and known_on is None:
            return self.annotate(
                status=F("standing__status"),
                entry_id=F("standing__entry_id"),
                last_entry_on=F("standing__last_entry_on"),
                reported_progress=F("standing__reported_progress"),
                due_on=F("standing__due_on"),
                due_precision=F("standing__due_precision"),
                milestones_total=F("standing__milestones_total"),
                milestones_done=F("standing__milestones_done"),
            )
        on = on or known_on
        entries = (
            Update.objects.filter(pledge=OuterRef("pk")).in_effect(on, known_on).latest_first()
        )
        reporting = entries.filter(reported_progress__isnull=False)
        moving = entries.exclude(due_precision="")

        def latest(queryset, field):
            return Subquery(queryset.values(field)[:1])

        def milestones(*states):
            counted = (
                Milestone.objects.filter(pledge=OuterRef("pk"))
                .as_of(on, known_on)
                .filter(state__in=states)
            )
            count = counted.order_by().values("pledge").annotate(n=Count("pk")).values("n")
            return Coalesce(Subquery(count), 0)

        return self.annotate(
            status=Coalesce(latest(entries, "status"), Value(Status.NOT_RATED.value)),
            entry_id=latest(entries, "pk"),
            last_entry_on=Coalesce(latest(entries, "effective_on"), F("announced_on")),
            reported_progress=latest(reporting, "reported_progress"),
            due_precision=Coalesce(latest(moving, "due_precision"), F("original_due_precision")),
            due_on=Case(
                When(models.Exists(moving), then=latest(moving, "due_on")),
                default=F("original_due_on"),
            ),
            milestones_total=milestones(MilestoneState.OPEN, MilestoneState.DONE),
            milestones_done=milestones(MilestoneState.DONE),
        )

    def seen(self, asof: AsOf) -> "PledgeQuerySet":
        """What a reader sees: the public pledges announced by the day asked about, as of it.

        Adds `asked_on`, that day, for which `Pledge.flags_then` answers.
        """
        pledges = self.published(asof.known_on).announced_by(asof.day)
        standing = pledges.as_of() if asof.is_now else pledges.as_of(asof.day, asof.known_on)
        return standing.with_flags().annotate(
            asked_on=Value(asof.day, output_field=models.DateField())
        )

    def touched_between(
        self, start: date, end: date, known_on: date | None = None
    ) -> "PledgeQuerySet":
        """Those that may stand otherwise on day `end` than on day `start`: all that do are among
        them. They have an entry of these days, became public on one, or were due on one."""
        entries = Update.objects.filter(pledge=OuterRef("pk"))
        due = {"due_on__gte": start, "due_on__lt": end}
        return self.filter(
            Q(published_at__gte=end_of_day(start))
            | Q(announced_on__gt=start)
            | Q(original_due_on__gte=start, original_due_on__lt=end)
            | models.Exists(entries.between(start, end, known_on))
            | models.Exists(entries.published(known_on or end).filter(**due))
        )

    def flagged(self, flag: str, on: date) -> "PledgeQuerySet":
        """After `as_of`: those to which `flag` applies on day `on`. See `Pledge.flags`."""
        return self.filter(_applies(flag, on))

    def needing_attention(self, on: date) -> "PledgeQuerySet":
        """After `as_of`: those to which any flag applies on day `on`, the most urgent first."""
        late, stale, bare = (_applies(flag, on) for flag in Flag)
        urgency = Case(When(late, then=Value(0)), When(stale, then=Value(1)), default=Value(2))
        return self.filter(late | stale | bare).order_by(urgency, "due_on", "last_entry_on", "code")

    def counted_by_flag(self, on: date) -> dict[str, int]:
        """After `as_of`: to how many pledges each flag applies on day `on`."""
        return self.order_by().aggregate(
            **{flag.value: Count("pk", distinct=True, filter=_applies(flag, on)) for flag in Flag}
        )

    def reported_in(self, period: Period) -> "PledgeQuerySet":
        """Those that a reporting period asks about: its programme's, public and announced by then.

        Of a closed one those that were public when it was closed: that never changes again.
        """
        asked = self.filter(programme=period.programme_id).announced_by(period.ends_on)
        return (
            asked.filter(published_at__lte=period.closed_at)
            if period.is_closed
            else (asked.published())
        )

    def missing_in(self, period: Period) -> "PledgeQuerySet":
        """Those whose entry for a reporting period is not marked complete."""
        marked = Completion.objects.filter(period=period, pledge=OuterRef("pk"))
        return self.reported_in(period).filter(~models.Exists(marked))

    def with_flags(self) -> "PledgeQuerySet":
        """After `as_of`: adds `has_evidence`, which `Pledge.flags` asks for."""
        return self.annotate(
            has_evidence=models.Exists(Update.objects.with_evidence(OuterRef("entry_id")))
        )

    def as_staff_see(self) -> "PledgeQuerySet":
        """All of them as they stand now, public or not, with how many entries are under way.

        Adds `drafts`, `returned` and `waiting` (for review), and since when the oldest of these
        has waited, `waiting_since`. None of it may reach a public page or file.
        """

        def under_way(state, figure):
            own = Update.objects.filter(pledge=OuterRef("pk"), state=state).order_by()
            return Subquery(own.values("pledge").annotate(n=figure).values("n"))

        return (
            self.as_of()
            .with_flags()
            .annotate(
                drafts=Coalesce(under_way(UpdateState.DRAFT, Count("pk")), 0),
                returned=Coalesce(under_way(UpdateState.RETURNED, Count("pk")), 0),
                waiting=Coalesce(under_way(UpdateState.SUBMITTED, Count("pk")), 0),
                waiting_since=under_way(UpdateState.SUBMITTED, models.Min("submitted_at")),
            )
        )

    def with_groups(self) -> "PledgeQuerySet":
        """Adds the keys of its bodies and sectors: `lead_keys`, `supporter_keys`, `sector_keys`.

        For rows that are streamed: fetched beside them, the bodies would be a query for each piece.
        """

        def keys(rows, key):
            return Subquery(rows.values("pledge").annotate(keys=Gathered(key)).values("keys"))

        own = Responsibility.objects.filter(pledge=OuterRef("pk")).order_by()
        sectors = Pledge.sectors.through.objects.filter(pledge=OuterRef("pk")).order_by()
        return self.annotate(
            lead_keys=keys(own.filter(role=Role.LEAD), "body"),
            supporter_keys=keys(own.filter(role=Role.SUPPORT), "body"),
            sector_keys=keys(sectors, "sector"),
        )

    def in_file_order(self) -> "PledgeQuerySet":
        """In the order asked for, else by code; texts by their bytes, so that files can be compared
        wherever they were made."""
        return self.order_by(*map(_by_bytes, self.query.order_by or ["code"]))

    def with_revision(self) -> "PledgeQuerySet":
        """Adds `revision`, how many entries its record has, and `revised_at`, when it last grew."""
        entries = Update.objects.filter(pledge=OuterRef("pk")).published().order_by()
        count = entries.values("pledge").annotate(n=Count("pk")).values("n")
        latest = entries.order_by("-sequence").values("published_at")[:1]
        return self.annotate(
            revision=Coalesce(Subquery(count), 0),
            revised_at=Coalesce(Subquery(latest), F("published_at")),
        )

    def with_names(self) -> "PledgeQuerySet":
        """With what a list prints beside each pledge, in a fixed number of queries."""
        return self.select_related("pillar", "programme").prefetch_related(
            "sectors", "responsibilities__body"
        )


class PledgeManager(models.Manager.from_queryset(PledgeQuerySet)):
    def seen(self, asof: AsOf) -> PledgeQuerySet:
        """As `PledgeQuerySet.seen`. For the pledges of all it is kept how Django says it: to say
        it anew takes longer than to answer it."""
        is_of_all = type(self) is PledgeManager and self._db is None
        return _seen(asof).all() if is_of_all else self.get_queryset().seen(asof)


@lru_cache(maxsize=64)
def _seen(asof: AsOf) -> PledgeQuerySet:
    return PledgeQuerySet(Pledge).seen(asof)


def _by_bytes(order):
    """One part of an order, a text in it by its bytes."""
    if isinstance(order, str):
        name = order.removeprefix("-")
        order = F(name).desc() if order.startswith("-") else F(name).asc()
    name = getattr(order.expression, "name", "")
    if name in {"code", "title_en", "title_zh", "title_then"}:
        order = order.copy()
        order.set_source_expressions([InByteOrder(name)])
    return order


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
