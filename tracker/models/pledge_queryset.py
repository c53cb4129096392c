"""What is asked about pledges: which a reader sees, where each stood on a day, which fit."""

import re
from datetime import date, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import connections, models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from tracker.models.body import Responsibility
from tracker.models.milestone import Milestone
from tracker.models.period import Completion, Period
from tracker.models.texts import Gathered, InByteOrder
from tracker.models.update import Update
from tracker.models.user import User
from tracker.rules.asof import AsOf
from tracker.rules.codes import CODE_PATTERN
from tracker.rules.dates import end_of_day
from tracker.vocabulary import Flag, MilestoneState, Role, Status, UpdateState


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
        sectors = self.model.sectors.through.objects.filter(pledge=OuterRef("pk")).order_by()
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
        return _seen(self.model, asof).all() if is_of_all else self.get_queryset().seen(asof)


@lru_cache(maxsize=64)
def _seen(model: type[models.Model], asof: AsOf) -> PledgeQuerySet:
    return PledgeQuerySet(model).seen(asof)


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
