"""Rows of updates: drafts that need evidence and review, as typed ones do."""

from datetime import date

import pytest

from tests.actions.imports.bringing import TODAY, applied, as_csv, exported, lines, planned
from tracker.actions import updates
from tracker.models import Evidence, Update
from tracker.vocabulary import Refusal, StaffRole, Status, UpdateState

NEW = "pledge|status|effective_on|narrative_en"
PROOF = "evidence_kind|evidence_title|evidence_publisher|evidence_url|evidence_published_on"


def test_a_new_row_is_a_draft_that_goes_through_review(world):
    world.pledge()
    plan = applied(
        as_csv(
            f"{NEW}|{PROOF}",
            "P1.01|kept|2024-05-06|Done.|news|Opened|Daily|https://example.org/a|2024-05-06",
        ),
        world.author,
    )
    assert lines(plan) == ["new"]
    draft = Update.objects.get()
    assert (draft.state, draft.created_by, draft.edited_by) == (
        UpdateState.DRAFT,
        world.author,
        world.author,
    )
    evidence = draft.evidence.get()
    assert (evidence.kind, evidence.title, evidence.published_on) == (
        "news",
        "Opened",
        date(2024, 5, 6),
    )
    submitted = updates.submit(draft, by=world.author, at=world.at)
    updates.publish(submitted, by=world.reviewer, at=world.at)


def test_whoever_brings_a_final_status_in_does_not_publish_it(world):
    world.pledge()
    both = world.person("both", StaffRole.EDITOR, StaffRole.REVIEWER)
    applied(
        as_csv(f"{NEW}|evidence_url", "P1.01|kept|2024-05-06|Done.|https://example.org/a"), both
    )
    submitted = updates.submit(Update.objects.get(), by=world.author, at=world.at)
    with pytest.raises(updates.Refused) as refused:
        updates.publish(submitted, by=both, at=world.at)
    assert refused.value.refusals == [Refusal.REVIEWER_IS_AUTHOR]


def test_a_draft_without_evidence_says_that_it_cannot_be_submitted(world):
    world.pledge()
    plan = applied(as_csv(NEW, "P1.01|kept|2024-05-06|"), world.author)
    (line,) = lines(plan)
    assert line.startswith("new: (a draft that cannot be submitted yet: It has no narrative.")
    assert "needs evidence" in line
    with pytest.raises(updates.Refused):
        updates.submit(Update.objects.get(), by=world.author, at=world.at)


def test_what_evidence_lacks_is_said_to_be_assumed(world):
    world.pledge()
    plan = applied(
        as_csv("pledge|status|date|comment|source", "P1.01|kept|2024-05-06|It is.|https://a.org/b"),
        world.author,
    )
    evidence = Evidence.objects.get()
    assert (evidence.title, evidence.publisher, evidence.kind) == (
        "https://a.org/b",
        "a.org",
        "other",
    )
    assert len(plan.assumed) == 3


def test_repeated_rows_and_numbered_columns_bring_more_evidence(world):
    world.pledge()
    plan = applied(
        as_csv(
            f"{NEW}|evidence_url|evidence_2_url",
            "P1.01|kept|2024-05-06|Done.|https://example.org/a|https://example.org/b",
            "P1.01|kept|2024-05-06|Done.|https://example.org/c|",
        ),
        world.author,
    )
    assert lines(plan) == ["new", "new: (evidence of row 2)"]
    urls = [e.url[-1] for e in Update.objects.get().evidence.all()]
    assert sorted(urls) == ["a", "b", "c"]


def test_a_row_that_repeats_another_without_evidence_is_wrong(world):
    world.pledge()
    row = "P1.01|kept|2024-05-06|Done."
    said = lines(planned(as_csv(NEW, row, row), world.author))
    assert said[1].startswith("wrong: row 3: it is the same update as row 2")


def test_evidence_without_a_web_address_is_refused_with_the_remedy(world):
    world.pledge()
    said = lines(planned(as_csv(f"{NEW}|source", "P1.01|kept|2024-05-06|x|A book"), world.author))
    assert "evidence needs a web address here" in said[0]


def test_the_same_file_again_adds_nothing(world):
    world.pledge()
    content = as_csv(f"{NEW}|evidence_url", "P1.01|kept|2024-05-06|Done.|https://example.org/a")
    applied(content, world.author)
    assert lines(applied(content, world.author)) == ["unchanged"]
    assert (Update.objects.count(), Evidence.objects.count()) == (1, 1)


def test_a_published_entry_never_changes(world):
    entry = world.published(world.pledge(), Status.STALLED)
    header = "uid|pledge|status|effective_on|narrative_en"
    same = f"{entry.uid}|P1.01|stalled|2023-01-01|Work went on."
    assert lines(planned(as_csv(header, same), world.author)) == ["unchanged"]
    (line,) = lines(planned(as_csv(header, same.replace("stalled", "kept")), world.author))
    assert line == (
        "wrong: row 2: entry 1 is published and never changes; correct it (status Stalled → Kept)"
    )
    more = planned(as_csv(f"{header}|evidence_url", f"{same}|https://example.org/z"), world.author)
    assert "entry 1 is published and never changes" in lines(more)[0]


def test_a_draft_is_changed_field_by_field_and_keeps_its_writers(world):
    draft = world.draft(world.pledge(), Status.IN_PROGRESS)
    other = world.person("other", StaffRole.EDITOR)
    plan = applied(
        as_csv(
            "uid|status|reported_progress|due_on|evidence_url|evidence_title",
            f"{draft.uid}|kept|45%|2027|https://example.org/document|Another title",
        ),
        other,
    )
    assert lines(plan) == [
        "changed: status In progress → Kept; reported progress (%) (empty) → 45; "
        "new due date (empty) → 2027; title Document 1 → Another title"
    ]
    draft.refresh_from_db()
    assert (draft.status, draft.reported_progress, draft.due_on) == (
        "kept",
        45,
        date(2027, 12, 31),
    )
    assert draft.edited_by == other
    assert set(draft.writers.all()) == {world.author, other}
    assert draft.evidence.get().title == "Another title"
    assert draft.narrative_en == "Work went on."


def test_what_waits_for_review_is_not_changed(world):
    update = world.submitted(world.pledge())
    (line,) = lines(planned(as_csv("uid|status", f"{update.uid}|kept"), world.author))
    assert line.startswith("wrong: row 2: it is waiting for review; withdraw it first")


def test_an_identifier_that_is_new_here_is_kept(world):
    world.pledge()
    uid = "7d3c0f0e-6b0a-5c55-9a4e-2f6f4b1f2d11"
    applied(as_csv(f"uid|{NEW}", f"{uid}|P1.01|kept|2024-05-06|Done."), world.author)
    assert str(Update.objects.get().uid) == uid


def test_a_correction_names_an_entry_of_its_pledge_that_is_not_corrected(world):
    first = world.published(world.pledge())
    world.published(world.pledge("P1.02"))
    header = f"{NEW}|corrects|correction_reason_en"
    row = "P1.01|stalled|2023-01-01|No.|{}|A slip."
    applied(as_csv(header, row.format(1)), world.author)
    assert Update.objects.get(status=Status.STALLED).corrects == first
    (line,) = lines(planned(as_csv(header, row.format(2).replace("No", "Oh")), world.author))
    assert "P1.01 has no entry 2" in line
    world.correction(first, Status.KEPT)
    (line,) = lines(planned(as_csv(header, row.format(1).replace("No", "Oh")), world.author))
    assert "entry 1 is corrected already" in line


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("P9|kept|2024-05-06|x", "pledge: there is no pledge “P9”; import the pledges first"),
        ("P1.01||2024-05-06|x", "status: it is missing; give it, or once for all new rows"),
        ("P1.01|kept||x", "effective_on: it is missing"),
        ("P1.01|kept|2024-05|x", "effective_on: '2024-05' names no single day"),
        ("P1.01|kept|06.05.2024|x", "effective_on: '06.05.2024' does not say which number"),
    ],
)
def test_what_is_wrong_names_row_and_field(world, row, says):
    world.pledge()
    (line,) = lines(planned(as_csv(NEW, row), world.author))
    assert line.startswith(f"wrong: row 2, {says}")


def test_a_percentage_that_may_mean_something_else_is_refused(world):
    world.pledge()
    row = "P1.01|kept|2024-05-06|x|0.45"
    (line,) = lines(planned(as_csv(f"{NEW}|reported_progress", row), world.author))
    assert "'0.45' is no whole percentage; use a number from 0 to 100" in line


def test_updates_of_others_are_not_touched(world):
    world.responsibility(world.pledge(), world.body("theirs"))
    draft = world.draft(world.pledge("P1.02"))
    editor = world.person("editor", StaffRole.EDITOR, bodies=[world.body("mine")])
    header = f"uid|{NEW}"
    said = lines(
        planned(
            as_csv(header, "|P1.01|kept|2024-05-06|x", f"{draft.uid}|P1.02|kept|2024-05-06|x"),
            editor,
        )
    )
    assert all("is not in the care of your bodies; ask its own" in line for line in said)


def test_every_row_of_our_own_export_is_unchanged(lingang, django_user_model):
    person = django_user_model.objects.get(username="record-author")
    for content in (exported("updates"), exported("updates", on=date(2024, 1, 1))):
        plan = planned(content, person)
        assert plan.counts["unchanged"] == len(plan.rows) > 5


def test_a_draft_of_tomorrow_is_said_to_wait(world):
    world.pledge()
    (line,) = lines(planned(as_csv(NEW, f"P1.01|kept|{TODAY.year + 1}-01-01|x"), world.author))
    assert "It would take effect after the day it is published." in line
