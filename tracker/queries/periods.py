"""How far a reporting period has come: whose entries are complete, and whose are missing."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tracker.models import Body, Completion, Period, Pledge, Update
from tracker.models.pledge_queryset import PledgeQuerySet


@dataclass(frozen=True)
class Asked:
    """One pledge that a period asks about: the word that its entry is complete, if it was given,
    and how many `entries` of the record take effect in the period."""

    pledge: Pledge
    completion: Completion | None
    entries: int

    @property
    def is_complete(self) -> bool:
        return self.completion is not None


@dataclass(frozen=True)
class Share:
    """How many of several pledges are complete. Without pledges nothing is missing."""

    done: int
    total: int

    @property
    def missing(self) -> int:
        return self.total - self.done

    @property
    def percent(self) -> int:
        """Rounded down: 100 says that nothing is missing."""
        return 100 * self.done // self.total if self.total else 100


@dataclass(frozen=True)
class Part:
    """What one body leads of a period; `body` is None for the pledges that no body leads."""

    body: Body | None
    asked: tuple[Asked, ...]
    share: Share


@dataclass(frozen=True)
class Completeness:
    """A period, pledge by pledge and body by body. A pledge that two bodies lead is in both."""

    period: Period
    asked: tuple[Asked, ...]
    parts: tuple[Part, ...]
    share: Share

    @property
    def missing(self) -> list[Pledge]:
        return [asked.pledge for asked in self.asked if not asked.is_complete]


def completeness(
    period: Period, pledges: PledgeQuerySet | None = None, *, by_whom: bool = False
) -> Completeness:
    """How far `period` has come for `pledges`, from `reported_in`; for all where none are given.

    It asks the database five times, however many pledges there are. `by_whom`: with who marked
    what, which readers are not told.
    """
    if pledges is None:
        pledges = Pledge.objects.reported_in(period)
    given = period.completions.select_related("marked_by") if by_whom else period.completions.all()
    marks = {mark.pledge_id: mark for mark in given}
    entries = Counter(
        Update.objects.in_effect(period.ends_on, period.known_on)
        .filter(pledge__programme=period.programme_id, effective_on__gte=period.starts_on)
        .values_list("pledge_id", flat=True)
    )
    asked = tuple(
        Asked(pledge, marks.get(pledge.pk), entries[pledge.pk])
        for pledge in pledges.order_by("code").prefetch_related("responsibilities__body")
    )
    return Completeness(period, asked, tuple(_parts(asked)), _share(asked))


def _parts(asked: Iterable[Asked]) -> Iterable[Part]:
    by_body: dict[Body | None, list[Asked]] = {}
    for one in asked:
        for body in one.pledge.leads or [None]:
            by_body.setdefault(body, []).append(one)
    for body in sorted(by_body, key=lambda body: (body is None, body.slug if body else "")):
        yield Part(body, tuple(by_body[body]), _share(by_body[body]))


def _share(asked: Iterable[Asked]) -> Share:
    asked = list(asked)
    return Share(sum(one.is_complete for one in asked), len(asked))


@dataclass(frozen=True)
class Mark:
    """What one pledge's page says of an open period that asks about it."""

    period: Period
    completion: Completion | None


def marks_of(pledge: Pledge) -> list[Mark]:
    """The open periods that ask about `pledge`, each with the word that its entry is complete."""
    if not pledge.is_public:
        return []
    periods = list(
        Period.objects.open().filter(
            programme=pledge.programme_id, ends_on__gte=pledge.announced_on
        )
    )
    given = {mark.period_id: mark for mark in pledge.completions.filter(period__in=periods)}
    return [Mark(period, given.get(period.pk)) for period in periods]
