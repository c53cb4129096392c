"""How many pledges each choice of the list's filters gives, and the list as htmx asks for it."""

import re
from datetime import date
from urllib.parse import parse_qsl, urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tests.views.markup import Page
from tracker.forms.pledges import asked
from tracker.models import Pillar
from tracker.rules.dates import day_of
from tracker.vocabulary import Status

# That both databases count so is in tests/queries/test_facets.py.
pytestmark = pytest.mark.sqlite_only

TODAY = day_of(NOW)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def varied(world):
    """Pledges that differ in all that is counted, one of several sectors, bodies and flags."""
    second = Pillar.objects.create(programme=world.programme, order=2, title_en="Second pillar")
    sectors = [world.sector(slug) for slug in ("hydrogen", "data", "5")]
    bodies = [world.body(slug) for slug in ("ministry", "bureau")]
    kinds = [
        (Status.KEPT, world.pillar, sectors[:1], bodies[:1], date(2024, 1, 31)),
        (Status.IN_PROGRESS, world.pillar, sectors[:2], bodies, date(2025, 1, 31)),
        (Status.IN_PROGRESS, second, sectors[:2], bodies[1:], None),
        (Status.STALLED, second, sectors[1:], bodies, date(2027, 1, 31)),
        (None, second, [], [], date(2024, 6, 30)),
        (None, None, sectors, bodies[:1], date(2022, 12, 31)),
    ]
    for number, (status, pillar, its_sectors, its_bodies, due_on) in enumerate(kinds, start=1):
        pledge = world.pledge(
            f"P1.{number:02}",
            pillar=pillar,
            original_due_on=due_on,
            original_due_precision="day" if due_on else "none",
        )
        pledge.sectors.set(its_sectors)
        for body in its_bodies:
            world.responsibility(pledge, body)
        if status:
            world.published(pledge, status, effective_on=date(2022 + number, 1, 1))
    world.pledge("P9.01", public=False).sectors.set(sectors)


QUERIES = [
    "",
    "status=in_progress",
    "status=in_progress&status=kept",
    "sector=hydrogen",
    "sector=data&body=bureau",
    "pillar=2&sector=data&status=stalled",
    "flag=late",
    "flag=late&flag=stale",
    "flag=no_evidence&sector=hydrogen&sort=-due",
    "q=P1.0&due_after=2024-01-01",
    "as_of=2024-06-01",
    "as_of=2023-06-01&body=ministry&flag=late",
    "as_of=2024-06-01&status=in_progress&status=not_rated&q=pledge",
    "known_on=2026-11-22",
]


@pytest.mark.usefixtures("varied")
@pytest.mark.parametrize("query", QUERIES)
def test_each_count_is_what_choosing_it_gives(query):
    given = parse_qsl(query)
    found = asked(_data(given), today=TODAY)
    counted = {
        (name, option.value): option.count
        for name, options in found.filter.options.items()
        for option in options
    }
    assert {name for name, _ in counted} >= {"status", "flag", "pillar", "sector", "body"}
    expected = {}
    for name, value in counted:
        # A flag is chosen besides the others, anything else instead.
        rest = [one for one in given if one[0] != name or name == "flag"]
        chosen = asked(_data([*rest, (name, value)]), today=TODAY)
        expected[name, value] = len(set(chosen.pledges.values_list("pk", flat=True)))
    assert counted == expected


def _data(pairs):
    return QueryDict(urlencode(pairs))


def test_counts_take_as_many_queries_for_many_options_as_for_few(world):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            found = asked(_data([("q", "pledge"), ("as_of", "2025-01-01")]), today=TODAY)
            options = found.filter.options
        return len(captured), sum(map(len, options.values()))

    def more(numbers):
        for number in numbers:
            pledge = world.pledge(f"P1.{number:02}")
            pledge.sectors.add(world.sector(f"sector-{number}"))
            world.responsibility(pledge, world.body(f"body-{number}"))

    more(range(1, 3))
    few = queries()
    more(range(3, 20))
    many = queries()
    # Within a transaction nothing is kept: what is read once otherwise is among them.
    assert many[0] == few[0] <= 24
    assert many[1] == few[1] + 34


@pytest.mark.usefixtures("varied")
def test_the_page_says_how_many_each_choice_gives_and_how_many_are_set(read):
    page = read("/en/pledges/?sector=data&status=stalled&status=kept&q=pledge&sort=title")
    assert "Filter and sort 3 set" not in page.text
    assert "Filter and sort 2 set" in page.texts("summary")
    labels = page.texts("label")
    assert "In progress 2 pledges" in labels
    assert "Stalled 1 pledge" in labels
    assert "Superseded 0 pledges" in labels
    quiet = [a["for"] for a in page.all("label") if "is-none" in a.get("class", "").split()]
    assert len(quiet) == len([text for text in labels if text.endswith("0 pledges")])
    options = page.texts("option")
    assert "1. First pillar (0)" in options
    assert "Data (1)" in options
    # What cannot be answered has no counts.
    assert "Data" in read("/en/pledges/?status=nonsense", 400).texts("option")


@pytest.mark.usefixtures("varied")
@pytest.mark.parametrize(
    "query", ["", "status=in_progress", "q=pledgr", "q=none", "as_of=2024-01-01"]
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_htmx_gets_are_parts_of_the_whole_page(client, query, language):
    address = f"/{language}/pledges/?{query}"
    whole = client.get(address)
    parts = client.get(address, headers=HTMX)
    assert whole.status_code == parts.status_code == 200
    page, answer = whole.content.decode(), parts.content.decode()
    assert "<html" not in answer
    for part in ("site-header", "filter-choices", "filter-count", "found"):
        (element,) = _elements(answer, part)
        assert element == _elements(page, part)[0]
        assert len(element) > 20
    assert Page(f"<div>{answer}</div>").faults == []
    assert "HX-Request" in whole["Vary"]
    assert "HX-Request" in parts["Vary"]


def _elements(html, identifier):
    """The markup of the elements with an identifier, indents evened out."""
    lines = [line.strip() for line in html.splitlines() if line.strip()]
    text = "\n".join(lines)
    found = []
    for start in re.finditer(rf'<(\w+)[^>]* id="{identifier}"', text):
        tag, depth = start[1], 0
        for each in re.finditer(rf"<(/?){tag}\b", text[start.start() :]):
            depth += -1 if each[1] else 1
            if depth == 0:
                found.append(text[start.start() : start.start() + each.end()])
                break
    return found


@pytest.mark.usefixtures("varied")
def test_htmx_gets_the_number_to_announce_and_the_address_to_keep(client):
    address = "/en/pledges/?q=&pillar=&status=in_progress&sort=code"
    answer = client.get(address, headers=HTMX)
    assert '<p id="announcement">2 pledges found</p>' in answer.content.decode()
    assert answer["HX-Push-Url"] == "/en/pledges/?status=in_progress&sort=code"
    typed = client.get("/en/pledges/?q=P1.01", headers=HTMX | {"HX-Trigger": "id_q"})
    assert typed["HX-Replace-Url"] == "/en/pledges/?q=P1.01"
    assert "HX-Push-Url" not in typed
    # What is wrong is said by the page itself, and going back gives a whole page.
    refused = client.get("/en/pledges/?due_after=x", headers=HTMX)
    assert refused["HX-Redirect"] == "/en/pledges/?due_after=x"
    back = client.get(address, headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert "<html" in back.content.decode()
