"""What is chosen on a past day is chosen by what pledges then belonged to and were called."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.http import QueryDict

from tests.factories import World
from tracker.forms.pledges import asked
from tracker.models import Body, Pillar, Pledge, Programme, Responsibility, Sector
from tracker.queries.belonging import GROUPS, Belonging, address_of
from tracker.queries.words import Words
from tracker.vocabulary import Role

THEN, NOW = date(2026, 11, 23), date(2026, 11, 25)


def at(day):
    return time_machine.travel(datetime(day.year, day.month, day.day, 2, tzinfo=UTC), tick=False)


def codes(query, today=NOW):
    found = asked(QueryDict(query), today=today)
    assert not found.errors, found.errors
    listed = found.filter.listed
    in_files = [pledge.pk for pledge in found.pledges.in_file_order()]
    assert listed[0:50] == in_files, "a list and its file differ"
    by_key = dict(Pledge.objects.values_list("pk", "code"))
    return [by_key[key] for key in in_files]


@pytest.fixture
def moved(db):
    """Three pledges, of which everything that may be mended was mended two days later."""
    with at(THEN):
        world = World(at=datetime(2026, 11, 23, 2, tzinfo=UTC))
        second = Pillar.objects.create(programme=world.programme, order=2, title_en="Ports")
        hydrogen, data = world.sector("hydrogen"), world.sector("data")
        ministry, bureau = world.body("ministry"), world.body("bureau")
        one = world.pledge("P1.01", title_en="Bravo", summary_en="Zeppelins land.")
        two = world.pledge("P1.02", title_en="Alpha", pillar=second)
        three = world.pledge("P1.03", title_en="Charlie")
        one.sectors.add(hydrogen)
        two.sectors.add(data)
        world.responsibility(one, ministry)
        world.responsibility(two, bureau, Role.SUPPORT)
    with at(NOW):
        for pledge, title, pillar in (
            (one, "Zulu", second),
            (two, "Yankee", world.pillar),
            (three, "X-ray", second),
        ):
            pledge.title_en, pledge.summary_en, pledge.pillar = title, "Airships.", pillar
            pledge.save()
        one.sectors.set([data])
        two.sectors.set([hydrogen])
        three.sectors.set([hydrogen])
        Responsibility.objects.all().delete()
        world.responsibility(three, ministry)
        Sector.objects.filter(pk=hydrogen.pk).get().delete()
        for row, slug in ((data, "figures"), (ministry, "department"), (world.programme, "plan")):
            row.slug = slug
            row.name_en = slug.title()
            row.save()
        second.order, second.title_en = 3, "Harbours"
        second.save()
    return world


@pytest.mark.parametrize(
    ("query", "then", "now"),
    [
        ("sector=data", ["P1.02"], None),
        ("sector=figures", None, ["P1.01"]),
        ("sector=hydrogen", ["P1.01"], None),
        ("body=ministry", ["P1.01"], None),
        ("body=department", None, ["P1.03"]),
        ("body=bureau", ["P1.02"], None),
        ("pillar=2", ["P1.02"], None),
        ("pillar=3", None, ["P1.01", "P1.03"]),
        ("pillar=1", ["P1.01", "P1.03"], ["P1.02"]),
        ("programme=test", ["P1.01", "P1.02", "P1.03"], None),
        ("programme=plan", None, ["P1.01", "P1.02", "P1.03"]),
        ("sort=title", ["P1.02", "P1.01", "P1.03"], ["P1.03", "P1.02", "P1.01"]),
        ("q=zeppelins", ["P1.01"], []),
        ("q=airships", [], ["P1.01", "P1.02", "P1.03"]),
        ("q=ports", ["P1.02"], []),
        ("q=harbours", [], ["P1.01", "P1.03"]),
        ("q=hydrogen", ["P1.01"], []),
        ("q=Ministry", ["P1.01"], []),
        ("q=department", [], ["P1.03"]),
        ("q=zulu+figures", [], ["P1.01"]),
        ("q=bravo+hydrogen", ["P1.01"], []),
    ],
)
def test_filters_choose_by_the_day_as_of_which_the_record_is_known(moved, query, then, now):
    for more, expected in (
        (f"&known_on={THEN}", then),
        ("&known_on=2026-11-24", then),
        (f"&known_on={NOW}", now),
        ("", now),
        # Without that day, words are those of today, whatever day is asked about.
        (f"&as_of={THEN}", now),
    ):
        if expected is None:
            name = query.partition("=")[0]
            assert list(asked(QueryDict(query + more), today=NOW).errors) == [name], more
        else:
            assert codes(query + more) == expected, more


def test_what_a_filter_offers_is_called_as_it_then_was(moved):
    found = asked(QueryDict(f"known_on={THEN}"), today=NOW).filter
    offered = {
        name: [(option.value, str(option.label), option.count) for option in options]
        for name, options in found.options.items()
        if name in GROUPS
    }
    assert offered == {
        "programme": [("test", "Test programme", 3)],
        "pillar": [("1", "1. First pillar", 2), ("2", "2. Ports", 1)],
        "sector": [("data", "Data", 1), ("hydrogen", "Hydrogen", 1)],
        "body": [("bureau", "Bureau", 1), ("ministry", "Ministry", 1)],
    }


@pytest.mark.parametrize("day", [None, date(2020, 1, 1), THEN, date(2026, 11, 24), NOW])
def test_rows_at_hand_and_rows_chosen_say_the_same(moved, day):
    """On a day before any was saved they are as they are now, like one without a history."""
    belonging, words = Belonging(day), Words(day)
    pledges = list(words.pledges(Pledge.objects.select_related("pillar", "programme")))
    of = {
        "programme": lambda pledge: [pledge.programme],
        "pillar": lambda pledge: [pledge.pillar],
        "sector": lambda pledge: pledge.sectors.all(),
        "body": lambda pledge: [r.body for r in pledge.responsibilities.all()],
    }
    for name in GROUPS:
        for group in belonging.groups(name):
            within = Pledge.objects.filter(belonging.within(name, [group.pk]))
            expected = {p.code for p in pledges if group.pk in {own.pk for own in of[name](p)}}
            assert {pledge.code for pledge in within} == expected, (name, address_of(name, group))
    for name in ("sector", "body"):
        pairs = {(p.pk, own.pk) for p in pledges for own in of[name](p)}
        assert set(belonging.pairs(name)) == pairs
    told = belonging.of_pledges(Pledge.objects.all(), "pillar_id", "title_en", "code")
    assert list(told) == [(p.pk, p.pillar_id, p.title_en, p.code) for p in pledges]
    titles = sorted((pledge.title_en, pledge.code) for pledge in pledges)
    by_title = belonging.by_title(Pledge.objects.all(), "en")
    assert [pledge.code for pledge in by_title] == [code for _title, code in titles]


def test_pages_and_files_of_a_past_day_say_what_then_was_said(moved, client):
    days = {"as_of": str(THEN), "known_on": str(THEN)}
    with at(date(2026, 11, 26)):
        listed = client.get("/en/pledges/", {"sector": "hydrogen", **days}).text
        card = client.get("/en/pledges/P1.01/", days).text
        file = client.get("/en/data/pledges.csv", {"body": "ministry", "q": "bravo", **days})
        gone = client.get("/en/data/pledges.csv", {"body": "ministry"})
        csv = file.getvalue().decode()
    for page in (listed, card):
        assert "Bravo" in page
        assert "Zulu" not in page
    assert "Zeppelins land." in card
    assert "Ministry" in card
    assert "Airships" not in card
    assert [line.split(",")[0] for line in csv.splitlines()] == ["code", "P1.01"]
    assert "Bravo" in csv
    assert gone.status_code == 400


def test_groups_are_those_of_the_models(db):
    assert set(GROUPS.values()) == {Programme, Pillar, Sector, Body}
