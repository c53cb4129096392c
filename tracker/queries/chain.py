"""The record as a chain: each entry's content in the form that its digest is taken of."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Model

from tracker.models import Evidence, Head, MilestoneChange, Update
from tracker.rules.chain import START, Content, End, Link

CHUNK = 500

#: What readers see of an entry and what it rests on. Names are for ever: the digests hang on them.
_PLEDGE = (
    "code",
    "wording",
    "wording_language",
    "announced_on",
    "original_due_on",
    "original_due_precision",
    "published_at",
)
_ENTRY = (
    "uid",
    "status",
    "effective_on",
    "published_at",
    "reported_progress",
    "due_on",
    "due_precision",
    "narrative_en",
    "narrative_zh",
    "correction_reason_en",
    "correction_reason_zh",
)
_EVIDENCE = (
    "uid",
    "kind",
    "title",
    "language",
    "publisher",
    "url",
    "file_sha256",
    "published_on",
    "seen_on",
    "quotation",
    "note_en",
    "note_zh",
)
_CHANGE = ("state", "due_on", "due_precision", "done_on")


def content_of(update: Update) -> Content:
    """The content of an entry. It names people nowhere, for no reader sees them."""
    evidence: list[Evidence] = sorted(update.evidence.all(), key=lambda row: str(row.uid))
    changes: list[MilestoneChange] = sorted(
        update.milestone_changes.all(), key=lambda row: str(row.milestone.uid)
    )
    return {
        "number": update.sequence,
        **_said(update, _ENTRY),
        "corrects": str(update.corrects.uid) if update.corrects else None,
        "pledge": _said(update.pledge, _PLEDGE),
        "evidence": [_said(row, _EVIDENCE) for row in evidence],
        "milestones": [{"uid": str(row.milestone.uid), **_said(row, _CHANGE)} for row in changes],
    }


def links() -> Iterator[Link]:
    """Every entry of the record in its order, in a fixed number of queries for each `CHUNK`."""
    entries = (
        Update.objects.published()
        .select_related("pledge", "corrects")
        .prefetch_related("evidence", "milestone_changes__milestone")
        .order_by("sequence")
    )
    for entry in entries.iterator(chunk_size=CHUNK):
        yield Link(content_of(entry), entry.digest)


def head() -> End:
    """The end of the record, as kept beside it."""
    row = Head.objects.first()
    return End(row.sequence, row.digest) if row else End()


def head_known_on(known_on: date | None) -> End:
    """The end of the record as it was known on a day; today's without one."""
    # All that is published has a number: asked for so, the numbers are walked from their end.
    entries = (
        Update.objects.filter(sequence__isnull=False)
        if known_on is None
        else Update.objects.published(known_on)
    )
    last = entries.newest_first().only("sequence", "digest").first()
    return End(last.sequence or 0, last.digest) if last else End(0, START)


def _said(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> str | int | None:
    """A value as JSON says it: days as YYYY-MM-DD, moments in UTC to the microsecond."""
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
