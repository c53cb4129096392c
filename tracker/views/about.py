"""The pages about the record itself. What they explain they take from the rules, worked out."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from tracker.rules.dates import SHANGHAI, is_late, last_day
from tracker.rules.progress import progress, roll_up
from tracker.rules.publishing import OF_THE_RECORD
from tracker.rules.standing import in_effect, status_of
from tracker.views.asof import asof_form, render_asof
from tracker.vocabulary import (
    DatePrecision,
    EvidenceKind,
    Flag,
    MilestoneState,
    NotPledgeReason,
    Role,
    Status,
    UpdateState,
)

#: When the public pages were last looked at by hand, with the keyboard and at 320 pixels.
CHECKED_ON = date(2026, 11, 25)


@dataclass(frozen=True)
class Sample:
    """An entry of an example: as much of it as the rule for a standing reads."""

    pk: int
    status: str
    effective_on: date
    published_at: datetime
    corrects_id: int | None = None

    @property
    def sequence(self) -> int:
        return self.pk


@dataclass(frozen=True)
class Answer:
    """What the record of the example says of a day, as known on a day."""

    on: date
    known_on: date
    status: Status


def method(request: HttpRequest) -> HttpResponse:
    """How statuses, progress, lateness and corrections work."""
    figures = [
        progress(milestones_done=2, milestones_total=5, reported=60),
        progress(milestones_done=0, milestones_total=0, reported=75),
        progress(milestones_done=0, milestones_total=0, reported=None),
    ]
    entries = _sample_record()
    context = {
        "statuses": list(Status),
        "states": list(UpdateState),
        "evidence_kinds": list(EvidenceKind),
        "flags": list(Flag),
        "precisions": [
            (precision, last_day(date(2025, 2, 1), precision))
            for precision in DatePrecision
            if precision != DatePrecision.NONE
        ],
        "no_date": DatePrecision.NONE,
        "milestone_states": list(MilestoneState),
        "roles": list(Role),
        "reasons": list(NotPledgeReason),
        "refusals": OF_THE_RECORD,
        "stale_after": settings.STALE_AFTER_DAYS,
        "late_example": _late_example(),
        "figures": figures,
        "mean": roll_up(figures),
        "entries": [(entry, Status(entry.status)) for entry in entries],
        "answers": [
            Answer(on, known_on, Status(status_of(in_effect(entries, on, known_on))))
            for on, known_on in (
                (date(2024, 1, 31), date(2024, 1, 31)),
                (date(2024, 4, 30), date(2024, 4, 30)),
                (date(2024, 4, 30), date(2024, 6, 30)),
                (date(2024, 6, 30), date(2024, 6, 30)),
            )
        ],
    }
    return render_asof(request, "tracker/method.html", asof_form(request), context)


def accessibility(request: HttpRequest) -> HttpResponse:
    """How far these pages can be used by everybody, how that was checked, and what falls short."""
    context = {"checked_on": CHECKED_ON}
    return render_asof(request, "tracker/accessibility.html", asof_form(request), context)


def _sample_record() -> list[Sample]:
    """Three entries: one, one that turns out to be wrong, and its correction."""

    def noon(*day: int) -> datetime:
        return datetime.combine(date(*day), time(12), SHANGHAI)

    return [
        Sample(1, Status.IN_PROGRESS, date(2024, 1, 10), noon(2024, 1, 12)),
        Sample(2, Status.KEPT, date(2024, 4, 1), noon(2024, 4, 5)),
        Sample(3, Status.PARTLY_KEPT, date(2024, 4, 1), noon(2024, 6, 3), corrects_id=2),
    ]


def _late_example() -> dict[str, object]:
    """A pledge due in a year: late from the first day after it, unless its status is final."""
    due_on = last_day(date(2025, 1, 1), DatePrecision.YEAR)
    first = date(2026, 1, 1)
    return {
        "due_on": due_on,
        "rows": [
            (day, status, is_late(due_on, status, day))
            for day, status in (
                (due_on, Status.IN_PROGRESS),
                (first, Status.IN_PROGRESS),
                (first, Status.KEPT),
            )
        ],
    }
