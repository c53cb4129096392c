"""What needs one member of staff today: the first page of the desk."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from django.db.models import Count, Q, QuerySet

from tracker.models import Body, Milestone, Period, Pledge, Update, User
from tracker.models.pledge_queryset import PledgeQuerySet
from tracker.queries.periods import Share
from tracker.queries.summary import FlagCount
from tracker.rules.dates import day_of
from tracker.vocabulary import Flag, Role, UpdateState

#: So many rows of a list are shown; the rest is behind its count.
FEW = 5
#: A milestone is near when it is due within so many days.
NEAR = timedelta(days=30)

Row = TypeVar("Row")


@dataclass(frozen=True)
class Few(Generic[Row]):
    """The first rows of a list, and how many it has in all."""

    rows: tuple[Row, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)

    def __bool__(self) -> bool:
        return self.total > 0


@dataclass(frozen=True)
class Waiting:
    """One update that waits for review, for so many days already."""

    update: Update
    days: int


@dataclass(frozen=True)
class Needy:
    """One pledge with the flags that apply to it, and since how many days nothing was recorded."""

    pledge: Pledge
    flags: tuple[Flag, ...]
    silent_days: int


@dataclass(frozen=True)
class Near:
    """One open milestone: due in so many days, or late by so many where `days` is negative."""

    milestone: Milestone
    days: int

    @property
    def late_days(self) -> int:
        return max(0, -self.days)


@dataclass(frozen=True)
class MissingOf:
    """How many entries a body has still to complete; `body` is None where no body leads."""

    body: Body | None
    count: int


@dataclass(frozen=True)
class OpenPeriod:
    """One open period: what is complete of what is in this person's care, and what is missing."""

    period: Period
    share: Share
    missing: Few[Pledge]
    bodies: tuple[MissingOf, ...]
    is_over: bool


@dataclass(frozen=True)
class Desk:
    """The lists of one person's day, the most urgent first. One that is not this person's work
    is empty."""

    returned: Few[Update]
    queue: Few[Waiting]
    periods: tuple[OpenPeriod, ...]
    flags: tuple[FlagCount, ...]
    pledges: Few[Needy]
    milestones: Few[Near]
    milestones_late: int
    milestones_soon: int
    drafts: Few[Update]

    @property
    def is_clear(self) -> bool:
        """Whether nothing needs this person today."""
        return not any(
            (
                self.returned,
                self.queue,
                self.periods,
                self.pledges,
                self.milestones,
                self.drafts,
            )
        )


def desk(person: User, *, on: date) -> Desk:
    """What needs `person` on day `on`, today.

    How often it asks the database depends on what the person may do and on how many periods are
    open, never on how much there is.
    """
    may = person.has_perm
    mine = Pledge.objects.in_care_of(person)
    writes, keeps_periods = may("tracker.add_update"), may("tracker.close_period")
    updates = Update.objects.filter(pledge__in=mine).select_related("pledge", "returned_by")
    own = updates.written_by(person).order_by("edited_at", "pk") if writes else updates.none()
    queue = updates.awaiting_review() if may("tracker.publish_update") else updates.none()
    # Standings are of the record; what is not public yet has none to look after.
    pledges = mine.published().as_of().with_flags()
    if not (writes or keeps_periods):
        pledges = pledges.none()
    milestones = _milestones(pledges, on)
    soon = milestones.aggregate(late=_count(due_on__lt=on), soon=_count(due_on__gte=on))
    flags = pledges.counted_by_flag(on)
    return Desk(
        returned=_few(own.filter(state=UpdateState.RETURNED)),
        queue=_few(queue, lambda update: Waiting(update, _waited(update, on))),
        periods=tuple(
            _open_period(period, mine, on)
            for period in (Period.objects.open().order_by("ends_on", "pk"))
            if keeps_periods or may("tracker.add_completion")
        ),
        flags=tuple(FlagCount(flag, flags[flag.value]) for flag in Flag),
        pledges=_few(pledges.needing_attention(on), lambda pledge: _needy(pledge, on)),
        milestones=_few(milestones, lambda m: Near(m, (m.due_on - on).days)),
        milestones_late=soon["late"],
        milestones_soon=soon["soon"],
        drafts=_few(own.filter(state=UpdateState.DRAFT)),
    )


def _milestones(pledges: QuerySet, on: date) -> QuerySet:
    found = Milestone.objects.filter(pledge__in=pledges.order_by().values("pk"))
    return found.as_of(on).awaited_by(on + NEAR).select_related("pledge")


def _count(**condition: object) -> Count:
    return Count("pk", filter=Q(**condition))


def _few(found: QuerySet, made=lambda row: row) -> Few:
    total = found.count()
    return Few(tuple(made(row) for row in found[:FEW]), total)


def _waited(update: Update, on: date) -> int:
    return (on - day_of(update.submitted_at)).days if update.submitted_at else 0


def _needy(pledge: Pledge, on: date) -> Needy:
    return Needy(pledge, tuple(pledge.flags(on)), (on - pledge.last_entry_on).days)


def _open_period(period: Period, mine: PledgeQuerySet, on: date) -> OpenPeriod:
    total = mine.reported_in(period).count()
    missing = mine.missing_in(period).order_by("code")
    few = _few(missing)
    return OpenPeriod(
        period=period,
        share=Share(total - few.total, total),
        missing=few,
        bodies=tuple(_missing_bodies(missing)),
        is_over=on > period.ends_on,
    )


def _missing_bodies(missing: QuerySet) -> Iterable[MissingOf]:
    lead = Q(responsibilities__role=Role.LEAD)
    of_missing = Q(responsibilities__pledge__in=missing.order_by().values("pk"))
    bodies = Body.objects.filter(lead & of_missing).annotate(n=Count("responsibilities"))
    for body in bodies.order_by("slug"):
        yield MissingOf(body, body.n)
    unled = missing.exclude(pk__in=Pledge.objects.filter(lead).order_by().values("pk")).count()
    if unled:
        yield MissingOf(None, unled)
