"""Programmes, pillars, sectors and bodies: how they are named and where they are found."""

import pytest
from django.utils import translation

from tracker.models import Body, Responsibility, Sector


def test_each_is_named_in_the_readers_language(world):
    body = world.body(name_en="Ministry", name_zh="部委")
    sector = world.sector(name_en="Hydrogen", name_zh="氢能")
    role = Responsibility(pledge=world.pledge(), body=body, role="lead")
    named = [world.programme, world.pillar, sector, body]
    assert [str(row) for row in named] == [
        "Test programme",
        "1. First pillar",
        "Hydrogen",
        "Ministry",
    ]
    assert str(role) == "Leads: Ministry"
    with translation.override("zh-hans"):
        assert [str(row) for row in named] == ["测试方案", "1. 第一支柱", "氢能", "部委"]


def test_each_has_its_page(world):
    rows = [world.sector("hydrogen"), world.body("ministry")]
    assert [row.get_absolute_url() for row in rows] == [
        "/en/sectors/hydrogen/",
        "/en/bodies/ministry/",
    ]
    assert world.pillar.get_absolute_url().startswith("/en/pillars/1/")


def test_those_who_lead_come_first(world):
    pledge = world.pledge()
    for slug, role in [("a", "support"), ("z", "lead"), ("b", "lead")]:
        world.responsibility(pledge, world.body(slug), role)
    assert [r.body.slug for r in pledge.responsibilities.all()] == ["b", "z", "a"]


@pytest.mark.parametrize("kind", [Body, Sector])
def test_only_those_with_public_pledges_are_shown_to_readers(world, kind):
    named = [
        world.body(slug) if kind is Body else world.sector(slug)
        for slug in ("none", "hidden", "shown")
    ]
    pledges = [world.pledge("P1.01", public=False), world.pledge("P1.02"), world.pledge("P1.03")]
    for row, pledge in [(named[1], pledges[0]), (named[2], pledges[1]), (named[2], pledges[2])]:
        if kind is Body:
            world.responsibility(pledge, row)
        else:
            pledge.sectors.add(row)
    assert list(kind.objects.with_public_pledges()) == [named[2]]
