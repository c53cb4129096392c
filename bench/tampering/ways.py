"""What somebody who owns the database could do to a record, one thing at a time.

Each way draws from `chance` where and how, does it by plain statements, and says what it did. The
guards must be off. What the database still refuses by its constraints raises DatabaseError.
"""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Field, Model, Q, QuerySet

from tracker.models import Evidence, Head, Milestone, MilestoneChange, Pledge, Standing, Update
from tracker.queries import chain
from tracker.rules.chain import digest

Way = Callable[[Random], str]

#: What no reader sees of an entry and of what it rests on: its steps, its people, its place in the
#: tables. All else is to be covered by the chain, a column that is added tomorrow too.
UNSEEN: dict[type[Model], set[str]] = {
    Update: {
        "id",
        "version",
        "pledge_id",
        "state",
        "corrects_id",
        "sequence",
        "digest",
        *(f"{step}_at" for step in ("created", "edited", "submitted", "returned")),
        *(f"{step}_by_id" for step in ("created", "edited", "submitted", "returned", "published")),
        "return_reason",
    },
    Evidence: {"id", "update_id", "file"},
    MilestoneChange: {"id", "update_id", "milestone_id"},
}
#: The words of a pledge that are frozen once it is public, and as what each entry has it.
FROZEN = (
    "code",
    "wording",
    "wording_language",
    "announced_on",
    "original_due_on",
    "original_due_precision",
    "published_at",
)


def _columns() -> list[Field]:
    seen = [
        field
        for model, unseen in UNSEEN.items()
        for field in model._meta.concrete_fields
        if field.column not in unseen
    ]
    return [*seen, *(Pledge._meta.get_field(name) for name in FROZEN)]


def _rows(model: type[Model]) -> QuerySet:
    """Those of the record; of pledges those that it has an entry of."""
    entries = Update._base_manager.filter(sequence__isnull=False)
    if model is Update:
        return entries
    if model is Pledge:
        return Pledge._base_manager.filter(pk__in=entries.values("pledge"))
    return model._base_manager.filter(update__in=entries)


def _one(chance: Random, rows: QuerySet) -> Any:
    return chance.choice(list(rows.order_by("pk")))


def _set(row: Model, **values: Any) -> None:
    """By a statement of its own: neither `save` nor anything else of the model is asked."""
    type(row)._base_manager.filter(pk=row.pk).update(**values)


def _take_out(rows: QuerySet) -> None:
    # Not `delete`, which would look after what hangs on them.
    rows._raw_delete(rows.db)


def nothing(chance: Random) -> str:
    """The control."""
    return "nothing"


# --- what stands in a column ----------------------------------------------------------------------


def another(field: Field, value: Any, chance: Random) -> Any:
    """A value for `field` that is not `value`, often nearly the same."""
    if isinstance(value, uuid.UUID):
        return uuid.UUID(int=chance.getrandbits(128))
    if isinstance(value, datetime):
        return value + timedelta(microseconds=chance.choice((-1, 1, 1_000_000)))
    if field.choices:
        return chance.choice([code for code, _label in field.flatchoices if code != value])
    if field.null and value is not None and chance.random() < 0.3:
        return None
    kind = field.get_internal_type()
    if kind == "DateField":
        return (value or date(2024, 1, 1)) + timedelta(days=chance.choice((-365, -1, 1, 30)))
    if kind in {"CharField", "TextField"}:
        return _slightly(value, chance)
    return (value or 0) + chance.choice((1, 2, 10) if not value else (-1, 1))


#: What one hardly sees on a page, or not at all.
_SLIPPED_IN = ("\u200b", " ", "\n", "\u00a0", "。", ".", "0", "not ", "不")


def _slightly(text: str, chance: Random) -> str:
    """The text with one place of it otherwise."""
    at = chance.randrange(len(text) + 1)
    before, after = text[:at], text[at:]
    changed = [before + chance.choice(_SLIPPED_IN) + after]
    if after:
        sign, rest = after[0], after[1:]
        changed += [before + rest, before + sign + after, before + sign.swapcase() + rest]
        if sign in "0123456789":
            changed.append(before + str(9 - int(sign)) + rest)
    return chance.choice([other for other in changed if other != text])


def a_value(chance: Random) -> str:
    """One column of one row: of an entry, of what it rests on, of its milestones, of its pledge."""
    field = chance.choice(_columns())
    row = _one(chance, _rows(field.model))
    value = another(field, getattr(row, field.attname), chance)
    _set(row, **{field.attname: value})
    return f"{field.model.__name__}.{field.column}"


def a_value_and_its_digest(chance: Random) -> str:
    """As `a_value`, but whoever does it computes the digest of that entry anew, too."""
    said = a_value(chance)
    links = {link.content["number"]: link for link in chain.links()}
    before = chain.START
    for number, link in sorted(links.items()):
        fitting = digest(before, link.content)
        if fitting != link.digest:
            Update._base_manager.filter(sequence=number).update(digest=fitting)
            break
        before = link.digest
    return f"{said} and the digest of the first entry that has it"


# --- where an entry hangs -------------------------------------------------------------------------


def another_pledge(chance: Random) -> str:
    entry = _one(chance, _rows(Update))
    other = _one(chance, _rows(Pledge).exclude(pk=entry.pledge_id))
    _set(entry, pledge_id=other.pk)
    return "an entry moved to another pledge"


def another_correction(chance: Random) -> str:
    entry = _one(chance, _rows(Update))
    if entry.corrects_id:
        _set(entry, corrects_id=None)
        return "a correction that corrects nothing any more"
    corrected = _rows(Update).filter(corrects__isnull=False).values("corrects")
    other = _one(chance, _rows(Update).exclude(Q(pk=entry.pk) | Q(pk__in=corrected)))
    _set(entry, corrects_id=other.pk)
    return "an entry that now corrects another"


def another_milestone(chance: Random) -> str:
    change = _one(chance, _rows(MilestoneChange))
    if chance.random() < 0.5:
        _set(change.milestone, uid=uuid.UUID(int=chance.getrandbits(128)))
        return "a milestone by another identifier"
    used = MilestoneChange._base_manager.filter(update=change.update_id).values("milestone")
    _set(change, milestone_id=_one(chance, Milestone._base_manager.exclude(pk__in=used)).pk)
    return "a change of another milestone"


# --- parts, entries, the end ----------------------------------------------------------------------


def a_part_less(chance: Random) -> str:
    part = _one(chance, _rows(chance.choice((Evidence, MilestoneChange))))
    _take_out(type(part)._base_manager.filter(pk=part.pk))
    return f"{type(part).__name__} taken out"


def a_part_more(chance: Random) -> str:
    part = _one(chance, _rows(Evidence))
    part.pk, part.uid = None, uuid.UUID(int=chance.getrandbits(128))
    Evidence._base_manager.bulk_create([part])
    return "Evidence put in"


def a_part_moved(chance: Random) -> str:
    part = _one(chance, _rows(Evidence))
    _set(part, update_id=_one(chance, _rows(Update).exclude(pk=part.update_id)).pk)
    return "Evidence moved to another entry"


def an_entry_less(chance: Random) -> str:
    entry = _one(chance, _rows(Update))
    _remove([entry])
    return "an entry taken out"


def an_entry_back_to_a_draft(chance: Random) -> str:
    entry = _one(chance, _rows(Update))
    of_none = {"sequence": None, "published_at": None, "published_by": None, "digest": ""}
    Standing._base_manager.filter(entry=entry).update(entry=None)
    _set(entry, state="draft", **of_none)
    return "an entry made a draft again"


def an_entry_more(chance: Random) -> str:
    """A copy at the end, rightly chained, whose maker did not think of the end of the record."""
    entry, end = _one(chance, _rows(Update)), chain.head()
    entry.pk, entry.uid = None, uuid.UUID(int=chance.getrandbits(128))
    entry.corrects, entry.sequence = None, end.number + 1
    (made,) = Update._base_manager.bulk_create([entry])
    _set(made, digest=digest(end.digest, chain.content_of(made)))
    return "an entry put in at the end"


def two_swapped(chance: Random) -> str:
    one, other = chance.sample(list(_rows(Update).order_by("pk")), 2)
    _set(one, sequence=2**31 - 1)
    _set(other, sequence=one.sequence)
    _set(one, sequence=other.sequence)
    if chance.random() < 0.5:
        _set(one, digest=other.digest)
        _set(other, digest=one.digest)
        return "two entries swapped, with their digests"
    return "two entries swapped"


def a_forged_digest(chance: Random) -> str:
    entry = _one(chance, _rows(Update))
    _set(entry, digest=f"{chance.getrandbits(256):064x}")
    return "a forged digest"


def another_number(chance: Random) -> str:
    """A gap in the record."""
    entry = _one(chance, _rows(Update))
    _set(entry, sequence=chain.head().number + chance.randint(1, 9))
    return "an entry with another number"


def another_end(chance: Random) -> str:
    head = Head._base_manager.get()
    if chance.random() < 0.5:
        _set(head, digest=f"{chance.getrandbits(256):064x}")
        return "another digest at the end"
    _set(head, sequence=head.sequence + chance.choice((-1, 1, 10)))
    return "another number at the end"


def an_end_cut_off(chance: Random) -> str:
    """The last entries are gone; the end of the record still says how many there were."""
    _cut(chance)
    return "the end cut off"


#: What `verify_record` is to find.
WAYS: tuple[Way, ...] = (
    # The columns are many: they get more than their turn.
    *([a_value] * 12),
    *([a_value_and_its_digest] * 3),
    another_pledge,
    another_correction,
    another_milestone,
    a_part_less,
    a_part_more,
    a_part_moved,
    an_entry_less,
    an_entry_back_to_a_draft,
    an_entry_more,
    two_swapped,
    a_forged_digest,
    another_number,
    another_end,
    an_end_cut_off,
)


# --- what only an earlier head shows --------------------------------------------------------------


def a_clean_cut(chance: Random) -> str:
    """The last entries are gone, and the end of the record is as if they had never been."""
    _cut(chance)
    last = _rows(Update).order_by("-sequence").first()
    Head._base_manager.update(sequence=last.sequence, digest=last.digest)
    return "the end cut off, and put right"


def all_computed_anew(chance: Random) -> str:
    """A value, and then every digest, up to the end of the record."""
    said = a_value(chance)
    before = chain.START
    for link in list(chain.links()):
        before = digest(before, link.content)
        Update._base_manager.filter(sequence=link.content["number"]).update(digest=before)
    Head._base_manager.update(digest=before)
    return f"{said.partition('.')[0]}, and every digest computed anew"


#: What is found by who wrote an earlier head down, and gives it to the citizens' script.
WAYS_TO_HIDE: tuple[Way, ...] = (a_clean_cut, all_computed_anew)


def _cut(chance: Random) -> None:
    count = chance.randint(1, 5)
    _remove(list(_rows(Update).order_by("-sequence")[:count]))


def _remove(entries: list[Update]) -> None:
    keys = [entry.pk for entry in entries]
    for relation in Update._meta.related_objects:
        model, name = relation.related_model, relation.field.name
        hanging = model._base_manager.filter(**{f"{name}__in": keys})
        if relation.field.null:
            hanging.update(**{name: None})
        else:
            _take_out(hanging)
    for many in Update._meta.many_to_many:
        _take_out(many.remote_field.through._base_manager.filter(update__in=keys))
    _take_out(Update._base_manager.filter(pk__in=keys))
