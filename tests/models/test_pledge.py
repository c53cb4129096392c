from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from tracker.actions import pledges as pledge_actions
from tracker.actions import updates
from tracker.models import Pledge, Programme
from tracker.queries.search import matching
from tracker.rules.asof import AsOf
from tracker.rules.progress import Basis
from tracker.vocabulary import Flag, Status


def codes(pledges):
    return [pledge.code for pledge in pledges.order_by("code")]


# --- Searching --------------------------------------------------------------------------------


@pytest.fixture
def library(world):
    """Three pledges with their texts, and what is written about them in every state."""
    hydrogen = world.pledge(
        "P1.01",
        wording="promote the coordinated development of the hydrogen industry",
        title_en="Develop hydrogen",
        title_zh="发展氢能",
        summary_en="No target of 100% is set.",
        summary_zh="原文没有设定目标。",
    )
    port = world.pledge("P1.02", title_en="Build a port_hub", title_zh="建设港口")
    world.pledge("P2.01", wording="hold them", title_en="Hold conferences", title_zh="举办大会")
    world.published(hydrogen, narrative_en="A refuelling station opened.", narrative_zh="")
    wrong = world.published(port, narrative_en="", narrative_zh="码头已经建成。")
    world.correction(wrong, Status.IN_PROGRESS, narrative_zh="码头正在修建。")
    world.draft(port, narrative_en="Zeppelins in a draft.")
    world.submitted(port, narrative_en="Zeppelins wait for review.")
    returned = world.submitted(port, narrative_en="Zeppelins, returned.")
    updates.return_(returned, by=world.reviewer, at=world.at, reason="Zeppelins?")


ALL = ["P1.01", "P1.02", "P2.01"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ALL),
        ("   ", ALL),
        ("P1.01", ["P1.01"]),
        ("p1", ["P1.01", "P1.02"]),
        (".01", []),  # a code is found from its beginning
        ("hydrogen", ["P1.01"]),
        ("HYDROGEN", ["P1.01"]),
        ("ydroge", ["P1.01"]),
        ("coordinated", ["P1.01"]),  # the wording
        ("氢能", ["P1.01"]),
        ("没有设定", ["P1.01"]),
        ("港口", ["P1.02"]),
        ("refuelling", ["P1.01"]),  # the narrative of an entry
        ("修建", ["P1.02"]),
        ("建成", ["P1.02"]),  # a corrected entry stays visible, and so is found
        ("conferences 大会", ["P2.01"]),  # each word in whichever language
        ("refuelling 氢能\tP1", ["P1.01"]),  # each word in whichever text
        ("hydrogen port", []),
        ("100%", ["P1.01"]),
        ("%", ["P1.01"]),  # a character like any other
        ("port_", ["P1.02"]),
        ("_", ["P1.02"]),
        ("'; --", []),
        # What is not published is not found.
        ("Zeppelins", []),
        ("draft", []),
    ],
)
def test_words_are_found_in_what_is_public_of_a_pledge(library, words, found):
    assert codes(matching(Pledge.objects.all(), words, AsOf(date(2026, 11, 23)))) == found


def test_a_search_as_known_on_a_day_does_not_look_into_later_entries(world):
    pledge = world.pledge()
    entry = world.published(pledge, narrative_en="Zeppelins landed.")
    day, earlier = entry.published_on, entry.published_on - timedelta(days=1)
    asked = {"on": day}, {"known_on": day}, {"known_on": earlier}, {"on": date(2022, 12, 31)}
    found = [
        codes(matching(Pledge.objects.all(), "zeppelins", AsOf(day, **days))) for days in asked
    ]
    assert found == [[pledge.code], [pledge.code], [], []]


# --- Flags ------------------------------------------------------------------------------------


@pytest.fixture
def flagged(world):
    """Pledges of every kind that flags tell apart."""
    due = {"original_due_on": date(2024, 6, 30), "original_due_precision": "day"}
    world.pledge("P1.01")
    world.pledge("P1.02", **due)
    world.published(world.pledge("P1.03", **due), Status.IN_PROGRESS)
    world.published(world.pledge("P1.04", **due), Status.KEPT)
    world.published(world.pledge("P1.05"), Status.NOT_RATED, evidence=0)
    world.published(world.pledge("P1.06"), Status.NOT_RATED, evidence=2)
    moved = world.pledge("P1.07", **due)
    world.published(moved, due_on=date(2025, 12, 31), due_precision="year")
    world.published(moved, effective_on=date(2024, 3, 1))
    world.published(world.pledge("P1.08"), Status.NOT_VERIFIABLE)


DAYS = [
    date(1, 1, 1),
    date(2022, 8, 20),
    date(2023, 8, 20),
    date(2023, 8, 21),
    date(2024, 1, 1),
    date(2024, 1, 2),
    date(2024, 6, 30),
    date(2024, 7, 1),
    date(2025, 2, 28),
    date(2025, 3, 2),
    date(2026, 1, 1),
    date(2026, 11, 23),
    date.max,
]


@pytest.mark.parametrize("on", DAYS)
def test_a_filter_by_flag_finds_just_the_pledges_that_have_the_flag(flagged, on):
    standing = Pledge.objects.as_of(on).with_flags()
    for flag in Flag:
        assert codes(standing.flagged(flag, on)) == [
            pledge.code for pledge in standing.order_by("code") if flag in pledge.flags(on)
        ]


def test_each_flag_is_had_by_the_pledges_that_it_is_meant_for(flagged):
    on = date(2024, 7, 1)
    standing = Pledge.objects.as_of(on).with_flags()
    assert {flag: codes(standing.flagged(flag, on)) for flag in Flag} == {
        Flag.LATE: ["P1.02", "P1.03"],
        Flag.STALE: ["P1.01", "P1.02", "P1.03", "P1.05", "P1.06", "P1.08"],
        Flag.NO_EVIDENCE: ["P1.01", "P1.02", "P1.05"],
    }


def test_stale_follows_the_set_number_of_days(flagged, settings):
    on = date(2024, 7, 1)
    settings.STALE_AFTER_DAYS = 100_000
    standing = Pledge.objects.as_of(on).with_flags()
    assert codes(standing.flagged(Flag.STALE, on)) == []
    assert not any(Flag.STALE in pledge.flags(on) for pledge in standing)


# --- What a reader sees -----------------------------------------------------------------------


def test_published_as_known_on_a_day_is_what_was_public_by_its_end(world):
    pledge = world.pledge(public=False)
    midnight = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    pledge_actions.publish_pledge(pledge, by=world.reviewer, at=midnight)
    world.pledge("P1.02", public=False)
    assert codes(Pledge.objects.published()) == ["P1.01"]
    assert codes(Pledge.objects.published(date(2026, 11, 23))) == []
    assert codes(Pledge.objects.published(date(2026, 11, 24))) == ["P1.01"]
    assert codes(Pledge.objects.published(date.max)) == ["P1.01"]


def test_announced_by_a_day_leaves_later_announcements_out(world):
    world.pledge("P1.01", announced_on=date(2022, 8, 20))
    world.pledge("P1.02", announced_on=date(2022, 8, 21))
    assert codes(Pledge.objects.announced_by(date(2022, 8, 19))) == []
    assert codes(Pledge.objects.announced_by(date(2022, 8, 20))) == ["P1.01"]
    assert codes(Pledge.objects.announced_by(date(2022, 8, 21))) == ["P1.01", "P1.02"]


def test_seen_is_public_announced_and_as_of_the_day(world):
    today = date(2026, 11, 23)
    world.pledge("P1.00", public=False)
    early = world.pledge("P1.01", announced_on=date(2022, 8, 20))
    world.pledge("P1.02", announced_on=date(2025, 8, 20))
    world.published(early, Status.IN_PROGRESS, effective_on=date(2024, 1, 1))

    def seen(on=None, known_on=None):
        found = Pledge.objects.seen(AsOf(today, on, known_on)).order_by("code")
        return [(pledge.code, pledge.status, pledge.has_evidence) for pledge in found]

    now = [("P1.01", "in_progress", True), ("P1.02", "not_rated", False)]
    assert seen() == now
    assert seen(today, today) == now
    assert seen(date(2024, 1, 1)) == [("P1.01", "in_progress", True)]
    assert seen(date(2023, 12, 31)) == [("P1.01", "not_rated", False)]
    assert seen(today, today - timedelta(days=1)) == []


def test_a_list_of_pledges_takes_the_same_few_queries_however_long(
    world, django_assert_num_queries
):
    for number in range(1, 4):
        pledge = world.pledge(f"P1.0{number}")
        pledge.sectors.add(world.sector(f"sector-{number}"))
        world.responsibility(pledge, world.body(f"lead-{number}"))
        world.responsibility(pledge, world.body(f"support-{number}"), "support")
    with django_assert_num_queries(4):
        for pledge in Pledge.objects.as_of().with_names():
            assert [body.slug for body in pledge.leads] == [f"lead-{pledge.code[-1]}"]
            assert [body.slug for body in pledge.supporters] == [f"support-{pledge.code[-1]}"]
            assert [sector.slug for sector in pledge.sectors.all()]
            assert (pledge.pillar.order, pledge.programme.slug) == (1, "test")


def test_progress_is_that_of_the_standing(world):
    pledge = world.pledge()
    first, second = world.milestone(pledge), world.milestone(pledge, "Second")
    update = world.draft(pledge, reported_progress=90)
    assert Pledge.objects.as_of().get().progress.basis is Basis.NONE
    world.change(update, first, state="done", done_on=date(2023, 1, 1))
    world.change(update, second)
    submitted = updates.submit(update, by=world.author, at=world.at)
    updates.publish(submitted, by=world.reviewer, at=world.at)
    progress = Pledge.objects.as_of().get().progress
    assert (progress.basis, progress.shown) == (Basis.MILESTONES, 50)
    assert Pledge.objects.as_of(date(2022, 12, 31)).get().progress.percent is None


# --- A pledge by itself -------------------------------------------------------------------------


def test_a_pledge_is_named_by_its_code_and_its_title_in_the_readers_language(world):
    pledge = world.pledge()
    assert str(pledge) == "P1.01 Pledge P1.01"
    with translation.override("zh-hans"):
        assert str(pledge) == "P1.01 承诺P1.01"
        assert pledge.get_absolute_url() == "/zh-hans/pledges/P1.01/"
    assert pledge.get_absolute_url() == "/en/pledges/P1.01/"


def test_a_slug_is_made_of_the_english_title_once(world):
    pledge = world.pledge(public=False, title_en="Speed up the Port!", slug="")
    assert pledge.slug == "speed-up-the-port"
    pledge.title_en = "Another title"
    pledge.save()
    assert pledge.slug == "speed-up-the-port"
    assert len(world.pledge("P1.02", title_en="word " * 39).slug) <= 100
    assert world.pledge("P1.03", title_en="").slug == ""


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("P1.03", True),
        ("A", True),
        ("2022-P1.3", True),
        ("p1.03", False),
        ("P1/03", False),
        (".P1", False),
        ("P1 03", False),
        ("承诺1", False),
        ("P" * 21, False),
    ],
)
def test_a_code_is_made_of_capitals_digits_dots_and_hyphens(world, code, valid):
    pledge = world.pledge(public=False)
    pledge.code = code
    if valid:
        pledge.full_clean()
    else:
        with pytest.raises(ValidationError) as invalid:
            pledge.full_clean()
        assert set(invalid.value.message_dict) == {"code"}


def test_a_due_month_is_kept_as_its_last_day(world):
    pledge = world.pledge(original_due_on=date(2024, 2, 1), original_due_precision="month")
    pledge.refresh_from_db()
    assert pledge.original_due_on == date(2024, 2, 29)


def test_a_pillar_of_another_programme_is_refused(world):
    other = Programme.objects.create(slug="other", name_en="Other", announced_on=date(2024, 1, 1))
    pillar = other.pillars.create(order=1, title_en="Elsewhere")
    pledge = world.pledge(public=False)
    pledge.pillar = pillar
    with pytest.raises(ValidationError, match="belongs to another programme"):
        pledge.full_clean()
    pledge.pillar = None
    pledge.full_clean()


def test_a_pledge_is_part_of_none_of_its_own_parts(world):
    whole = world.pledge("P1")
    part = world.pledge("P1.1", parent=whole)
    part_of_part = world.pledge("P1.1.1", parent=part)
    part_of_part.full_clean()
    for descendant in (whole, part, part_of_part):
        whole.parent = descendant
        with pytest.raises(ValidationError, match="is itself a part of this one"):
            whole.full_clean()


def test_a_chain_that_two_people_closed_at_once_does_not_hang_a_third(world):
    one, other = world.pledge("P1"), world.pledge("P2")
    Pledge.objects.filter(pk=one.pk).update(parent=other)
    Pledge.objects.filter(pk=other.pk).update(parent=one)
    third = world.pledge("P3", public=False)
    third.parent = Pledge.objects.get(pk=one.pk)
    third.full_clean()


def test_a_new_pledge_is_not_public(world):
    pledge = world.pledge(public=False)
    assert not pledge.is_public
    assert pledge_actions.publish_pledge(pledge, by=world.reviewer, at=world.at).is_public
