"""Each constraint, broken once past every form; and what a form says before it comes to that."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from tests.factories import World
from tests.nouns import NOUNS
from tracker.models import (
    AuditEntry,
    AuditHead,
    Body,
    Completion,
    Edition,
    Evidence,
    Feedback,
    FrozenFile,
    Gram,
    Head,
    ImportFile,
    Indexed,
    Indicator,
    Measurement,
    Milestone,
    MilestoneChange,
    Note,
    Passage,
    Period,
    Pillar,
    Posting,
    Programme,
    Reminder,
    Reply,
    Responsibility,
    SavedReport,
    Sector,
    Source,
    SourceNote,
    Standing,
    Subscription,
    guards,
)

CONSTRAINTS = {
    constraint.name: (model, constraint)
    for model in NOUNS
    for constraint in model._meta.constraints
}
DAY = date(2023, 1, 1)

BOTH_EMPTY = "Give this text in English or in Chinese, better in both."
DATE_AND_PRECISION = "Give a date together with how exact it is, or no date and “no date stated”."
NOT_A_CHOICE = "is not a valid choice."
START_AND_END = "The start must come before the end."


@dataclass(frozen=True)
class Case:
    """A row that breaks one constraint, and the words in which a form refuses it.

    `message` is None where no form meets it: its columns are written by actions only. Where a
    trigger would refuse the row first, it is tried `unguarded`.
    """

    name: str
    make: Callable[[World], models.Model]
    message: str | None
    unguarded: bool = False


# --- Rows that break nothing but what `values` say ----------------------------------------------


def pledge(world, **values):
    row = world.pledge("P1.01", public=False)
    for name, value in values.items():
        setattr(row, name, row if value == "itself" else value)
    return row


def draft(world, **values):
    row = world.draft(world.pledge())
    for name, value in values.items():
        setattr(row, name, value)
    return row


def published(world, submitted=None, **values):
    """A submitted update, ready to be saved as published."""
    row = submitted or world.submitted(world.pledge())
    row.state, row.sequence, row.digest = "published", 77, "1" * 64
    row.published_at, row.published_by = world.at, world.reviewer
    for name, value in values.items():
        setattr(row, name, value)
    return row


def second_correction(world):
    entry = world.published(world.pledge())
    first, second = (
        world.submitted(entry.pledge, corrects=entry, correction_reason_en="A slip.")
        for _ in range(2)
    )
    published(world, first).save()
    return published(world, second, sequence=78)


def audit_entry(world):
    return AuditEntry(number=1, written_at=world.at, written_by=0, kind="thought", digest="0" * 64)


def kept(world):
    return world.submitted(world.pledge(), "kept")


def milestone(world, **values):
    return Milestone(pledge=world.pledge(), **({"title_en": "Step"} | values))


def change(world, **values):
    update = world.draft(world.pledge())
    return MilestoneChange(update=update, milestone=world.milestone(update.pledge), **values)


def same_change(world):
    made = change(world)
    made.save()
    return MilestoneChange(update=made.update, milestone=made.milestone)


def period(world, **values):
    made = {"programme": world.programme, "slug": "2026-q4", "name_en": "Last quarter of 2026"}
    days = {"starts_on": date(2026, 10, 1), "ends_on": date(2026, 12, 31)}
    return Period(**made | days | {"opened_at": world.at, "opened_by": world.author} | values)


def part_of_period(world, model, **values):
    """A row of `model` like one that is there already."""
    of = period(world)
    of.save()
    for _ in range(2):
        row = model(period=of, **values)
        if not model.objects.exists():
            row.save()
    return row


def frozen_file(world):
    made = {"made_at": world.at, "made_by": world.author, "sha256": "0" * 64}
    names = {"filename": "a.csv", "report": "pledges", "content": b"a"}
    return part_of_period(
        world, FrozenFile, parameters={"as_of": "2026"}, versions={"a": "1"}, **made, **names
    )


def completion(world):
    made = {"marked_at": world.at, "marked_by": world.author}
    return part_of_period(world, Completion, pledge=world.pledge(), **made)


def remark(world, **values):
    made = {"written_at": world.at, "written_by": world.author, "text": "Call them."}
    return Note(pledge=world.pledge(), **made | values)


def reply(world, **values):
    made = {"edited_at": world.at, "edited_by": world.author, "text_en": "We disagree."}
    return Reply(update=world.published(world.pledge()), body=world.body(), **made | values)


def reminder(world, **values):
    made = {"kind": "late", "subject": "P1.01", "sent_on": DAY}
    return Reminder(recipient=world.author, **made | values)


def same_reminder(world):
    reminder(world).save()
    return reminder(world)


def subscription(**values):
    made = {"email": "reader@example.org", "language": "en", "asked_on": DAY}
    return Subscription(**made | values)


def same_subscription(world):
    of = {"pillar": world.pillar}
    subscription(**of).save()
    subscription().save()
    return subscription(**of)


def feedback(world, **values):
    made = {"kind": "problem", "text": "A slip.", "received_on": DAY}
    return Feedback(pledge=world.pledge(), **made | values)


def import_file(world, **values):
    made = {"uploaded_at": world.at, "uploaded_by": world.author, "outcome": {"new": 1}}
    what = {"kind": "pledges", "filename": "a.csv", "content": b"a", "sha256": "0" * 64}
    return ImportFile(**made | what | values)


def saved_report(world, **values):
    made = {"saved_at": world.at, "saved_by": world.author, "report": "pledges"}
    return SavedReport(**made | {"name": "Late ones"} | values)


def evidence(world, **values):
    return Evidence(
        update=world.draft(world.pledge(), evidence=0),
        **({"kind": "law", "title": "A", "publisher": "B", "url": "https://example.org/"} | values),
    )


def same_responsibility(world):
    of = {"pledge": world.pledge(), "body": world.body()}
    Responsibility.objects.create(role="lead", **of)
    return Responsibility(role="support", **of)


def indicator(world, **values):
    texts = {"name_en": "Output", "unit_en": "%"}
    return Indicator(programme=world.programme, code="B1", **(texts | values))


def measurement(world, **values):
    of = indicator(world)
    of.save()
    given = {"value": Decimal(1), "measured_on": DAY, "publisher": "Publisher"}
    return Measurement(indicator=of, **(given | values))


def another_measurement(world, first, second):
    made = measurement(world, **first)
    made.save()
    return Measurement(indicator=made.indicator, value=Decimal(2), publisher="Publisher", **second)


def source(world, **values):
    given = {
        "slug": "source",
        "title_en": "Source",
        "publisher_en": "Publisher",
        "published_on": DAY,
        "language": "en",
        "text": "We will build. We hope.",
    }
    return Source(programme=world.programme, **(given | values))


def saved_source(world):
    row = source(world)
    row.full_clean()
    row.save()
    return row


def passage(world, **values):
    given = {"start": 0, "end": 14, "reason": "aim"}
    return Passage(source=saved_source(world), **(given | values))


def same_passage(world):
    made = passage(world)
    made.save()
    return Passage(source=made.source, start=0, end=3, reason="aim")


def note(world, **values):
    given = {"key": "X1", "start": 0, "end": 2, "problem_en": "A slip."}
    return SourceNote(source=saved_source(world), **(given | values))


def same_note(world):
    made = note(world)
    made.save()
    return SourceNote(source=made.source, key="X1", start=3, end=7, problem_en="Another.")


def standing(world):
    row = world.pledge().standing
    row.status = "wonderful"
    return row


NO_TITLE = {"title_en": "", "title_zh": ""}
DATED = {"original_due_on": DAY, "original_due_precision": "none"}
UNDATED = {"original_due_on": None, "original_due_precision": "month"}


def gram(text):
    return Gram.objects.create(pk=1, text=text, is_word=False)


def same_posting(world):
    of = gram("ai")
    Posting.objects.create(gram=of, block=0, keys=b"")
    return Posting(gram=of, block=0, keys=b"")


CASES = [
    Case("programme_has_name", lambda w: Programme(slug="p", announced_on=DAY), BOTH_EMPTY),
    Case("pillar_has_title", lambda w: Pillar(programme=w.programme, order=2), BOTH_EMPTY),
    Case(
        "pillar_order_unique",
        lambda w: Pillar(programme=w.programme, order=1, title_en="Again"),
        "This programme has a pillar with that number.",
    ),
    Case(
        "pillar_order_from_one",
        lambda w: Pillar(programme=w.programme, order=0, title_en="None"),
        "Pillars are numbered from 1.",
    ),
    Case("sector_has_name", lambda w: Sector(slug="s"), BOTH_EMPTY),
    Case("body_has_name", lambda w: Body(slug="b"), BOTH_EMPTY),
    Case("responsibility_once", same_responsibility, "This body is named for this pledge already."),
    Case(
        "responsibility_role_known",
        lambda w: Responsibility(pledge=w.pledge(), body=w.body(), role="watch"),
        NOT_A_CHOICE,
    ),
    Case("pledge_has_title", lambda w: pledge(w, **NO_TITLE), BOTH_EMPTY),
    Case("pledge_has_wording", lambda w: pledge(w, wording=""), "This field cannot be blank."),
    Case("pledge_original_due_paired", lambda w: pledge(w, **DATED), DATE_AND_PRECISION),
    Case("pledge_original_due_paired", lambda w: pledge(w, **UNDATED), DATE_AND_PRECISION),
    Case("pledge_published_paired", lambda w: pledge(w, published_at=w.at), None),
    Case("pledge_published_paired", lambda w: pledge(w, published_by=w.author), None),
    Case(
        "pledge_not_its_own_parent",
        lambda w: pledge(w, parent="itself"),
        "That pledge is itself a part of this one. Choose another.",
    ),
    Case("update_state_known", lambda w: draft(w, state="lost"), None),
    Case("update_status_known", lambda w: draft(w, status="wonderful"), NOT_A_CHOICE),
    Case(
        "update_due_paired",
        lambda w: draft(w, due_on=DAY, due_precision=""),
        DATE_AND_PRECISION,
    ),
    Case(
        "update_due_paired",
        lambda w: draft(w, due_on=DAY, due_precision="none"),
        DATE_AND_PRECISION,
    ),
    Case("update_due_paired", lambda w: draft(w, due_precision="year"), DATE_AND_PRECISION),
    Case("update_submitted_paired", lambda w: draft(w, submitted_at=w.at), None),
    Case("update_submitted_paired", lambda w: draft(w, submitted_by=w.author), None),
    Case("update_returned_paired", lambda w: draft(w, returned_at=w.at), None),
    Case("update_returned_paired", lambda w: draft(w, returned_by=w.author), None),
    Case("update_published_paired", lambda w: draft(w, published_by=w.author), None),
    Case("update_published_paired", lambda w: published(w, published_by=None), None),
    Case(
        "update_progress_is_a_percentage",
        lambda w: draft(w, reported_progress=101),
        "Progress is a whole number from 0 to 100.",
    ),
    Case("update_published_has_its_place", lambda w: draft(w, sequence=5), None),
    Case("update_published_has_its_place", lambda w: published(w, sequence=None), None),
    Case("update_published_is_chained", lambda w: published(w, digest=""), None),
    Case("update_published_is_chained", lambda w: draft(w, digest="1" * 64), None),
    Case(
        "update_not_before_its_time",
        lambda w: published(w, published_at=w.later(days=-9999)),
        None,
    ),
    *(
        Case(
            "update_four_eyes", lambda w, who=who: published(w, kept(w), **{who: w.reviewer}), None
        )
        for who in ("created_by", "edited_by", "submitted_by")
    ),
    Case(
        "update_submitted_has_narrative",
        lambda w: draft(w, state="submitted", narrative_en="", narrative_zh=""),
        None,
    ),
    Case("update_returned_has_reason", lambda w: draft(w, state="returned"), None),
    Case(
        "update_returned_has_reason",
        lambda w: draft(w, state="returned", return_reason="Say more."),
        None,
    ),
    Case(
        "update_correction_has_reason",
        lambda w: published(w, corrects=w.published(w.pledge("P1.02"))),
        None,
        unguarded=True,
    ),
    Case("update_corrected_once", second_correction, None, unguarded=True),
    Case("auditentry_kind_known", audit_entry, NOT_A_CHOICE, unguarded=True),
    Case("audithead_is_one", lambda w: AuditHead(pk=2), None),
    Case("head_is_one", lambda w: Head(pk=2), None),
    Case("edition_is_one", lambda w: Edition(pk=2, number=1), None),
    Case("milestone_has_title", lambda w: milestone(w, title_en=""), BOTH_EMPTY),
    Case("milestone_original_due_paired", lambda w: milestone(w, **DATED), DATE_AND_PRECISION),
    Case("milestone_original_due_paired", lambda w: milestone(w, **UNDATED), DATE_AND_PRECISION),
    Case("milestonechange_once", same_change, "This update speaks of that milestone already."),
    Case("milestonechange_state_known", lambda w: change(w, state="lost"), NOT_A_CHOICE),
    Case("milestonechange_due_paired", lambda w: change(w, due_on=DAY), DATE_AND_PRECISION),
    Case(
        "milestonechange_due_paired",
        lambda w: change(w, due_precision="day"),
        DATE_AND_PRECISION,
    ),
    Case(
        "milestonechange_done_has_day",
        lambda w: change(w, state="done"),
        "A milestone that is done needs the day on which it was done; no other has one.",
    ),
    Case(
        "milestonechange_done_has_day",
        lambda w: change(w, state="open", done_on=DAY),
        "A milestone that is done needs the day on which it was done; no other has one.",
    ),
    Case("evidence_kind_known", lambda w: evidence(w, kind="rumour"), NOT_A_CHOICE),
    Case(
        "evidence_can_be_looked_up",
        lambda w: evidence(w, url=""),
        "Give a web address or a file, so that readers can look.",
    ),
    Case("evidence_file_has_digest", lambda w: evidence(w, file="evidence/a.pdf"), None),
    Case("evidence_file_has_digest", lambda w: evidence(w, file_sha256="0" * 64), None),
    Case("indicator_has_name", lambda w: indicator(w, name_en=""), BOTH_EMPTY),
    Case("indicator_has_unit", lambda w: indicator(w, unit_en=""), BOTH_EMPTY),
    Case(
        "indicator_target_has_value",
        lambda w: indicator(w, target_on=DAY),
        "A target date needs a target.",
    ),
    Case("measurement_published_paired", lambda w: measurement(w, published_at=w.at), None),
    Case("measurement_published_paired", lambda w: measurement(w, published_by=w.author), None),
    Case(
        "measurement_once_a_day",
        lambda w: another_measurement(w, {}, {"measured_on": DAY}),
        "Measurement with this Indicator and Last day of the period already exists.",
    ),
    Case(
        "measurement_one_baseline",
        lambda w: another_measurement(
            w, {"is_baseline": True}, {"is_baseline": True, "measured_on": date(2024, 1, 1)}
        ),
        "This indicator has a baseline already.",
    ),
    Case(
        "measurement_has_source",
        lambda w: measurement(w, publisher=""),
        "Name the passage of a source, or a publisher.",
    ),
    Case(
        "measurement_has_source",
        lambda w: measurement(w, publisher="", source=saved_source(w), start=0),
        "Name the passage of a source, or a publisher.",
    ),
    Case("source_has_title", lambda w: source(w, title_en=""), BOTH_EMPTY),
    Case("source_has_publisher", lambda w: source(w, publisher_en=""), BOTH_EMPTY),
    Case("passage_start_before_end", lambda w: passage(w, start=14), START_AND_END),
    Case("passage_start_unique", same_passage, "It overlaps the passage 0–14."),
    Case(
        "passage_pledge_or_reason",
        lambda w: passage(w, reason=""),
        "Name the pledge, or say why the passage is none.",
    ),
    Case(
        "passage_pledge_or_reason",
        lambda w: passage(w, pledge=w.pledge(wording="We will build.")),
        "Name the pledge, or say why the passage is none.",
    ),
    Case("passage_pledge_or_reason", lambda w: passage(w, reason="boredom"), NOT_A_CHOICE),
    Case("sourcenote_start_before_end", lambda w: note(w, start=2), START_AND_END),
    Case("sourcenote_key_unique", same_note, "with this Source and Key already exists."),
    Case("sourcenote_has_problem", lambda w: note(w, problem_en=""), BOTH_EMPTY),
    Case("standing_status_known", standing, None, unguarded=True),
    Case("note_has_text", lambda w: remark(w, text=""), "cannot be blank"),
    Case("reply_has_text", lambda w: reply(w, text_en=""), BOTH_EMPTY),
    Case("reply_published_paired", lambda w: reply(w, published_at=w.at), None, unguarded=True),
    Case("period_has_name", lambda w: period(w, name_en=""), BOTH_EMPTY),
    Case(
        "period_ends_after_start",
        lambda w: period(w, ends_on=DAY),
        "The last day must not come before the first.",
    ),
    Case("period_closed_paired", lambda w: period(w, closed_at=w.at), None),
    Case("completion_once", completion, "already exists."),
    Case("frozenfile_once", frozen_file, "already exists.", unguarded=True),
    Case("reminder_kind_known", lambda w: reminder(w, kind="whim"), NOT_A_CHOICE),
    Case("reminder_once", same_reminder, "already exists."),
    Case("subscription_language_known", lambda w: subscription(language="fr"), NOT_A_CHOICE),
    Case(
        "subscription_one_subject",
        lambda w: subscription(pillar=w.pillar, pledge=w.pledge()),
        "Follow one pillar, one body, one pledge, or all.",
    ),
    Case("subscription_once", same_subscription, "This address follows that already."),
    Case("feedback_kind_known", lambda w: feedback(w, kind="praise"), NOT_A_CHOICE),
    Case("feedback_has_text", lambda w: feedback(w, text=""), "cannot be blank"),
    Case("feedback_handled_paired", lambda w: feedback(w, handled_at=w.at), None),
    Case("importfile_kind_known", lambda w: import_file(w, kind="music"), NOT_A_CHOICE),
    Case("savedreport_has_name", lambda w: saved_report(w, name=""), "cannot be blank"),
    Case("importfile_applied_paired", lambda w: import_file(w, applied_at=w.at), None),
    # No form writes the search's index.
    Case("gram_once", lambda w: Gram(pk=gram("ai").pk + 1, text="ai", is_word=False), None),
    Case("posting_once", same_posting, None),
    Case("indexed_is_one", lambda w: Indexed(pk=2, number=0), None),
]


def said_by_the_database(name):
    """What the error names: SQLite names the columns where a plain unique index is broken."""
    model, constraint = CONSTRAINTS[name]
    if isinstance(constraint, models.CheckConstraint):
        return rf"\b{name}\b"
    columns = ", ".join(
        f"{model._meta.db_table}.{model._meta.get_field(field).column}"
        for field in constraint.fields
    )
    return rf"\b{name}\b|UNIQUE constraint failed: {columns}$"


def test_every_constraint_has_its_case_below():
    assert {case.name for case in CASES} == set(CONSTRAINTS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", CONSTRAINTS)
def test_the_database_has_the_constraint(name):
    model, _constraint = CONSTRAINTS[name]
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table)
    assert name in found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_row_that_breaks_the_constraint_is_refused_past_every_form(world, case):
    row = case.make(world)
    if case.unguarded:
        connection.check_constraints()
        guards.remove(connection)
    with (
        pytest.raises(IntegrityError, match=said_by_the_database(case.name)),
        transaction.atomic(),
    ):
        row.save()


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.message], ids=lambda case: case.name
)
def test_a_form_says_what_is_wrong_before_the_database_does(world, case):
    with pytest.raises(ValidationError) as invalid:
        case.make(world).full_clean()
    said = [message for message in invalid.value.messages if case.message in message]
    assert said, invalid.value.messages
    assert not any("is violated" in message for message in invalid.value.messages)


@pytest.mark.parametrize("name", sorted({case.name for case in CASES if not case.message}))
def test_where_no_form_speaks_some_of_the_columns_are_in_no_form(name):
    model, constraint = CONSTRAINTS[name]
    if isinstance(constraint, models.UniqueConstraint):
        fields = set(constraint.fields)
        fields |= {lookup for lookup, _value in leaves(constraint.condition)}
    else:
        fields = {lookup for lookup, _value in leaves(constraint.condition)}
    columns = [model._meta.get_field(lookup.split("__")[0]) for lookup in fields - {"pk"}]
    unwritten = (AuditHead, Edition, Gram, Head, Indexed, Posting, Standing)
    assert model in unwritten or any(not column.editable for column in columns)


def leaves(condition):
    for child in condition.children if condition else ():
        if isinstance(child, models.Q):
            yield from leaves(child)
        else:
            yield child
