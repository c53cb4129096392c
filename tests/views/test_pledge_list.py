from datetime import date
from itertools import product
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.utils.html import escape

from tests.views.markup import Page
from tracker.models import Pillar
from tracker.vocabulary import Flag, Status


@pytest.fixture
def many(world):
    """Five pledges that differ in everything that the list can be filtered by."""
    second = Pillar.objects.create(programme=world.programme, order=2, title_en="Second pillar")
    hydrogen, data = world.sector("hydrogen"), world.sector("data")
    ministry, bureau = world.body("ministry"), world.body("bureau")
    kinds = [
        ("P1.01", Status.KEPT, world.pillar, hydrogen, ministry, date(2024, 1, 31)),
        ("P1.02", Status.IN_PROGRESS, world.pillar, data, bureau, date(2025, 1, 31)),
        ("P2.01", Status.IN_PROGRESS, second, hydrogen, ministry, None),
        ("P2.02", Status.STALLED, second, data, ministry, date(2027, 1, 31)),
        ("P2.03", None, second, hydrogen, bureau, date(2024, 6, 30)),
    ]
    for code, status, pillar, sector, body, due_on in kinds:
        pledge = world.pledge(
            code,
            pillar=pillar,
            original_due_on=due_on,
            original_due_precision="day" if due_on else "none",
            wording=f"wording of {code}",
            title_en=f"{'Zebra' if code == 'P1.01' else 'Apple'} {code}",
        )
        pledge.sectors.add(sector)
        world.responsibility(pledge, body)
        if status:
            world.published(
                pledge,
                status,
                effective_on=date(2026, 6, 1) if code == "P1.02" else date(2023, 1, 1),
                narrative_en=f"A narrative about {code}, windmills too."
                if code == "P2.01"
                else "Work went on.",
            )


EVERY = ["P1.01", "P1.02", "P2.01", "P2.02", "P2.03"]


FOUND = [
    ("", EVERY),
    ("q=", EVERY),
    ("q=P2", ["P2.01", "P2.02", "P2.03"]),
    ("q=zebra", ["P1.01"]),
    ("q=WINDMILLS", ["P2.01"]),
    ("q=wording+P2.03", ["P2.03"]),
    ("q=承诺P1.02", ["P1.02"]),
    ("q=nothing", []),
    ("programme=test", EVERY),
    ("pillar=2", ["P2.01", "P2.02", "P2.03"]),
    ("sector=hydrogen", ["P1.01", "P2.01", "P2.03"]),
    ("body=bureau", ["P1.02", "P2.03"]),
    ("status=kept", ["P1.01"]),
    ("status=kept&status=stalled", ["P1.01", "P2.02"]),
    ("status=not_rated", ["P2.03"]),
    ("flag=late", ["P1.02", "P2.03"]),
    ("flag=stale", ["P2.01", "P2.02", "P2.03"]),
    ("flag=no_evidence", ["P2.03"]),
    ("flag=late&flag=stale", ["P2.03"]),
    ("due_after=2025-01-31", ["P1.02", "P2.02"]),
    ("due_before=2025-01-31", ["P1.01", "P1.02", "P2.03"]),
    ("due_after=2024-06-01&due_before=2025-12-31", ["P1.02", "P2.03"]),
    ("pillar=2&sector=hydrogen&status=in_progress&q=apple", ["P2.01"]),
    ("pillar=1&body=ministry&status=stalled", []),
    ("as_of=2022-12-31&status=not_rated", EVERY),
    ("as_of=2025-12-31&status=in_progress", ["P2.01"]),
    ("as_of=2025-01-31&flag=late", ["P2.03"]),
    ("known_on=2026-11-22", []),
    ("sort=-code", EVERY[::-1]),
    ("sort=title", ["P1.02", "P2.01", "P2.02", "P2.03", "P1.01"]),
    ("sort=due", ["P1.01", "P2.03", "P1.02", "P2.02", "P2.01"]),
    ("sort=-due", ["P2.02", "P1.02", "P2.03", "P1.01", "P2.01"]),
    ("sort=updated", ["P2.03", "P1.01", "P2.01", "P2.02", "P1.02"]),
    ("sort=-updated", ["P1.02", "P1.01", "P2.01", "P2.02", "P2.03"]),
    # What no filter knows is nobody's business.
    ("utm_source=post", EVERY),
    # The last of a parameter that is asked for once counts.
    ("pillar=1&pillar=2", ["P2.01", "P2.02", "P2.03"]),
    ("status=kept&status=kept", ["P1.01"]),
]


# Many questions are asked of one record: laying it down takes longer than to ask.
@pytest.mark.usefixtures("many")
def test_each_filter_works_and_they_combine_on_the_page_and_in_the_files(read, rows):
    for query, codes in FOUND:
        page = read(f"/en/pledges/?{query}")
        assert page.codes == codes, query
        pledges = rows(f"/en/data/pledges.csv?{query}")
        assert [row[0] for row in pledges[1:]] == codes, query
        updates = rows(f"/en/data/updates.csv?{query}")
        assert {row[2] for row in updates[1:]} <= set(codes), query


REFUSED = [
    ("status", "nonsense"),
    ("status", "kept,stalled"),
    ("status", "%00"),
    ("status", "KEPT"),
    ("flag", "nonsense"),
    ("pillar", "9"),
    ("pillar", "9" * 5000),
    ("pillar", "one"),
    ("pillar", "%00"),
    ("sector", "nowhere"),
    ("sector", "1"),
    ("body", "nobody"),
    ("programme", "none"),
    ("due_after", "2024-13-01"),
    ("due_after", "0000-01-01"),
    ("due_after", "01/02/2024"),
    ("due_after", "99999999999-01-01"),
    ("due_before", "tomorrow"),
    ("due_before", "%00"),
    ("sort", "price"),
    ("q", "a" * 10_000),
    ("q", "%00"),
    ("as_of", "2024-02-30"),
    ("as_of", "0000-01-01"),
    ("as_of", "x" * 10_000),
    ("as_of", "9999-12-31"),
    ("as_of", "2026-11-24"),
    ("known_on", "2026-11-24"),
    ("known_on", "%00"),
]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("address", ["pledges/", "data/pledges.csv", "data/updates.csv"])
def test_what_is_invalid_is_refused_by_name(client, address):
    for (name, value), language in product(REFUSED, ("en", "zh-hans")):
        asked = f"/{language}/{address}?{name}={value}"
        response = client.get(asked)
        assert response.status_code == 400, asked[:80]
        page = Page(response.content.decode())
        assert name in page.texts("code"), asked[:80]
        assert page.all("div", role="alert")
        assert page.faults == []
        assert page.codes == []


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("address", ["pledges/", "data/pledges.csv"])
def test_a_null_in_a_name_is_refused(client, address):
    for name in ("sector", "body", "programme"):
        response = client.get(f"/en/{address}?{name}=%00")
        assert response.status_code == 400, name
        assert name in Page(response.content.decode()).texts("code")


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("address", ["pledges/", "data/pledges.csv", "data/updates.csv"])
def test_the_first_day_of_all_has_nothing_on_record(client, address):
    for day, flag in product(("as_of", "known_on"), ("", *Flag.values)):
        asked = f"/en/{address}?{day}=0001-01-01{flag and f'&flag={flag}'}"
        response = client.get(asked)
        assert response.status_code == 200, asked
        body = b"".join(response) if response.streaming else response.content
        assert b"P1.01" not in body, asked


@pytest.mark.usefixtures("many")
def test_a_field_says_what_is_wrong_with_it(read):
    page = read("/en/pledges/?due_after=x&status=nonsense", 400)
    (field,) = page.all("input", name="due_after", type="date")
    assert field["aria-invalid"] == "true"
    assert "This is no date. Write it as YYYY-MM-DD." in page.text
    assert "status" in page.texts("code")
    assert page.all("details", class_="fold filter-fold")[0].get("open") is not None


PAGES = ["999", "abc", "0", "-1", "1.5", "%00", "9" * 5000, "1;drop", " ", "9" * 21]


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("address", ["pledges/", "updates/"])
def test_a_page_that_is_not_there_is_not_found(read, address):
    for page in PAGES:
        read(f"/en/{address}?page={page}", 404)


def test_the_list_goes_on_page_by_page_and_keeps_the_query(world, read, rows):
    for number in range(1, 52):
        world.pledge(f"P1.{number:02}")
    first = read("/en/pledges/?q=pledge&sort=-code&as_of=2025-01-01&page=1")
    (following,) = [a["href"] for a in first.all("a", rel="next")]
    assert following == "?q=pledge&sort=-code&as_of=2025-01-01&page=2"
    assert first.all("a", rel="prev") == []
    second = read(f"/en/pledges/{following}")
    assert [a["href"][-1] for a in second.all("a", rel="prev")] == ["1"]
    third = read("/en/pledges/?q=pledge&sort=-code&as_of=2025-01-01&page=3")
    assert third.all("a", rel="next") == []
    codes = first.codes + second.codes + third.codes
    assert codes == [f"P1.{number:02}" for number in range(51, 0, -1)]
    assert [
        row[0]
        for row in rows("/en/data/pledges.csv?q=pledge&sort=-code&as_of=2025-01-01&page=3")[1:]
    ] == codes
    read("/en/pledges/?q=pledge&page=4", 404)


@pytest.mark.usefixtures("many")
def test_what_was_asked_for_is_shown_and_each_can_be_taken_back(read):
    query = (
        "q=%20apple%20&status=in_progress&status=stalled&pillar=2&sector=data&sort=title"
        "&due_after=2024-01-01&as_of=2026-11-01&body="
    )
    page = read(f"/en/pledges/?{query}")
    chips = {
        text.removeprefix("Take back: "): href
        for text, href in zip(
            [t for t in page.texts("a") if t.startswith("Take back: ")],
            [a["href"] for a in page.with_class("chip") if "chip-all" not in a["class"]],
            strict=True,
        )
    }
    assert list(chips) == [
        "Search: apple",
        "Pillar: 2. Second pillar",
        "Sector: Data",
        "Status: In progress",
        "Status: Stalled",
        "Due on or after: Jan. 1, 2024",
        "As it stood on: Nov. 1, 2026",
    ]
    assert "status=in_progress" not in chips["Status: In progress"]
    assert "status=stalled" in chips["Status: In progress"]
    assert "sort=title" in chips["Search: apple"]
    for label, address in chips.items():
        left = read(address)
        assert label not in [t.removeprefix("Take back: ") for t in left.texts("a")]
        assert len(left.with_class("chip")) == len(page.with_class("chip")) - 1
    assert read("/en/pledges/?status=kept").with_class("chip")[0]["href"] == "/en/pledges/"


@pytest.mark.usefixtures("many")
def test_the_form_shows_what_was_asked_for(read):
    page = read("/en/pledges/?q=apple&status=stalled&pillar=2&due_after=2024-01-01")
    assert page.all("input", name="q", type="search")[0]["value"] == "apple"
    checked = [a["value"] for a in page.all("input", name="status") if "checked" in a]
    assert checked == ["stalled"]
    assert [o["value"] for o in page.all("option") if "selected" in o and o["value"]] == ["2"]
    assert page.all("input", name="due_after", type="date")[0]["value"] == "2024-01-01"
    # One programme is no choice.
    assert page.all("select", name="programme") == []


@pytest.mark.usefixtures("many")
def test_an_empty_result_says_what_to_do(read):
    page = read("/en/pledges/?q=nothing")
    assert "0 pledges fit" in page.texts("h2")
    assert "Take one of the choices back" in page.text


@pytest.mark.usefixtures("many")
def test_what_a_reader_types_is_never_markup(read):
    attack = "<script>alert(1)</script>\"'><b>"
    page = read(f"/en/pledges/?q={attack.replace(' ', '+')}&x={attack}")
    assert all("src" in script for script in page.all("script"))
    assert page.all("b") == []
    assert escape(attack) in page.html
    assert page.faults == []
    assert attack not in read(f"/en/pledges/?status={attack}", 400).html
    assert read(f"/en/data/pledges.csv?status={attack}", 400).all("script") == []


@pytest.mark.usefixtures("many")
def test_what_a_reader_types_stays_one_value_in_every_address(read):
    typed = "P&status=kept#x?/../%2f+ 字\"'<"
    page = read(f"/en/pledges/?q={quote(typed, safe='')}")
    asked = [parse_qs(urlsplit(a).query) for a in page.links if "q=" in a]
    assert len(asked) >= 2
    assert {one["q"][0] for one in asked} == {typed}
    assert all(urlsplit(a).scheme in {"", "http", "https", "mailto"} for a in page.links)


@pytest.mark.usefixtures("many")
def test_the_files_take_the_query_of_the_page(read):
    page = read("/en/pledges/?status=kept&q=&page=1")
    files = [link for link in page.links if ".csv" in link]
    assert files == ["/en/data/pledges.csv?status=kept", "/en/data/updates.csv?status=kept"]


def test_the_filters_offer_only_what_public_pledges_have(client, world):
    hidden = world.pledge("P9.01", public=False)
    world.responsibility(hidden, world.body("secret-body"))
    hidden.sectors.add(world.sector("secret-sector"))
    world.pledge()
    page = client.get("/en/pledges/").content.decode().lower()
    assert "secret" not in page
    for asked in ("body=secret-body", "sector=secret-sector"):
        assert client.get(f"/en/pledges/?{asked}").status_code == 400
