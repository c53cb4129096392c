"""What a correction changed: the entry that it replaces and itself, side by side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracker.models import Evidence, MilestoneChange, Update
from tracker.vocabulary import Status


@dataclass(frozen=True)
class Correction:
    """A published correction with what it replaces. Each `has_…` says whether that differs."""

    update: Update
    corrected: Update
    before: Status
    after: Status
    has_other_status: bool
    has_other_day: bool
    has_other_progress: bool
    has_other_due_date: bool
    has_other_narrative: bool
    has_other_milestones: bool
    #: How many pieces of evidence came and went; one whose text was mended did both.
    evidence_added: int
    evidence_removed: int

    @property
    def is_same(self) -> bool:
        """Whether nothing that readers see of the entry itself differs."""
        return not (
            self.has_other_status
            or self.has_other_day
            or self.has_other_progress
            or self.has_other_due_date
            or self.has_other_narrative
            or self.has_other_milestones
            or self.evidence_added
            or self.evidence_removed
        )


def corrections(updates: Iterable[Update]) -> Iterator[Correction]:
    """The corrections among `updates`, which come from `UpdateQuerySet.that_correct`."""
    for update in updates:
        corrected = update.corrects
        if corrected is None:
            continue
        cited, was_cited = _evidence(update), _evidence(corrected)
        yield Correction(
            update=update,
            corrected=corrected,
            before=Status(corrected.status),
            after=Status(update.status),
            has_other_status=update.status != corrected.status,
            has_other_day=update.effective_on != corrected.effective_on,
            has_other_progress=update.reported_progress != corrected.reported_progress,
            has_other_due_date=(update.due_on, update.due_precision)
            != (corrected.due_on, corrected.due_precision),
            has_other_narrative=(update.narrative_en, update.narrative_zh)
            != (corrected.narrative_en, corrected.narrative_zh),
            has_other_milestones=_milestones(update) != _milestones(corrected),
            evidence_added=len(cited - was_cited),
            evidence_removed=len(was_cited - cited),
        )


def _evidence(update: Update) -> set[tuple]:
    """The evidence of an update by all that readers see of it."""
    return {_seen_of(evidence) for evidence in update.evidence.all()}


def _seen_of(evidence: Evidence) -> tuple:
    return (
        evidence.kind,
        evidence.title,
        evidence.language,
        evidence.publisher,
        evidence.url,
        evidence.file_sha256,
        evidence.published_on,
        evidence.seen_on,
        evidence.quotation,
        evidence.note_en,
        evidence.note_zh,
    )


def _milestones(update: Update) -> set[tuple]:
    return {_said_of(change) for change in update.milestone_changes.all()}


def _said_of(change: MilestoneChange) -> tuple:
    return (
        change.milestone_id,
        change.state,
        change.due_on,
        change.due_precision,
        change.done_on,
    )
