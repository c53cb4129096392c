"""The audit log as a chain: each entry's content in the form that its digest is taken of."""

from collections.abc import Iterator
from datetime import UTC

from tracker.models import AuditEntry, AuditHead
from tracker.rules.chain import Content, End, Link

CHUNK = 2000


def content_of(entry: AuditEntry) -> Content:
    """What an entry says. Names are for ever: the digests hang on them."""
    return {
        "number": entry.number,
        "written_at": entry.written_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "written_by": entry.written_by,
        "kind": str(entry.kind),
        "about": entry.about,
        "detail": entry.detail,
        "address": entry.address,
    }


def links() -> Iterator[Link]:
    """Every entry in its order."""
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=CHUNK):
        yield Link(content_of(entry), entry.digest)


def head() -> End:
    """The end of the log, as kept beside it."""
    row = AuditHead.objects.first()
    return End(row.number, row.digest) if row else End()
