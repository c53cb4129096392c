"""What the index of the search finds is what LIKE finds, and it holds nothing that is not public.

Within a transaction the search asks LIKE alone: that is the reference here.
"""

from array import array
from datetime import timedelta
from random import Random

import pytest
from django.core.management import call_command
from django.db import transaction

from tests.conftest import NOW
from tests.factories import World
from tests.models import raw
from tracker.models import Gram, Indexed, Pillar, Pledge, Posting, Touch, Update
from tracker.queries import facets, grams, search
from tracker.queries.facet_sets import Columns, Facets
from tracker.queries.grams import Index
from tracker.rules.asof import AsOf
from tracker.rules.bits import places
from tracker.rules.dates import day_of
from tracker.rules.search import Term

TODAY = AsOf(day_of(NOW))
A_PAST_DAY = AsOf(TODAY.today, on=day_of(NOW) - timedelta(days=900))
PARTS = [
    *(
        "harbour",
        "Harbours",
        "the",
        "PORT",
        "portable",
        "data",
        "5G",
        "100%",
        "a_b",
        "x\\y",
        "it's",
    ),
    *(
        "港口",
        "港",
        "数据",
        "数据港口",
        "临港新片区",
        "氢能",
        "发展",
        "，",
        "。",
        "《法》",
        "カード",
        "한국어",
    ),
    *(
        "café",
        "CAFÉ",
        "cafe\u0301",
        "straße",
        "Ünal",
        "ıstanbul",
        "ſet",
        "İzmir",
        "\u212aelvin",
        "Σας",
    ),
    *("🚢", "👩‍🔬", "ﬁn", "ⓐⓑ", "%", "_", '"', "'", "–", "12.5", "2026-11-29", "z" * 450),
]
PAST = "DRAFTONLY"


def text(random):
    joined = random.choice(["", " ", " ", "\n", "-"])
    return joined.join(random.choices(PARTS[:-1], k=random.randint(1, 6)))


def terms(random, texts, number=200):
    """Parts of what is said, in capitals or not, and parts put together by chance."""
    found = {"p", "P0", "p1", "P12", "p99", "si", "SI.1", "ſ", "sı", "p 1", "P1.", '"p1 "', "ß"}
    found |= {'"the port"', '"%"', "100%", "a_b", "\\", "'", "ss", "SS", "İ", "i", "ς", "z" * 90}
    while len(found) < number:
        source = random.choice(texts) if random.random() < 0.8 else text(random)
        start = random.randrange(len(source))
        term = source[start : start + random.randint(1, 6)]
        term = random.choice([str, str.upper, str.lower, str.swapcase])(term)
        found.add(f'"{term}"' if random.random() < 0.4 else term)
    return sorted(found)


def found(words, asof=TODAY):
    pledges = search.matching(Pledge.objects.seen(asof), words, asof)
    return sorted(pledges.values_list("code", flat=True))


def by_like(words, asof=TODAY):
    with transaction.atomic():
        assert Index.now() is None
        return found(words, asof)


@pytest.fixture
def live(transactional_db):
    return World(NOW)


@pytest.fixture
def said(live):
    """A random record, and the texts in it."""
    random, texts = Random(11), []

    def said():
        texts.append(text(random))
        return texts[-1]

    pillars = [
        Pillar.objects.create(programme=live.programme, order=n, title_en=said()) for n in (2, 3)
    ]
    bodies = [live.body(f"body-{n}", name_en=said()) for n in range(3)]
    for number in range(24):
        pledge = live.pledge(
            f"P{number:02}",
            public=number % 8 > 0,
            pillar=random.choice(pillars),
            wording=said(),
            title_en=said().replace("\n", " "),
            summary_zh=said(),
        )
        live.responsibility(pledge, random.choice(bodies))
        if not pledge.is_public:
            texts.append(PAST)
            Pledge.objects.filter(pk=pledge.pk).update(summary_en=PAST)
            continue
        day = TODAY.today - timedelta(days=random.randint(0, 1200))
        entry = live.published(
            pledge,
            effective_on=max(day, pledge.announced_on),
            narrative_en=said(),
            narrative_zh=said(),
        )
        if number % 5 == 0:
            live.correction(entry, "stalled", correction_reason_en=said())
        draft = live.draft(pledge, evidence=0, narrative_en=PAST)
        live.evidence(draft, title=PAST + "CITED", quotation=said().replace("\n", " "))
    live.pledge("P99", wording="z" * 450)
    live.pledge("SI.1")
    texts.append("z" * 450)
    return texts


def test_what_is_found_is_what_like_finds(live, said):
    random = Random(5)
    call_command("index_search")
    assert not Touch.objects.since(Indexed.objects.get().number).exists()
    wanted = terms(random, said)
    answers = {term: found(term) for term in wanted}
    answers |= {(term, A_PAST_DAY): found(term, A_PAST_DAY) for term in wanted[::5]}
    with transaction.atomic():
        assert Index.now() is None
        expected = {term: found(term) for term in wanted}
        expected |= {(term, A_PAST_DAY): found(term, A_PAST_DAY) for term in wanted[::5]}
    assert answers == expected
    # A list finds its pledges through the sets that the process keeps.
    for asof, some in ((TODAY, wanted[::3]), (A_PAST_DAY, wanted[::5])):
        day = facets.facets_on(asof)
        for term in some:
            keys = day.keys(search.found(term, asof, day))
            codes = Pledge.objects.filter(pk__in=keys).values_list("code", flat=True)
            assert sorted(codes) == expected[term if asof == TODAY else (term, asof)]
    assert sum(map(bool, answers.values())) > len(wanted) / 3


def test_codes_are_found_in_whatever_order_the_database_has_them():
    nothing = array("q", [0, 0, 0, 0])
    columns = Columns(array("q", [7, 3, 5, 9]), nothing, nothing, nothing, nothing)
    facets = Facets(1, columns, {}, codes="\np1.1\nq1\np1.2\np2")
    wanted = {"P1": [0, 2], "p": [0, 2, 3], "P1.2": [2], "1": [], "P3": [], "p1.1": [0], "Q": [1]}
    assert {begin: list(places(facets.coded(begin))) for begin in wanted} == wanted


def test_it_follows_each_change_whether_it_was_brought_up_or_not(live, said, monkeypatch):
    call_command("index_search")
    public = Pledge.objects.published().order_by("code")
    first, second, third = public[:3]
    words = ["NEWWORD", "新词", "wholly", "renamed", "p4", PAST, first.title_en[:3], "made public"]
    live.published(first, narrative_en="A newword, 有新词。")
    Pledge.objects.filter(pk=second.pk).update(title_en="wholly otherwise")
    raw.sql("UPDATE tracker_pledge SET summary_en = %s WHERE id = %s", "新词 wholly", third.pk)
    raw.sql("UPDATE tracker_body SET name_en = 'Renamed newword' WHERE slug = 'body-1'")
    live.pledge("P41", wording="a newword made public")
    expected = {word: by_like(word) for word in words}
    assert all(expected[word] for word in words if word != PAST)
    assert not expected[PAST]
    assert {word: found(word) for word in words} == expected
    with monkeypatch.context() as patched:
        # Of so many that all are looked through as they stand.
        patched.setattr(grams, "MANY", 0)
        assert Index.now().saying(Term("newword"), TODAY) is None
        assert {word: found(word) for word in words} == expected
    call_command("index_search")
    assert {word: found(word) for word in words} == expected
    # What a text no longer says is in the index no more; brought up is as made anew.
    brought_up = kept()
    call_command("index_search", anew=True)
    assert kept() == brought_up


def kept():
    rows = Posting.objects.values_list("gram__text", "block", "keys")
    return sorted((text, block, bytes(keys)) for text, block, keys in rows)


def test_it_holds_nothing_that_is_not_public(live, said):
    call_command("index_search")
    drafted = Gram.objects.filter(text__icontains=PAST)
    assert not drafted.exists()
    assert Update.objects.exclude(state="published").exists()
    (draft, *_others) = Update.objects.filter(narrative_en=PAST)
    live.published(draft.pledge, narrative_en=f"Now public: {PAST}")
    assert found(PAST) == [draft.pledge.code]
    call_command("index_search")
    assert drafted.exists()
    assert found(PAST) == [draft.pledge.code]


def test_without_an_index_the_tables_are_asked(live):
    live.published(live.pledge(), narrative_en="Lanterns")
    assert Index.now() is None
    assert found("lantern") == ["P1.01"]
