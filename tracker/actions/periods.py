"""The steps of a reporting period: opened, marked complete pledge by pledge, closed for ever."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tracker.actions.updates import Refused
from tracker.models import Completion, FrozenFile, Period, Pledge, User
from tracker.rules import closing
from tracker.rules.dates import day_of
from tracker.vocabulary import Refusal


def _kept_by(by: User, permission: str) -> None:
    """A period is every body's: only those who work for every body open and close one."""
    if not (by.cares_for_all and by.has_perm(f"tracker.{permission}")):
        raise PermissionDenied


def _locked(period: Period) -> Period:
    """The period as it is now, held until the transaction ends."""
    return Period.objects.select_for_update().get(pk=period.pk)


@transaction.atomic
def open_(period: Period, *, by: User, at: datetime) -> Period:
    """Opens a new period: from now on bodies can mark their entries complete."""
    _kept_by(by, "add_period")
    period.opened_at, period.opened_by = at, by
    period.save()
    return period


def _asked_about(
    period: Period, pledges: Iterable[Pledge], by: User, permission: str
) -> tuple[Period, list[Pledge]]:
    """The open period, locked, and the pledges, where all are in it and in the care of `by`."""
    if not by.has_perm(f"tracker.{permission}"):
        raise PermissionDenied
    wanted = {pledge.pk for pledge in pledges}
    current = _locked(period)
    if current.is_closed:
        raise Refused([Refusal.PERIOD_CLOSED])
    chosen = Pledge.objects.filter(pk__in=wanted)
    if chosen.in_care_of(by).count() != len(wanted):
        raise PermissionDenied
    asked = list(chosen.reported_in(current).order_by("code"))
    if len(asked) != len(wanted):
        raise Refused([Refusal.NOT_IN_PERIOD])
    return current, asked


@transaction.atomic
def mark(period: Period, pledges: Iterable[Pledge], *, by: User, at: datetime) -> list[Completion]:
    """Marks each pledge's entry for the period complete; gives those that were not so already."""
    current, asked = _asked_about(period, pledges, by, "add_completion")
    marks = [
        Completion.objects.get_or_create(
            period=current, pledge=pledge, defaults={"marked_at": at, "marked_by": by}
        )
        for pledge in asked
    ]
    return [completion for completion, is_new in marks if is_new]


@transaction.atomic
def unmark(period: Period, pledges: Iterable[Pledge], *, by: User) -> None:
    """Takes the word back that each pledge's entry is complete, while the period is open."""
    current, asked = _asked_about(period, pledges, by, "delete_completion")
    Completion.objects.filter(period=current, pledge__in=asked).delete()


@transaction.atomic
def close(
    period: Period,
    *,
    by: User,
    at: datetime,
    files: Sequence[FrozenFile],
    although_missing: bool = False,
) -> list[Pledge]:
    """Closes the period for ever and keeps `files`, its reports; gives the pledges still missing.

    The files come from `reports.freezing` and hold what was known the day before, so that they can
    be made before anything is locked. Raises Refused with all that stands against closing.
    """
    _kept_by(by, "close_period")
    current = _locked(period)
    missing = list(Pledge.objects.missing_in(current).order_by("code"))
    reasons = list(
        closing.refusals(
            is_closed=current.is_closed,
            ends_on=current.ends_on,
            on=day_of(at),
            missing=len(missing),
            although_missing=although_missing,
        )
    )
    if reasons:
        raise Refused(reasons)
    answers = [current.parameters_on(day_of(at), of_days=of_days) for of_days in (False, True)]
    if any(file.asked not in answers for file in files):
        # Its days were changed, or the day has turned, since the files were made.
        raise Refused([Refusal.CHANGED_MEANWHILE])
    for file in files:
        file.period, file.made_at, file.made_by = current, at, by
        file.save(force_insert=True)
    current.closed_at, current.closed_by = at, by
    current.save(update_fields=["closed_at", "closed_by"])
    return missing
