"""The words of a past day: what was renamed since is called as it then was."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from tests.factories import World
from tracker.models import Pledge, Responsibility
from tracker.queries.words import Words

THEN = date(2026, 11, 23)


@pytest.fixture
def pledge(db):
    """A pledge that was saved on THEN, and of which everything was renamed two days later."""
    with time_machine.travel(datetime(2026, 11, 23, 2, tzinfo=UTC), tick=False):
        world = World(at=datetime(2026, 11, 23, 2, tzinfo=UTC))
        pledge = world.pledge()
        pledge.sectors.add(world.sector("hydrogen"), world.sector("ai"))
        for slug in ("ministry", "port"):
            world.responsibility(pledge, world.body(slug))
    with time_machine.travel(datetime(2026, 11, 25, 2, tzinfo=UTC), tick=False):
        pledge.title_en, pledge.summary_zh = "Renamed", "改写"
        pledge.save()
        renamed = [world.pillar, world.programme, *pledge.sectors.all()]
        renamed += [r.body for r in pledge.responsibilities.all()]
        for row in renamed:
            name = "title" if hasattr(row, "title_en") else "name"
            setattr(row, f"{name}_en", "Renamed")
            setattr(row, f"{name}_zh", "改名")
            row.save()
        pledge.sectors.set([world.sector("ports")])
        Responsibility.objects.filter(body__slug="port").first().delete()
        world.responsibility(pledge, world.body("newcomer"))
    return Pledge.objects.select_related("pillar", "programme").get(pk=pledge.pk)


def said(pledge):
    return (
        pledge.title_en,
        pledge.summary_zh,
        pledge.pillar.title_en,
        pledge.programme.name_zh,
        [sector.name_en for sector in pledge.sectors.all()],
        [(body.slug, body.name_en) for body in pledge.leads],
    )


@pytest.mark.parametrize("day", [THEN, date(2026, 11, 24)])
def test_a_past_day_has_its_own_words(pledge, day):
    (then,) = Words(day).pledges([pledge])
    assert said(then) == (
        "Pledge P1.01",
        "",
        "First pillar",
        "测试方案",
        ["Ai", "Hydrogen"],
        [("ministry", "Ministry"), ("port", "Port")],
    )


def test_the_day_of_the_change_has_the_new_words(pledge):
    (then,) = Words(date(2026, 11, 25)).pledges([pledge])
    assert said(then) == (
        "Renamed",
        "改写",
        "Renamed",
        "改名",
        ["Ports"],
        [("ministry", "Renamed"), ("newcomer", "Newcomer")],
    )


def test_what_the_record_keeps_as_it_was_is_left_alone(pledge):
    before = (pledge.code, pledge.wording, pledge.published_at, pledge.version)
    (then,) = Words(THEN).pledges([pledge])
    assert (then.code, then.wording, then.published_at, then.version) == before


def test_a_row_without_a_history_keeps_the_words_that_it_has(pledge):
    words = Words(date(2020, 1, 1))
    assert said(next(words.pledges([pledge])))[0] == "Renamed"


def test_it_asks_as_much_for_many_as_for_few(world, django_assert_num_queries):
    for number in range(3):
        made = world.pledge(f"P1.0{number}")
        world.responsibility(made, world.body(f"body-{number}"))
        made.sectors.add(world.sector(f"sector-{number}"))
    pledges = list(Pledge.objects.select_related("pillar", "programme"))
    for some in (pledges[:1], pledges):
        with django_assert_num_queries(11):
            for then in Words(date.max).pledges(some):
                said(then)


def test_the_loaded_record_has_its_words_from_its_own_day_on(lingang):
    sector_names = {p.code: [s.slug for s in p.sectors.all()] for p in Pledge.objects.all()}
    then = Words(THEN).pledges(Pledge.objects.select_related("pillar", "programme"))
    assert {p.code: [s.slug for s in p.sectors.all()] for p in then} == sector_names
    assert all(sector_names.values())
