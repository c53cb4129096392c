"""What one side says beside another: an update beside the record, a correction beside its entry."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db.models import Field
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker.models import Evidence, Milestone, MilestoneChange, Pledge, Update
from tracker.vocabulary import DatePrecision, Language, MilestoneState, Status


@dataclass(frozen=True)
class Due:
    """A due date as exactly as it is stated; None of a line says that nothing is said of one."""

    on: date | None
    precision: str


@dataclass(frozen=True)
class StepState:
    """A milestone as it stands on one side."""

    state: MilestoneState
    due: Due
    done_on: date | None


@dataclass(frozen=True)
class Line:
    """One thing that both sides speak of. `kind` says how a value is printed; None is silence.

    Kinds: status, day, percent, due, step, text (in `language`), and texts, a tuple of them.
    """

    label: str
    kind: str
    before: Any
    after: Any
    language: str = ""

    @property
    def is_change(self) -> bool:
        return self.before != self.after


def corrected(update: Update) -> list[Line]:
    """What a correction changes of the entry that it corrects. Asks nothing of an update that
    comes with its details."""
    entry = update.corrects
    if entry is None:
        return []
    lines = [
        Line(_name("status"), "status", Status(entry.status), Status(update.status)),
        Line(_name("effective_on"), "day", entry.effective_on, update.effective_on),
        Line(_("Progress"), "percent", entry.reported_progress, update.reported_progress),
        Line(_name("due_on"), "due", _moved(entry), _moved(update)),
        *(_narrative(entry, update, language) for language in Language),
        _evidence(entry.evidence.all(), update.evidence.all()),
        *_milestones(entry.milestone_changes.all(), update.milestone_changes.all()),
    ]
    return [line for line in lines if line.is_change]


def proposed(update: Update, pledge: Pledge, milestones: Iterable[Milestone]) -> list[Line]:
    """What an update would change of where its pledge stands: a pledge and milestones `as_of`.

    The status and its day are there in any case, the rest where the update speaks of it.
    """
    now = {milestone.pk: _step(milestone) for milestone in milestones}
    reported, moved = update.reported_progress, _moved(update)
    standing = Due(pledge.due_on, pledge.due_precision)
    since = pledge.last_entry_on if pledge.entry_id else None
    lines = [
        Line(_name("status"), "status", Status(pledge.status), Status(update.status)),
        Line(_name("effective_on"), "day", since, update.effective_on),
    ]
    if reported is not None:
        lines.append(Line(_("Progress"), "percent", pledge.reported_progress, reported))
    if moved is not None:
        lines.append(Line(_("Due"), "due", standing, moved))
    for change in update.milestone_changes.all():
        label = _milestone_name(change.milestone)
        lines.append(Line(label, "step", now.get(change.milestone_id), _step(change)))
    return lines


def _name(field: str) -> str:
    return capfirst(str(cast(Field, Update._meta.get_field(field)).verbose_name))


def _milestone_name(milestone: Milestone) -> str:
    return _("Milestone “%s”") % milestone.title


def _moved(update: Update) -> Due | None:
    return Due(update.due_on, update.due_precision) if update.due_precision else None


def _step(row: Milestone | MilestoneChange) -> StepState:
    return StepState(
        MilestoneState(row.state),
        Due(row.due_on, row.due_precision or DatePrecision.NONE),
        row.done_on,
    )


def _narrative(entry: Update, update: Update, language: Language) -> Line:
    name = f"narrative_{language.suffix}"
    before, after = (_sentences(getattr(side, name)) for side in (entry, update))
    return Line(
        _name(name),
        "text",
        "".join(sentence for sentence in before if sentence not in after).strip(),
        "".join(sentence for sentence in after if sentence not in before).strip(),
        language.value,
    )


#: The end of a sentence: a full stop before a space, one of Chinese, or the end of a line.
_END = re.compile(r"(?<=[.!?][ \n])|(?<=[。！？；\n])")


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _END.split(text.replace("\r\n", "\n") + "\n") if sentence]


def _evidence(before: Iterable[Evidence], after: Iterable[Evidence]) -> Line:
    told = [[_told(evidence) for evidence in side] for side in (before, after)]
    gone, come = (
        tuple(text for text in told[side] if text not in told[1 - side]) for side in (0, 1)
    )
    return Line(capfirst(str(Evidence._meta.verbose_name)), "texts", gone, come)


def _told(evidence: Evidence) -> str:
    """All that a piece of evidence says, in a line."""
    days = (evidence.published_on, evidence.seen_on)
    said = [
        evidence.title,
        evidence.publisher,
        evidence.get_kind_display(),
        evidence.language,
        evidence.url,
        *(day.isoformat() for day in days if day),
        evidence.quotation,
        evidence.note_en,
        evidence.note_zh,
        evidence.file_sha256[:12],
    ]
    return " · ".join(text for text in said if text)


def _milestones(
    before: Iterable[MilestoneChange], after: Iterable[MilestoneChange]
) -> Iterator[Line]:
    sides = [{change.milestone_id: change for change in side} for side in (before, after)]
    for key in dict.fromkeys([*sides[0], *sides[1]]):
        found = [side.get(key) for side in sides]
        one = next(change for change in found if change)
        before_it, after_it = (_step(change) if change else None for change in found)
        yield Line(_milestone_name(one.milestone), "step", before_it, after_it)
