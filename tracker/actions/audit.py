"""The audit log: how one entry is added to it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Model

from tracker.models import AuditEntry, AuditHead, User
from tracker.queries.audit import content_of
from tracker.rules.chain import digest
from tracker.vocabulary import AuditKind


@dataclass(frozen=True)
class Doer:
    """Whoever does something, when, and from which network address; nobody's, and a command's,
    account is None."""

    by: User | None
    at: datetime
    address: str = ""


@transaction.atomic
def write(doer: Doer, kind: AuditKind, *, about: Model | str = "", detail: str = "") -> AuditEntry:
    """Adds one entry to the log, in the transaction of what it tells of.

    `about` is the row, or the name of an address or a command. Neither it nor `detail` may quote
    what was typed. Whoever else adds to the log waits until the transaction ends.
    """
    AuditHead.objects.get_or_create(pk=1)
    head = AuditHead.objects.select_for_update().get(pk=1)
    entry = AuditEntry(
        number=head.number + 1,
        written_at=doer.at,
        written_by=(doer.by.pk if doer.by else None) or 0,
        kind=kind,
        about=_printable(about if isinstance(about, str) else named(about))[:120],
        detail=_printable(detail)[:300],
        address=_printable(doer.address)[:64],
    )
    entry.digest = digest(head.digest, content_of(entry))
    entry.save(force_insert=True)
    head.number, head.digest = entry.number, entry.digest
    head.save(update_fields=["number", "digest"])
    return entry


def _printable(text: str) -> str:
    """What any database can keep and no terminal takes for more than a text."""
    return "".join(sign for sign in text if sign.isprintable())


def named(row: Model) -> str:
    """A row as the log calls it."""
    return f"{row._meta.label_lower} {row.pk}"
