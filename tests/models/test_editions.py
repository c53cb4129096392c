"""Whatever changes what readers see moves the edition on, by any road; nothing else does."""

from datetime import date

import pytest
from django.db import connection, transaction

from tests.factories import World
from tests.models.raw import sql
from tracker.actions import notes, pledges, updates
from tracker.models import Body, Edition, Pillar, Pledge, Responsibility, Touch
from tracker.vocabulary import Status


def edition():
    """The edition that others would see if what was done so far became visible now."""
    if connection.vendor == "postgresql":
        # There it moves as a transaction ends, and once in each.
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("SET CONSTRAINTS ALL DEFERRED")
        sql("SELECT set_config('tracker.edition', '', true)")
    return Edition.objects.current()


@pytest.fixture
def pledge(world):
    return world.pledge()


MOVES = {
    "a pledge becomes public": lambda world, pledge: world.pledge("P1.02"),
    "an entry is published": lambda world, pledge: world.published(pledge),
    "an entry is corrected": lambda world, pledge: world.correction(
        world.published(pledge), Status.STALLED
    ),
    "a title is bettered": lambda world, pledge: Pledge.objects.update(title_en="Better"),
    "a body is renamed": lambda world, pledge: Body.objects.create(slug="new", name_en="New"),
    "a pillar is renamed by SQL": lambda world, pledge: sql(
        "UPDATE tracker_pillar SET title_en = 'Other'"
    ),
    "a body takes a pledge on": lambda world, pledge: world.responsibility(pledge, world.body()),
    "a pledge joins a sector": lambda world, pledge: pledge.sectors.add(world.sector()),
    "a milestone is planned": lambda world, pledge: world.milestone(pledge),
    "a pillar goes": lambda world, pledge: Pillar.objects.create(
        programme=world.programme, order=9, title_en="Ninth"
    ).delete(),
}
STAYS = {
    "a draft": lambda world, pledge: world.draft(pledge),
    "a submitted draft": lambda world, pledge: world.submitted(pledge),
    "a returned draft": lambda world, pledge: updates.return_(
        world.submitted(pledge), by=world.reviewer, at=world.at, reason="No source."
    ),
    "a pledge that is not public": lambda world, pledge: Pledge.objects.bulk_create(
        [
            Pledge(
                code="P9.99",
                programme=world.programme,
                wording="w",
                title_en="t",
                announced_on=date(2022, 8, 20),
            )
        ]
    ),
    "an internal note": lambda world, pledge: notes.write(
        pledge=pledge, text="Ask them.", by=world.author, at=world.at
    ),
    "a new account": lambda world, pledge: world.person("someone"),
}


@pytest.mark.parametrize("change", MOVES.values(), ids=MOVES)
def test_the_edition_moves(world, pledge, change):
    before = edition()
    change(world, pledge)
    assert edition() > before


@pytest.mark.parametrize("change", STAYS.values(), ids=STAYS)
def test_the_edition_stays(world, pledge, change):
    before = edition()
    change(world, pledge)
    assert edition() == before


def test_it_says_which_pledges_moved(world, pledge):
    other = world.pledge("P1.02")
    before = edition()
    world.published(other)
    edition()
    assert list(Touch.objects.since(before)) == [Touch.objects.get(pledge_id=other.pk)]


def test_what_no_longer_belongs_to_a_pledge_moved_it_too(world, pledge):
    world.responsibility(pledge, world.body())
    before = edition()
    Responsibility.objects.all().delete()
    assert edition() > before
    assert Touch.objects.since(before).get().pledge_id == pledge.pk


def test_what_is_taken_back_moves_nothing_and_what_is_done_moves_it(transactional_db, now):
    world = World(now)
    pledge = world.pledge()
    before = Edition.objects.current()
    with transaction.atomic():
        world.published(pledge)
        transaction.set_rollback(True)
    assert Edition.objects.current() == before
    pledges.publish_pledge(world.pledge("P1.02", public=False), by=world.reviewer, at=world.at)
    assert Edition.objects.current() > before
