"""Whether the record is what was published: the questions that `verify_record` asks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.core.files.storage import default_storage
from django.db import connection

from tracker.models import Evidence, FrozenFile, Pledge, Source, guards
from tracker.queries import audit, chain
from tracker.rules.chain import first_fault


@dataclass(frozen=True)
class Check:
    """One question and its answer: `fault` names the first thing that is wrong, if any is."""

    name: str
    fault: str | None


def checks(on: date) -> Iterator[Check]:
    """Every question in turn, each answered when it is asked for; `on` is today."""
    questions: dict[str, Callable[[], str | None]] = {
        "the chain of entries": _chain,
        "the audit log": _audit,
        "each pledge's standing": lambda: _standings(on),
        "the database's guards": _guards,
        "the texts of sources": _sources,
        "the files of evidence": _files,
        "the frozen files": _frozen,
    }
    for name, question in questions.items():
        yield Check(name, question())


def _chain() -> str | None:
    fault = first_fault(chain.links(), chain.head())
    return f"entry {fault.number}: {fault.reason}" if fault else None


def _audit() -> str | None:
    fault = first_fault(audit.links(), audit.head())
    return f"entry {fault.number} of the audit log: {fault.reason}" if fault else None


def _standings(on: date) -> str | None:
    names = (
        "code",
        "status",
        "entry_id",
        "last_entry_on",
        "reported_progress",
        "due_on",
        "due_precision",
        "milestones_total",
        "milestones_done",
    )
    stored = Pledge.objects.as_of().order_by("code").values_list(*names)
    record = Pledge.objects.as_of(on).order_by("code").values_list(*names)
    for kept, read in zip(stored.iterator(), record.iterator(), strict=True):
        if kept != read:
            return f"pledge {read[0]}: its stored standing is not what the record says"
    return None


def _guards() -> str | None:
    missing = guards.missing(connection)
    return f"{missing[0]} is missing" if missing else None


def _sources() -> str | None:
    for source in Source.objects.order_by("slug").iterator():
        if sha256(source.text.encode()).hexdigest() != source.sha256:
            return f"source {source.slug}: its text is not that of its SHA-256"
    return None


def _files() -> str | None:
    for evidence in Evidence.objects.published().exclude(file="").order_by("pk").iterator():
        name = evidence.file.name
        if not default_storage.exists(name):
            return f"evidence {evidence.uid}: its file is gone"
        digest = sha256()
        with default_storage.open(name) as file:
            for piece in file.chunks():
                digest.update(piece)
        if digest.hexdigest() != evidence.file_sha256:
            return f"evidence {evidence.uid}: its file is not the one that was published"
    return None


def _frozen() -> str | None:
    for file in FrozenFile.objects.select_related("period").order_by("pk").iterator():
        if sha256(bytes(file.content)).hexdigest() != file.sha256:
            return f"{file.period.slug}/{file.filename}: its content is not that of its SHA-256"
    return None
