"""The pledges as sets say what the database says of them, on any day, for all that may be asked."""

from datetime import date, timedelta
from random import Random

import pytest
from django.db import connection
from django.db.models import Count
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tracker.actions import updates
from tracker.forms.pledges import asked
from tracker.models import Edition, Pillar, Pledge, Update
from tracker.queries import facet_history, past_standings
from tracker.queries import facets as kept
from tracker.queries.belonging import GROUPS
from tracker.queries.entries import Newest, corrections
from tracker.queries.facet_reading import read
from tracker.queries.facet_sets import ORDERS, Day
from tracker.queries.facets import facets_on
from tracker.queries.summary import summary
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of
from tracker.vocabulary import Flag, Status

TODAY = day_of(NOW)
COUNTED_BY = {
    "programme": "programme__slug",
    "pillar": "pillar__order",
    "sector": "sectors__slug",
    "body": "responsibilities__body__slug",
    "status": "status",
}
DAYS = [
    AsOf(TODAY),
    AsOf(TODAY, on=date(2024, 6, 1)),
    AsOf(TODAY, known_on=TODAY - timedelta(days=1)),
    AsOf(TODAY, on=date(2022, 8, 19)),
]


def fill(world, random, numbers):
    pillars = [*Pillar.objects.all(), None]
    for number in numbers:
        due = random.choice([None, date(2023 + number % 4, 1, 31)])
        pledge = world.pledge(
            f"P1.{number:02}",
            pillar=random.choice(pillars),
            announced_on=date(2022, 8, 20) + timedelta(days=random.choice([0, 0, 700])),
            original_due_on=due,
            original_due_precision="day" if due else "none",
            title_en=random.choice("ABC"),
            public=number % 6 != 0,
        )
        pledge.sectors.set(random.sample(world.sectors, random.randint(0, 3)))
        for body in random.sample(world.bodies, random.randint(0, 2)):
            world.responsibility(pledge, body)
        years = range(pledge.announced_on.year + 1, 2027)
        for year in random.sample(years, random.randint(0, 2)):
            if pledge.published_at:
                status = random.choice([Status.IN_PROGRESS, Status.KEPT, Status.NOT_RATED])
                values = {"effective_on": date(year, 1, number), "narrative_en": f"In {year}."}
                values["reported_progress"] = random.choice([None, 10, 35])
                moves = random.random() < 0.4
                due_then = {"due_on": date(year + 1, 1, 1), "due_precision": "day"} if moves else {}
                entry = world.published(pledge, status, **values, **due_then)
                if random.random() < 0.4:
                    world.correction(entry, Status.STALLED)


@pytest.fixture
def filled(world):
    world.sectors = [world.sector(slug) for slug in ("hydrogen", "data", "ai", "5")]
    world.bodies = [world.body(slug) for slug in ("ministry", "bureau", "office")]
    Pillar.objects.create(programme=world.programme, order=2, title_en="Second pillar")
    fill(world, Random(6), range(1, 22))
    return world


def queries():
    random = Random(7)
    for _each in range(20):
        found = QueryDict(mutable=True)
        for name, values, most in (
            ("status", ["kept", "in_progress", "stalled", "not_rated"], 2),
            ("flag", Flag.values, 2),
            ("sector", ["hydrogen", "data", "ai"], 1),
            ("body", ["ministry", "bureau"], 1),
            ("pillar", ["1", "2"], 1),
            ("programme", ["test"], 1),
            ("due_after", ["2024-01-31", "2025-06-01"], 1),
            ("due_before", ["2026-01-31", "2024-01-31"], 1),
            ("q", ["2024", "P1.1"], 1),
            ("sort", ["code", "-code", "title", "due", "-due", "updated", "-updated"], 1),
        ):
            if random.random() < 0.35:
                found.setlist(name, random.sample(values, random.randint(1, most)))
        yield found


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("asof", DAYS, ids=str)
def test_lists_and_counts_are_those_of_the_database(asof):
    for query in queries():
        query.update(asof.parameters)
        found = asked(query, today=TODAY)
        assert not found.errors
        listed = found.filter.listed
        assert listed[0:100] == list(found.pledges.values_list("pk", flat=True)), query
        counts = found.filter.day.counts(found.filter.wanted)
        for name, field in COUNTED_BY.items():
            rest = query.copy()
            rest.pop(name, None)
            pledges = asked(rest, today=TODAY).pledges
            expected = pledges.order_by().values(field).annotate(n=Count("pk", distinct=True))
            expected = {str(row[field]): row["n"] for row in expected if row[field] is not None}
            assert {value: n for value, n in counts[name].items() if n} == expected, (name, query)
        assert counts["flag"] == found.pledges.counted_by_flag(asof.day)


# The record moves on when a transaction ends.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_read_anew", [False, True])
def test_any_day_is_told_from_the_log_as_the_record_says_it(filled, is_read_anew, monkeypatch):
    """By the log alone, with steps in it, and with what moved since it was read."""
    monkeypatch.setattr(facet_history, "STEP", 3)
    days = [date(2022, 8, 20) + timedelta(days=97 * n) for n in range(16)]
    now = read(Edition.objects.current())
    log = facet_history.History(now)
    assert len(log.steps) > 3
    assert agree(log, now, days)
    entry = Update.objects.published().uncorrected().latest("sequence")
    filled.correction(entry, Status.NOT_KEPT, effective_on=date(2024, 8, 3))
    for pledge in Pledge.objects.published().order_by("code")[:6]:
        draft = filled.draft(pledge, Status.KEPT, effective_on=date(2024, 9, 17))
        filled.change(draft, filled.milestone(pledge), state="done", done_on=date(2024, 9, 1))
        submitted = updates.submit(draft, by=filled.author, at=filled.at)
        updates.publish(submitted, by=filled.reviewer, at=filled.at)
    now = read(Edition.objects.current())
    assert now.edition > log.edition
    assert log.fits(now)
    assert agree(facet_history.History(now) if is_read_anew else log, now, days)
    filled.pledge("P9.01")
    assert not log.fits(read(Edition.objects.current()))


def agree(log, now, days):
    """Whether the log tells of each day what is read of it from the whole record."""
    for day in days:
        told, then = (
            Day(each, day) for each in (log.on(now, day), read(now.edition, AsOf(TODAY, on=day)))
        )
        for name in ("status", "entered", "evidence", "progress", "dated"):
            assert by_value(told, name) == by_value(then, name), (day, name)
        for order in ("due", "-updated"):
            assert told.page(told.seen, order, 0, 100) == then.page(then.seen, order, 0, 100), day
        assert told.summary(told.seen) == then.summary(then.seen), day
        for flag, one in told.flags.items():
            assert [*told.keys(one)] == [*then.keys(then.flags[flag])], (day, flag)
        asked = Pledge.objects.seen(AsOf(TODAY, on=day)).in_bulk()
        found = past_standings.in_bulk(Pledge.objects.all(), [*told.keys(told.seen)], told)
        assert {key: standing(one) for key, one in found.items()} == {
            key: standing(one) for key, one in asked.items()
        }, day
    return True


def standing(pledge):
    """All that the database says of where a pledge stands, and what pages make of it."""
    added = pledge.__dict__.keys() - {"_state"} - {f.attname for f in Pledge._meta.concrete_fields}
    return {name: getattr(pledge, name) for name in added | {"flags_then", "progress"}}


def by_value(day, name):
    """The pledges that a reader of the day sees, by what holds of them."""
    sets = {value: [*day.keys(one & day.seen)] for value, one in day.facets.sets[name].items()}
    return {value: keys for value, keys in sets.items() if keys and value}


def related(pledge, others):
    """Those that share a sector or a body with it: those that share most first, then those of
    its pillar."""

    def groups(of):
        sectors = {sector.pk for sector in of.sectors.all()}
        return sectors, {named.body_id for named in of.responsibilities.all()}

    found = []
    for other in others:
        shared = [len(own & its) for own, its in zip(groups(pledge), groups(other), strict=True)]
        if other != pledge and any(shared):
            is_far = other.pillar_id != pledge.pillar_id
            found.append((*(-number for number in shared), is_far, other.code, other))
    return [other for *_rank, other in sorted(found, key=lambda one: one[:-1])]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("asof", DAYS, ids=str)
def test_summaries_related_pledges_and_entries_are_those_of_the_database(asof):
    day = facets_on(asof)
    seen = Pledge.objects.seen(asof)
    assert day.summary(day.seen) == summary(seen, asof)
    for pillar in Pillar.objects.all():
        part = seen.filter(pillar=pillar)
        assert day.summary(day.of("pillar", pillar.pk)) == summary(part, asof)
    overdue = day.page(day.flags[Flag.LATE], "due", 0, 5)
    late = [pledge for pledge in seen if Flag.LATE in pledge.flags_then]
    late.sort(key=lambda pledge: (pledge.due_on, pledge.code))
    assert overdue == [pledge.pk for pledge in late[:5]]
    for pledge in seen:
        near = related(pledge, seen.prefetch_related("sectors", "responsibilities"))[:5]
        assert day.related(pledge.pk, 5) == [other.pk for other in near], pledge
    entries = Update.objects.seen(asof).newest_first()
    keys = list(entries.values_list("pk", flat=True))
    newest = Newest(day, asof, day.seen)
    assert len(newest) == len(keys)
    assert newest.first(3) == keys[:3]
    for start in range(0, len(keys), 4):
        assert newest[start : start + 4] == keys[start : start + 4]
    assert corrections(day, asof) == [e.pk for e in entries if e.corrects_id]


@pytest.mark.django_db(transaction=True)
def test_the_newest_entries_of_few_pledges_are_found_without_a_walk(filled):
    """A body whose only entry is the record's first costs what any other does."""
    asof = AsOf(TODAY)
    first = Update.objects.filter(sequence__isnull=False).order_by("sequence").first()
    pledge = first.pledge
    kept.facets_on(asof).entries(1)
    for _ in range(2):
        # What was published since is read with the sets of its edition.
        day = kept.facets_on(asof)
        own = Newest(day, asof, day.facets.places_of([pledge.pk]))
        expected = Update.objects.seen(asof).filter(pledge=pledge).newest_first()
        keys = list(expected.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as asked:
            assert own[0 : len(own)] == keys
            assert own.first(99) == keys
            assert own[len(own) - 1 : len(own)] == [first.pk]
        assert not asked.captured_queries
        filled.published(pledge, Status.STALLED, effective_on=date(2026, 10, 2))


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_follows_each_change(filled):
    def says():
        found = kept.facets()
        day = found.on(AsOf(TODAY))
        orders = {sort: day.page(day.seen, sort, 0, 99) for sort in ORDERS}
        names = [str(group) for name in GROUPS for group in found.groups(name)]
        sets = {name: {v: s for v, s in own.items() if s} for name, own in found.sets.items()}
        return sets, day.flags, orders, names, len(Newest(day, AsOf(TODAY), day.seen))

    says()
    first = kept.facets()
    pledge = Pledge.objects.published().first()
    for change in (
        lambda: filled.published(pledge, Status.STALLED, effective_on=date(2026, 10, 1)),
        lambda: Pledge.objects.filter(pk=pledge.pk).update(title_en="ZZ"),
        lambda: pledge.sectors.set(filled.sectors[:1]),
        lambda: filled.sectors[0].__class__.objects.update(name_en="Renamed"),
        lambda: filled.draft(pledge),
        lambda: filled.pledge("P0.99"),
    ):
        change()
        moved = says()
        kept.forget()
        assert moved == says(), "what was kept is not what is read anew"
    assert kept.facets().edition > first.edition
