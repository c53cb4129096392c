"""Counts in rows that add up."""

from datetime import date

from tracker.models import Pledge
from tracker.queries.summary import summary
from tracker.queries.tables import by_group
from tracker.rules.asof import AsOf
from tracker.vocabulary import Role, Status

ASOF = AsOf(date(2026, 11, 23))


def parts_of(by):
    return by_group(Pledge.objects.seen(ASOF), by, ASOF)


def added(parts):
    return [sum(part.summary.counts[place].count for part in parts) for place in range(len(Status))]


def test_each_pledge_is_in_one_part_by_pillar(world):
    world.published(world.pledge(), Status.KEPT)
    world.pledge("P1.02")
    world.pledge("X.01", pillar=None)
    *parts, total = parts_of("pillar")
    assert [(part.kind, part.group, part.summary.total) for part in parts] == [
        ("pillar", world.pillar, 2),
        ("none", None, 1),
    ]
    assert added(parts) == added([total])
    assert total.kind == "total"


def test_a_pledge_that_several_lead_counts_once_and_is_told_of_each(world):
    first, second, third = (world.body(slug) for slug in ("c-first", "b-second", "a-third"))
    alone, together, bare = (world.pledge(f"P1.0{n}") for n in (1, 2, 3))
    world.responsibility(alone, first)
    world.responsibility(alone, third, Role.SUPPORT)
    world.responsibility(together, first)
    world.responsibility(together, second)
    assert bare.code == "P1.03"
    *parts, total = parts_of("body")
    assert [
        (part.kind, part.group and part.group.slug, part.summary.total, part.jointly)
        for part in parts
    ] == [
        ("body", "b-second", 0, 1),
        ("body", "c-first", 1, 1),
        ("several", None, 1, None),
        ("none", None, 1, None),
    ]
    assert added(parts) == added([total])
    assert total.summary.total == 3


def test_the_total_is_the_summary_of_the_pages(lingang):
    whole = summary(Pledge.objects.seen(ASOF), ASOF)
    for by in ("pillar", "body"):
        assert parts_of(by)[-1].summary == whole


def test_nothing_adds_up_to_nothing(db):
    (total,) = parts_of("body")
    assert (total.summary.total, total.summary.progress.shown) == (0, None)
