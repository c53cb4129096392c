"""The steps of an update. Every road to a step, from a form to a command, runs through here.

Each step asks for the permission of `by`, locks what it changes, checks the rules and writes, in
one transaction: it is done whole or not at all. `seen` is the version that `by` looked at: where
the update has moved on since, the step is refused. Each step moves it on.
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tracker.models import Evidence, Head, MilestoneChange, Pledge, Update, User
from tracker.queries.chain import content_of
from tracker.rules.chain import digest
from tracker.rules.dates import day_of
from tracker.rules.publishing import STEPS, refusals
from tracker.vocabulary import Refusal, UpdateState


class Refused(Exception):
    """A step was refused, and nothing was changed. `refusals` says why, and what mends it."""

    def __init__(self, reasons: Iterable[Refusal]) -> None:
        self.refusals = list(reasons)
        super().__init__(" ".join(str(reason.label) for reason in self.refusals))


def _locked(
    update: Update,
    step: str,
    permission: str,
    by: User,
    otherwise: Refusal,
    *,
    seen: int | None,
) -> Update:
    """The update as it is now, held until the transaction ends, if `by` may take `step`."""
    if not by.has_perm(f"tracker.{permission}"):
        raise PermissionDenied
    if not Pledge.objects.in_care_of(by).filter(pk=update.pledge_id).exists():
        raise PermissionDenied
    # Always the pledge before the update: two publications of one pledge queue, never deadlock.
    Pledge.objects.select_for_update().filter(pk=update.pledge_id).first()
    current = Update.objects.select_for_update().filter(pk=update.pk).first()
    if current is None or not current.allows(step):
        raise Refused([otherwise])
    if seen is not None and seen != current.version:
        raise Refused([Refusal.CHANGED_MEANWHILE])
    return current


def _refuse_if(reasons: Iterable[Refusal]) -> None:
    reasons = list(reasons)
    if reasons:
        raise Refused(reasons)


@transaction.atomic
def submit(update: Update, *, by: User, at: datetime, seen: int | None = None) -> Update:
    """Submits a draft or a returned update for review.

    Raises Refused where it could not be published as it is, PermissionDenied where `by` may not.
    """
    current = _locked(update, "submit", "submit_update", by, Refusal.NOT_EDITABLE, seen=seen)
    _refuse_if(refusals(current.proposal(), on=day_of(at)))
    current.state = UpdateState.SUBMITTED
    current.submitted_at, current.submitted_by = at, by
    current.save(update_fields=["version", "state", "submitted_at", "submitted_by"])
    current.writers.add(by)
    return current


@transaction.atomic
def withdraw(update: Update, *, by: User, at: datetime, seen: int | None = None) -> Update:
    """Takes a submitted update back to its author's drafts."""
    current = _locked(
        update, "withdraw", "submit_update", by, Refusal.NOT_AWAITING_REVIEW, seen=seen
    )
    current.state = UpdateState.DRAFT
    current.edited_at, current.edited_by = at, by
    current.save(update_fields=["version", "state", "edited_at", "edited_by"])
    return current


@transaction.atomic
def return_(
    update: Update, *, by: User, at: datetime, reason: str, seen: int | None = None
) -> Update:
    """Returns a submitted update to its author with a reason that the author will read."""
    current = _locked(update, "return", "return_update", by, Refusal.NOT_AWAITING_REVIEW, seen=seen)
    if not reason.strip():
        raise Refused([Refusal.NO_RETURN_REASON])
    current.state = UpdateState.RETURNED
    current.returned_at, current.returned_by, current.return_reason = at, by, reason.strip()
    current.save(update_fields=["version", "state", "returned_at", "returned_by", "return_reason"])
    return current


@transaction.atomic
def publish(update: Update, *, by: User, at: datetime, seen: int | None = None) -> Update:
    """Makes a submitted update an entry of the record, for ever.

    It gets the record's next number and its place in the chain; the database then refreshes the
    pledge's standing. Raises
    Refused with all that stands against it, PermissionDenied where `by` may not publish.
    """
    current = _locked(
        update, "publish", "publish_update", by, Refusal.NOT_AWAITING_REVIEW, seen=seen
    )
    _refuse_if(refusals(current.proposal(), on=day_of(at), reviewer=by.pk))
    Head.objects.get_or_create(pk=1)
    head = Head.objects.select_for_update().get(pk=1)
    head.sequence += 1
    current.state = UpdateState.PUBLISHED
    current.published_at, current.published_by = at, by
    current.sequence = head.sequence
    head.digest = current.digest = digest(head.digest, content_of(current))
    head.save(update_fields=["sequence", "digest"])
    current.save(
        update_fields=["version", "state", "published_at", "published_by", "sequence", "digest"]
    )
    return current


@transaction.atomic
def correct(update: Update, *, by: User, at: datetime, seen: int | None = None) -> Update:
    """Starts a draft that corrects a published update, filled with what that one says.

    Where `by` has such a draft under way already, it is that draft.
    """
    original = _locked(update, "correct", "add_update", by, Refusal.NOT_PUBLISHED, seen=seen)
    if original.correction:
        raise Refused([Refusal.ALREADY_CORRECTED])
    begun = original.corrections.filter(created_by=by, state__in=STEPS["edit"]).first()
    if begun:
        return begun
    draft = Update.objects.create(
        pledge_id=original.pledge_id,
        corrects=original,
        status=original.status,
        effective_on=original.effective_on,
        reported_progress=original.reported_progress,
        due_on=original.due_on,
        due_precision=original.due_precision,
        narrative_en=original.narrative_en,
        narrative_zh=original.narrative_zh,
        created_at=at,
        created_by=by,
        edited_at=at,
        edited_by=by,
    )
    draft.writers.add(by)
    for evidence in original.evidence.all():
        Evidence.objects.create(update=draft, **_copied(evidence, _EVIDENCE_FIELDS))
    for change in original.milestone_changes.all():
        MilestoneChange.objects.create(update=draft, **_copied(change, _CHANGE_FIELDS))
    return draft


_EVIDENCE_FIELDS = (
    "kind",
    "title",
    "language",
    "publisher",
    "url",
    "file",
    "file_sha256",
    "published_on",
    "seen_on",
    "quotation",
    "note_en",
    "note_zh",
)
_CHANGE_FIELDS = ("milestone", "state", "due_on", "due_precision", "done_on")


def _copied(row: object, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}
