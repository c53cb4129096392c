"""What an update may become, and what stops it (DESIGN, rules 1 to 3).

`refusals` is asked by every road to publication; the database's constraints and triggers are the
second belt. Each refusal names itself, so that a form can place it and a list of many can say it
row by row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tracker.vocabulary import Refusal, Status, UpdateState

#: From which states each step may be taken.
STEPS: dict[str, frozenset[str]] = {
    "edit": frozenset({UpdateState.DRAFT, UpdateState.RETURNED}),
    "submit": frozenset({UpdateState.DRAFT, UpdateState.RETURNED}),
    "withdraw": frozenset({UpdateState.SUBMITTED}),
    "publish": frozenset({UpdateState.SUBMITTED}),
    "return": frozenset({UpdateState.SUBMITTED}),
    "correct": frozenset({UpdateState.PUBLISHED}),
}


#: What can keep an update from the record: all that `refusals` may answer.
OF_THE_RECORD: tuple[Refusal, ...] = (
    Refusal.EFFECTIVE_AFTER_PUBLICATION,
    Refusal.EFFECTIVE_BEFORE_ANNOUNCEMENT,
    Refusal.NO_NARRATIVE,
    Refusal.NO_EVIDENCE,
    Refusal.FOREIGN_MILESTONE,
    Refusal.DONE_AFTER_EFFECT,
    Refusal.PLEDGE_NOT_PUBLIC,
    Refusal.REVIEWER_IS_AUTHOR,
    Refusal.CORRECTS_UNPUBLISHED,
    Refusal.CORRECTS_OTHER_PLEDGE,
    Refusal.ALREADY_CORRECTED,
    Refusal.NO_CORRECTION_REASON,
)


def allows(state: str, step: str) -> bool:
    """Whether an update in `state` may take `step` (a key of STEPS)."""
    return state in STEPS[step]


@dataclass(frozen=True)
class Proposal:
    """What the rules look at in an update that asks to be submitted or published.

    `authors` are the ids of those who wrote it. `corrected` describes the entry that it corrects,
    None where it corrects none.
    """

    status: str
    effective_on: date
    has_narrative: bool
    evidence: int
    authors: frozenset[int]
    pledge_id: int
    announced_on: date
    pledge_is_public: bool
    milestone_pledges: frozenset[int]
    milestones_done_on: tuple[date, ...] = ()
    corrected: "Corrected | None" = None
    has_correction_reason: bool = False


@dataclass(frozen=True)
class Corrected:
    """The entry that a correction replaces."""

    pledge_id: int
    is_published: bool
    is_corrected: bool


def refusals(proposal: Proposal, *, on: date, reviewer: int | None = None) -> Iterator[Refusal]:
    """Why `proposal` may not be published on day `on` by `reviewer`; nothing if it may.

    Without a `reviewer` it says what would stop any reviewer: the check made on submission.
    """
    if proposal.effective_on > on:
        yield Refusal.EFFECTIVE_AFTER_PUBLICATION
    if proposal.effective_on < proposal.announced_on:
        yield Refusal.EFFECTIVE_BEFORE_ANNOUNCEMENT
    if not proposal.has_narrative:
        yield Refusal.NO_NARRATIVE
    if proposal.status != Status.NOT_RATED and not proposal.evidence:
        yield Refusal.NO_EVIDENCE
    if proposal.milestone_pledges - {proposal.pledge_id}:
        yield Refusal.FOREIGN_MILESTONE
    if any(done_on > proposal.effective_on for done_on in proposal.milestones_done_on):
        yield Refusal.DONE_AFTER_EFFECT
    if proposal.corrected is not None:
        yield from _correction_refusals(proposal, proposal.corrected)
    if reviewer is None:
        return
    if not proposal.pledge_is_public:
        yield Refusal.PLEDGE_NOT_PUBLIC
    if proposal.status in Status.final() and reviewer in proposal.authors:
        yield Refusal.REVIEWER_IS_AUTHOR


def _correction_refusals(proposal: Proposal, corrected: Corrected) -> Iterator[Refusal]:
    if not corrected.is_published:
        yield Refusal.CORRECTS_UNPUBLISHED
    if corrected.pledge_id != proposal.pledge_id:
        yield Refusal.CORRECTS_OTHER_PLEDGE
    if corrected.is_corrected:
        yield Refusal.ALREADY_CORRECTED
    if not proposal.has_correction_reason:
        yield Refusal.NO_CORRECTION_REASON
