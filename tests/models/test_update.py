from datetime import UTC, date, datetime, timedelta

import pytest

from tracker.actions import updates
from tracker.models import Head, Update
from tracker.models.days import ShanghaiDay
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of
from tracker.rules.publishing import Corrected
from tracker.vocabulary import Status, UpdateState

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2023, 1, 1, 15, 59, 59, 999999, tzinfo=UTC),
        datetime(2023, 1, 1, 16, 0, tzinfo=UTC),
        datetime(2023, 12, 31, 23, 0, tzinfo=UTC),
        datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    ],
)
def test_the_database_and_the_rules_agree_on_the_day_of_a_moment(world, at):
    world.draft(world.pledge(), created_at=at)
    found = Update.objects.annotate(day=ShanghaiDay("created_at")).get()
    assert found.day == day_of(at)


def test_published_as_known_on_a_day_is_what_was_published_by_its_end(world):
    pledge = world.pledge()
    world.draft(pledge)
    entry = world.published(pledge, at=datetime(2026, 11, 23, 15, 59, tzinfo=UTC))
    later = world.published(pledge, at=datetime(2026, 11, 23, 16, 0, tzinfo=UTC))
    published = Update.objects.published
    assert set(published()) == {entry, later}
    assert set(published(TODAY)) == {entry}
    assert set(published(TODAY + timedelta(days=1))) == {entry, later}
    assert set(published(TODAY - timedelta(days=1))) == set()
    assert set(published(date.max)) == {entry, later}


def test_seen_is_what_a_reader_sees_of_the_record(world):
    shown = world.published(world.pledge("P1.01"), effective_on=date(2024, 1, 1))
    world.draft(shown.pledge)
    hidden = world.pledge("P1.02", public=False)
    world.submitted(hidden)

    def seen(on=None, known_on=None):
        return list(Update.objects.seen(AsOf(TODAY, on, known_on)))

    assert seen() == [shown]
    assert seen(date(2023, 12, 31)) == []
    assert seen(known_on=TODAY - timedelta(days=1)) == []
    correction = world.correction(shown, Status.STALLED)
    assert set(seen()) == {shown, correction}


def test_entries_are_ordered_by_effect_or_by_publication(world):
    pledge = world.pledge()
    first = world.published(pledge, effective_on=date(2024, 1, 1))
    back_dated = world.published(pledge, effective_on=date(2023, 1, 1))
    same_day = world.published(pledge, effective_on=date(2024, 1, 1))
    assert list(Update.objects.latest_first()) == [same_day, first, back_dated]
    assert list(Update.objects.newest_first()) == [same_day, back_dated, first]


def test_the_queue_of_review_holds_what_was_submitted_the_oldest_first(world):
    pledge = world.pledge()
    made = [world.draft(pledge) for _ in range(3)]
    later = updates.submit(made[0], by=world.author, at=world.later(hours=1))
    sooner = updates.submit(made[1], by=world.author, at=world.at)
    world.published(pledge)
    assert list(Update.objects.awaiting_review()) == [sooner, later]


def test_corrections_and_what_they_correct_name_each_others_place(world):
    entry = world.published(world.pledge())
    correction = world.correction(entry, Status.STALLED, at=world.later(days=1))

    def places(known_on=None):
        found = Update.objects.with_corrections(known_on).order_by("sequence")
        return list(found.values_list("corrects_number", "corrected_by_number"))

    assert places() == [(None, 2), (1, None)]
    assert places(TODAY) == [(None, None), (1, None)]
    assert Update.objects.get(pk=entry.pk).correction == correction
    assert Update.objects.get(pk=correction.pk).correction is None


def test_a_correction_that_is_not_published_corrects_nothing(world):
    entry = world.published(world.pledge())
    updates.correct(entry, by=world.author, at=world.at)
    entry.refresh_from_db()
    assert entry.correction is None
    assert entry.as_corrected() == Corrected(entry.pledge_id, True, False)
    assert list(Update.objects.published().uncorrected()) == [entry]


def test_evidence_is_counted(world):
    pledge = world.pledge()
    world.draft(pledge, evidence=0)
    cited = world.draft(pledge, evidence=3)
    counted = Update.objects.with_evidence_count().order_by("pk")
    assert [update.evidence_count for update in counted] == [0, 3]
    at_once = Update.objects.with_evidence_counted().order_by("pk")
    assert [update.evidence_count for update in at_once] == [0, 3]
    # Of related rows read beside it, and within another question.
    assert at_once.filter(evidence__isnull=False).distinct().get().evidence_count == 3
    assert list(Update.objects.filter(pk__in=at_once.filter(pledge=pledge).values("pk"))) == [
        *reversed(at_once)
    ]
    assert Update.objects.with_evidence(cited.pk).exists()
    assert not Update.objects.with_evidence(None).exists()


def test_what_a_page_prints_of_entries_takes_the_same_few_queries(world, django_assert_num_queries):
    pledge = world.pledge()
    for _ in range(3):
        update = world.draft(pledge)
        world.change(update, world.milestone(pledge))
    with django_assert_num_queries(4):
        for update in Update.objects.with_pledges().with_details():
            assert update.pledge.code == "P1.01"
            assert len(update.evidence.all()) == 1
            assert update.corrects is None
            assert [str(change.milestone) for change in update.milestone_changes.all()]


def test_a_moved_due_month_is_kept_as_its_last_day(world):
    update = world.draft(world.pledge(), due_on=date(2024, 2, 3), due_precision="month")
    assert update.due_on == date(2024, 2, 29)


def test_an_entry_has_its_place_on_its_pledges_page(world):
    entry = world.published(world.pledge())
    assert entry.get_absolute_url() == "/en/pledges/P1.01/#entry-1"
    assert str(entry) == "P1.01 · 2023-01-01 · In progress"
    assert entry.published_on == TODAY
    assert str(Head.objects.get()) == "1"


def test_a_draft_has_no_day_of_publication_and_may_be_submitted(world):
    draft = world.draft(world.pledge())
    assert draft.published_on is None
    assert not draft.is_published
    assert draft.allows("submit")
    assert not draft.allows("publish")


def test_a_proposal_is_the_update_as_the_rules_look_at_it(world):
    colleague = world.person("colleague")
    entry = world.published(world.pledge())
    draft = world.draft(
        entry.pledge,
        Status.KEPT,
        evidence=2,
        narrative_en=" ",
        narrative_zh="\n",
        corrects=entry,
        correction_reason_zh="笔误。",
        edited_by=colleague,
    )
    elsewhere = world.milestone(world.pledge("P1.02", public=False))
    draft.milestone_changes.create(milestone=elsewhere, state="done", done_on=date(2023, 5, 1))
    proposal = draft.proposal()
    assert proposal.status == Status.KEPT
    assert proposal.effective_on == date(2023, 1, 1)
    assert not proposal.has_narrative
    assert proposal.evidence == 2
    assert proposal.authors == {world.author.pk, colleague.pk}
    assert proposal.pledge_id == entry.pledge_id
    assert proposal.announced_on == date(2022, 8, 20)
    assert proposal.pledge_is_public
    assert proposal.milestone_pledges == {elsewhere.pledge_id}
    assert proposal.milestones_done_on == (date(2023, 5, 1),)
    assert proposal.corrected == Corrected(entry.pledge_id, True, False)
    assert proposal.has_correction_reason
    Update.objects.filter(pk=draft.pk).update(
        state=UpdateState.SUBMITTED,
        narrative_en="Words.",
        submitted_at=world.at,
        submitted_by=world.reviewer,
    )
    submitted = Update.objects.get(pk=draft.pk).proposal()
    assert submitted.has_narrative
    assert submitted.authors == {world.author.pk, colleague.pk, world.reviewer.pk}
