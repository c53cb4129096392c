"""Atom feeds, as a feed reader takes them."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest

from tests.views.addresses import LANGUAGES
from tracker.models import Update
from tracker.vocabulary import Status

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def feed_of(client, address):
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def entries(feed):
    return feed.findall(f"{ATOM}entry")


def titles(feed):
    return [entry.findtext(f"{ATOM}title") for entry in entries(feed)]


def links(element):
    return {link.get("rel"): link.get("href") for link in element.findall(f"{ATOM}link")}


ABOUT = ["updates", "pledges/P2.01", "pillars/1", "bodies/sheitc", "sectors/hydrogen"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_feed_has_all_that_rfc_4287_asks_for(lingang, client, language):
    for about in ABOUT:
        holds_what_rfc_4287_asks_for(client, language, about)


def holds_what_rfc_4287_asks_for(client, language, about):
    address = f"/{language}/{about}/feed/"
    feed = feed_of(client, address)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get(LANG) == language
    assert links(feed)["self"] == f"http://testserver{address}"
    assert links(feed)["alternate"] == f"http://testserver/{language}/{about}/"
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert feed.findtext(f"{ATOM}title")
    assert entries(feed)
    for element in (feed, *entries(feed)):
        assert element.findtext(f"{ATOM}id").startswith("urn:uuid:")
        assert datetime.fromisoformat(element.findtext(f"{ATOM}updated")).tzinfo
    ids = [entry.findtext(f"{ATOM}id") for entry in entries(feed)]
    assert len(set(ids)) == len(ids)
    for entry in entries(feed):
        assert links(entry)["alternate"].startswith(f"http://testserver/{language}/pledges/")
        assert entry.find(f"{ATOM}content").get("type") == "html"


def test_an_entry_says_which_step_it_was_and_what_it_rests_on(world, client):
    pledge = world.pledge()
    world.published(pledge, effective_on=date(2023, 1, 1))
    kept = world.published(pledge, Status.KEPT, effective_on=date(2024, 1, 1), evidence=2)
    feed = feed_of(client, "/en/updates/feed/")
    assert titles(feed) == [
        "P1.01 Pledge P1.01: In progress → Kept",
        "P1.01 Pledge P1.01: Not yet rated → In progress",
    ]
    newest = entries(feed)[0]
    assert newest.findtext(f"{ATOM}id") == f"urn:uuid:{kept.uid}"
    assert newest.findtext(f"{ATOM}updated") == "2026-11-23T04:00:00+00:00"
    content = newest.findtext(f"{ATOM}content")
    assert "Work went on." in content
    assert "2 pieces of evidence" in content
    assert 'href="https://example.org/document"' in content
    chinese = feed_of(client, "/zh-hans/updates/feed/")
    assert titles(chinese)[0] == "P1.01 承诺P1.01：推进中 → 已兑现"
    assert "工作在推进。" in entries(chinese)[0].findtext(f"{ATOM}content")


def test_a_correction_names_what_it_corrects_and_what_was_told_before_stays(world, client):
    entry = world.published(world.pledge())
    before = entries(feed_of(client, "/en/pledges/P1.01/feed/"))[0]
    world.correction(entry, Status.STALLED, at=world.later(minutes=1))
    feed = feed_of(client, "/en/pledges/P1.01/feed/")
    assert titles(feed)[0] == "P1.01 Pledge P1.01: correction of entry 1: In progress → Stalled"
    assert "Corrects entry 1." in entries(feed)[0].findtext(f"{ATOM}content")
    assert "A slip." in entries(feed)[0].findtext(f"{ATOM}content")
    # An entry never changes, and so neither does what was told of it.
    assert ElementTree.tostring(entries(feed)[1]) == ElementTree.tostring(before)


def test_an_entry_of_an_earlier_day_is_no_step(world, client):
    pledge = world.pledge()
    world.published(pledge, Status.KEPT, effective_on=date(2024, 1, 1))
    world.published(pledge, Status.STALLED, effective_on=date(2023, 1, 1))
    feed = feed_of(client, "/en/updates/feed/")
    assert titles(feed)[0] == "P1.01 Pledge P1.01: Stalled"


def test_each_feed_has_what_it_is_about_and_nothing_else(world, client):
    first, second = world.pledge("P1.01"), world.pledge("P1.02", pillar=None)
    world.responsibility(first, world.body())
    second.sectors.add(world.sector())
    world.published(first)
    world.published(second)

    def codes(about):
        return [title.split()[0] for title in titles(feed_of(client, f"/en/{about}/feed/"))]

    assert codes("updates") == ["P1.02", "P1.01"]
    assert codes("pledges/P1.02") == ["P1.02"]
    assert codes("pillars/1") == ["P1.01"]
    assert codes("bodies/ministry") == ["P1.01"]
    assert codes("sectors/hydrogen") == ["P1.02"]
    for nowhere in ("pledges/P9.99", "pillars/9", "bodies/none", "sectors/none"):
        assert client.get(f"/en/{nowhere}/feed/").status_code == 404
    assert client.get("/en/pillars/1/feed/?programme=none").status_code == 404


def test_what_no_xml_can_hold_does_not_break_a_feed(world, client):
    nasty = "a\x0bb\x1f<b>&amp;</b>]]> \U0001f600"
    pledge = world.pledge(title_en=nasty)
    world.published(pledge, narrative_en=nasty)
    feed = feed_of(client, "/en/updates/feed/")
    assert "a\ufffdb\ufffd<b>" in titles(feed)[0]
    content = entries(feed)[0].findtext(f"{ATOM}content")
    assert "a\ufffdb\ufffd&lt;b&gt;&amp;amp;&lt;/b&gt;" in content
    assert "\U0001f600" in content


def test_who_has_it_already_is_told_so(world, client):
    pledge = world.pledge()
    world.published(pledge)
    first = client.get("/en/updates/feed/")
    assert first["Last-Modified"] == "Mon, 23 Nov 2026 04:00:00 GMT"
    by_tag = client.get("/en/updates/feed/", headers={"If-None-Match": first["ETag"]})
    by_day = client.get("/en/updates/feed/", headers={"If-Modified-Since": first["Last-Modified"]})
    assert (by_tag.status_code, by_day.status_code) == (304, 304)
    assert by_tag.content == b""
    world.published(pledge, effective_on=date(2024, 1, 1), at=world.later(minutes=5))
    for asked in ({"If-None-Match": first["ETag"]}, {"If-Modified-Since": first["Last-Modified"]}):
        assert client.get("/en/updates/feed/", headers=asked).status_code == 200
    assert client.post("/en/updates/feed/").status_code == 405


def test_a_feed_without_entries_is_one_and_stays_the_same(world, client):
    world.pledge()
    first = client.get("/en/pledges/P1.01/feed/")
    feed = ElementTree.fromstring(first.content)
    assert entries(feed) == []
    assert feed.findtext(f"{ATOM}updated") == datetime(1970, 1, 1, tzinfo=UTC).isoformat()
    assert client.get("/en/pledges/P1.01/feed/")["ETag"] == first["ETag"]


def test_older_entries_are_on_further_pages_that_lead_to_one_another(world, client, monkeypatch):
    monkeypatch.setattr("tracker.views.feeds.PAGE_SIZE", 2)
    pledge = world.pledge()
    for day in range(1, 6):
        world.published(pledge, effective_on=date(2023, 1, day))
    numbers, address = [], "http://testserver/en/updates/feed/"
    while address:
        feed = feed_of(client, address.removeprefix("http://testserver"))
        assert links(feed)["self"] == address
        numbers += [links(entry)["alternate"].rpartition("-")[2] for entry in entries(feed)]
        address = links(feed).get("next")
    assert numbers == ["5", "4", "3", "2", "1"]
    assert links(feed)["previous"] == "http://testserver/en/updates/feed/?page=2"
    assert links(feed)["last"] == "http://testserver/en/updates/feed/?page=3"
    for wrong in ("4", "0", "x"):
        assert client.get(f"/en/updates/feed/?page={wrong}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_feed_asks_as_much_for_many_entries_as_for_few(
    world, client, django_assert_max_num_queries
):
    for number in range(1, 4):
        entry = world.published(world.pledge(f"P1.0{number}"))
        world.correction(entry, Status.STALLED)
    assert Update.objects.published().count() == 6
    client.get("/en/updates/")  # What is kept for all pages is read once.
    with django_assert_max_num_queries(9):
        client.get("/en/updates/feed/")


def test_pages_lead_feed_readers_to_their_feed(lingang, read):
    expected = {
        "": ["updates"],
        "updates/": ["updates"],
        "pledges/P2.01/": ["pledges/P2.01", "updates"],
        "pillars/1/": ["pillars/1", "updates"],
        "bodies/sheitc/": ["bodies/sheitc", "updates"],
        "sectors/hydrogen/": ["sectors/hydrogen", "updates"],
    }
    for address, feeds in expected.items():
        page = read(f"/en/{address}")
        found = [a["href"] for a in page.all("link", type="application/atom+xml")]
        assert [one.partition("?")[0] for one in found] == [
            f"http://testserver/en/{about}/feed/" for about in feeds
        ]
        # What is read of the past does not go on.
        assert (
            read(f"/en/{address}?as_of=2024-01-01").all("link", type="application/atom+xml") == []
        )
