import gzip
from datetime import date

import pytest

from tracker.vocabulary import Status


@pytest.mark.parametrize(
    ("wanted", "address"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.5", "/zh-hans/"),
        ("en-GB,en;q=0.9", "/en/"),
        ("fr", "/en/"),
        ("", "/en/"),
    ],
)
def test_the_reader_s_browser_chooses_the_language(client, wanted, address):
    response = client.get("/", headers={"Accept-Language": wanted})
    assert response.status_code == 302
    assert response["Location"] == address
    assert "Accept-Language" in response["Vary"]


@pytest.mark.django_db
def test_the_policy_lets_nothing_in_from_elsewhere(client):
    policy = client.get("/en/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_an_empty_record_has_a_home_page_all_the_same(read):
    page = read("/en/")
    assert "Where the 0 pledges stand" in page.texts("h2")
    assert "There is no entry yet." in page.text
    assert page.faults == []


def test_each_number_leads_to_a_list_of_as_many(lingang, read):
    home = read("/en/")
    counted = [a for a in home.links if "status=" in a or "flag=" in a]
    assert len(counted) > 9
    texts = dict(zip([a["href"] for a in home.all("a")], home.texts("a"), strict=True))
    for address in counted:
        number = int(texts[address].split()[0])
        assert len(read(address).codes) == number, address


def test_each_group_leads_to_a_page_of_as_many(lingang, read):
    home = read("/en/")
    texts = dict(zip([a["href"] for a in home.all("a")], home.texts("a"), strict=True))
    groups = [a for a in texts if "/sectors/" in a or "/bodies/" in a]
    assert len(groups) == 39
    for address in groups:
        number = texts[address].rpartition(", ")[2]
        assert number in read(address).texts("h2")


def test_the_programme_stands_there_with_its_source(lingang, read):
    page = read("/en/")
    assert "Industry and digital programme for Lingang New Area, 2022" in page.texts("h2")
    assert "Announced on Aug. 20, 2022" in page.text
    assert "/en/sources/press-conference-2022-08-20/" in page.links


def test_progress_of_a_pillar_says_how_many_have_a_figure(world, read):
    world.published(world.pledge("P1.01"), reported_progress=40)
    world.published(world.pledge("P1.02"), reported_progress=81)
    world.pledge("P1.03")
    page = read("/en/")
    assert "Progress 61% 2 of 3 have a figure" in page.text
    assert "/en/pillars/1/#progress" in page.links
    assert "2 of 3 pledges have a progress figure." in read("/en/pillars/1/").text


def test_the_home_page_of_a_past_day_has_that_day_s_figures(world, read):
    pledge = world.pledge()
    world.published(pledge, Status.IN_PROGRESS, effective_on=date(2023, 1, 1))
    world.published(pledge, Status.STALLED, effective_on=date(2024, 1, 1))
    now, then, before = (
        read(f"/en/{query}") for query in ("", "?as_of=2023-06-01", "?as_of=2022-08-19")
    )
    assert "pledge: Stalled" in now.text
    assert "pledge: In progress" in then.text
    assert "You are reading the record as it stood on June 1, 2023." in then.text
    assert "Where the 0 pledges stand" in before.texts("h2")
    (back,) = [a["href"] for a in then.all("a", href="/en/")[-1:]]
    assert read(back).with_class("asof") == []


def test_what_is_known_on_a_day_is_asked_apart(world, read):
    world.pledge()
    page = read("/en/?known_on=2026-11-22")
    assert "You are reading the record as it had been published by Nov. 22, 2026." in page.text
    assert "Where the 0 pledges stand" in page.texts("h2")
    page = read("/en/?as_of=2024-01-01&known_on=2026-11-22")
    assert "as it stood on Jan. 1, 2024, as far as it had been published by Nov. 22" in page.text
    # Today named is today.
    assert read("/en/?as_of=2026-11-23").with_class("asof") == []


def test_what_changed_lately_says_from_what_to_what(world, read):
    pledge = world.pledge()
    first = world.published(pledge, Status.IN_PROGRESS, effective_on=date(2023, 1, 1))
    world.published(pledge, Status.KEPT, effective_on=date(2024, 1, 1))
    # The last published one takes effect between the two.
    world.published(pledge, Status.IN_PROGRESS, effective_on=date(2023, 6, 1))
    articles = read("/en/").texts("article")
    changes = [text.partition(" In effect from ")[0::2] for text in articles if "In effect" in text]
    assert [(change, on.partition(" P1.01")[0]) for change, on in changes] == [
        ("In progress", "June 1, 2023"),
        ("In progress →then Kept", "Jan. 1, 2024"),
        ("Not yet rated →then In progress", "Jan. 1, 2023"),
    ]
    # What is corrected was no change.
    world.correction(first, Status.STALLED)
    articles = [text for text in read("/en/").texts("article") if "In effect" in text]
    assert articles[0].startswith("Not yet rated →then Stalled In effect from Jan. 1, 2023 · corr")
    assert articles[1].startswith("Stalled →then In progress In effect from June 1, 2023")
    assert articles[3].startswith("In progress In effect from Jan. 1, 2023 · corrected by entry 4")
    assert "→then" not in articles[3]


def test_what_is_late_is_named_the_longest_first(world, read):
    for number in range(1, 8):
        world.pledge(
            f"P1.{number:02}",
            original_due_on=date(2030 - number, 1, 31),
            original_due_precision="day",
        )
    world.pledge("P1.09")
    page = read("/en/")
    late = page.text.partition("What is late")[2].partition("How fresh")[0]
    assert late.split()[0] == "P1.07"
    assert "P1.04 Pledge P1.04 Due: Jan. 31, 2026" in late
    assert "P1.03" not in late
    assert "7 of 8 have one." in late
    assert "/en/pledges/?flag=late" in page.links
    none = read("/en/?as_of=2022-12-31").text
    assert "No pledge is late." in none


def test_how_fresh_the_record_is(world, read):
    world.published(world.pledge("P1.01"), effective_on=date(2026, 10, 1))
    world.published(world.pledge("P1.02"), effective_on=date(2026, 8, 25))
    world.published(world.pledge("P1.03"), effective_on=date(2026, 8, 24))
    world.pledge("P1.04")
    text = read("/en/").text
    assert "The latest entry holds from Oct. 1, 2026" in text
    assert "The last one was published on Nov. 23, 2026" in text
    assert "Pledges with an entry from the last 90 days 2 of 4" in text
    assert "last 90 days 0 of 4" not in read("/en/?as_of=2026-10-02").text
    assert "The latest entry holds from Aug. 24, 2026" in read("/en/?as_of=2026-08-24").text
    assert "There is no entry yet." in read("/en/?as_of=2023-01-01").text


def test_pages_and_files_come_compressed_for_who_takes_them_so(client, world):
    world.pledge()
    for address in ("/en/", "/en/data/pledges.csv"):
        plain = client.get(address).getvalue()
        packed = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert packed["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed["Vary"]
        assert gzip.decompress(packed.getvalue()) == plain
