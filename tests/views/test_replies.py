"""A published reply stands beside the verdict that it answers, and nowhere before its day."""

from datetime import date

import pytest

from tracker.actions import replies
from tracker.actions.pledges import publish_pledge
from tracker.models import Reply
from tracker.vocabulary import Status

PAGE = "/en/pledges/P1.01/"


@pytest.fixture
def pledge(world):
    pledge = world.pledge(public=False)
    publish_pledge(pledge, by=world.reviewer, at=world.later(days=-30))
    pledge.refresh_from_db()
    world.responsibility(pledge, world.body("harbour", name_zh="港务局"))
    return pledge


@pytest.fixture
def answered(world, pledge):
    """A verdict of 1 November 2026 that was answered on 13 November."""
    at = world.later(days=-20)
    verdict = world.published(pledge, Status.NOT_KEPT, effective_on=date(2026, 11, 1), at=at)
    reply(world, verdict, at=world.later(days=-10))
    return verdict


def reply(world, update, *, at=None, **values):
    texts = {"text_en": "It was moved, not given up."} | values
    row = Reply.objects.create(
        update=update,
        body=update.pledge.leads[0],
        edited_at=world.at,
        edited_by=world.author,
        **texts,
    )
    return replies.publish(row, by=world.author, at=at) if at else row


@pytest.mark.usefixtures("answered")
def test_it_stands_beside_the_verdict_and_in_the_record(read):
    page = read(PAGE)
    assert page.faults == []
    assert page.texts("h3").count("Reply of Harbour") == 1
    assert page.texts("h4").count("Reply of Harbour") == 1
    why = page.text[page.text.index("Where it stands, and why") : page.text.index("At a glance")]
    assert "It was moved, not given up." in why
    assert "Published on Nov. 13, 2026." in why
    assert "Not kept" in page.text


@pytest.mark.usefixtures("answered")
def test_it_is_in_the_reader_s_language_or_says_that_it_is_not(read):
    page = read("/zh-hans/pledges/P1.01/")
    assert "港务局的回应" in page.texts("h3")
    assert "It was moved, not given up." in page.text
    assert page.with_class("fallback-note")


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ("as_of=2026-11-12", False),
        ("as_of=2026-11-13", True),
        ("known_on=2026-11-12", False),
        ("known_on=2026-11-13", True),
        ("as_of=2026-11-12&known_on=2026-11-20", False),
        ("as_of=2026-11-20&known_on=2026-11-12", False),
    ],
)
def test_it_is_there_from_the_day_of_its_publication(read, query, is_there):
    page = read(f"{PAGE}?{query}")
    assert "Not kept" in page.text
    assert ("moved, not given up" in page.text) == is_there


def test_a_reply_that_is_not_published_is_not_shown(world, pledge, read):
    reply(world, world.published(pledge, Status.KEPT))
    assert "moved, not given up" not in read(PAGE).text


def test_it_stays_with_the_entry_that_it_answered(world, answered, read):
    world.correction(answered, Status.PARTLY_KEPT)
    page = read(PAGE)
    why = page.text[page.text.index("Where it stands, and why") : page.text.index("At a glance")]
    assert "moved, not given up" not in why
    assert page.texts("h4").count("Reply of Harbour") == 1


def test_a_correction_says_what_it_changed(world, pledge, read):
    entry = world.published(pledge, Status.KEPT, narrative_en="It stands. It is open.")
    world.correction(entry, Status.STALLED, narrative_en="It stands. It is shut.")
    for address in (PAGE, "/en/updates/"):
        text = read(address).text
        assert "A slip. What changed Status Before Kept Now Stalled" in text
        assert "Narrative (English) Before It is open. Now It is shut." in text
