"""What programs find that read the whole site."""

from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest

from tests.views.addresses import LANGUAGES, no_public_pledges, pages

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"


def parsed(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    return ElementTree.fromstring(response.content)


def all_addresses(client):
    """Each address of the sitemaps, with its element."""
    index = parsed(client, "/sitemap.xml")
    found = {}
    for section in index.iter(f"{SITEMAP}loc"):
        for one in parsed(client, section.text.removeprefix("http://testserver")):
            address = one.findtext(f"{SITEMAP}loc")
            assert address not in found
            found[address] = one
    return found


def test_every_public_page_is_there_in_both_languages_and_nothing_else(lingang, client):
    wanted = {
        f"http://testserver{address}"
        for language in LANGUAGES
        for address in set(pages(language)) - no_public_pledges(language)
        # A form for readers, and nothing to be found by search.
        if not address.endswith("/feedback/")
    }
    found = all_addresses(client)
    assert set(found) == wanted
    for address, element in found.items():
        links = {link.get("hreflang"): link.get("href") for link in element.iter(LINK)}
        assert set(links) == set(LANGUAGES)
        assert address in links.values()
        assert set(links.values()) <= wanted


def test_a_pledge_says_when_its_record_last_grew(world, client):
    pledge = world.pledge()
    (first, _zh) = parsed(client, "/sitemap-pledges.xml")
    assert first.findtext(f"{SITEMAP}lastmod") == "2026-11-23"
    world.at = world.later(days=-2)
    world.published(pledge)
    (first, _zh) = parsed(client, "/sitemap-pledges.xml")
    assert first.findtext(f"{SITEMAP}lastmod") == "2026-11-21"


def test_what_is_not_public_is_not_there(world, client):
    private = world.pledge("X9.99", public=False)
    world.responsibility(private, world.body("secretive"))
    private.sectors.add(world.sector("hidden"))
    found = " ".join(all_addresses(client))
    for trace in ("X9.99", "secretive", "hidden", "pillars/1"):
        assert trace not in found


def test_a_long_sitemap_goes_on_in_further_files(world, client, monkeypatch):
    monkeypatch.setattr("tracker.views.sitemaps.PageSitemap.limit", 2)
    for number in range(1, 4):
        world.pledge(f"P1.0{number}")
    assert len([a for a in all_addresses(client) if "/pledges/P1" in a]) == 6
    assert client.get("/sitemap-pledges.xml?p=4").status_code == 404
    assert client.get("/sitemap-nothing.xml").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_sitemap_asks_as_much_for_many_pledges_as_for_few(
    world, client, django_assert_num_queries
):
    for number in range(1, 5):
        world.published(world.pledge(f"P1.0{number}"))
    client.get("/sitemap.xml")  # What is kept for all pages is read once.
    with django_assert_num_queries(3):
        client.get("/sitemap-pledges.xml")


def test_robots_may_read_the_pages_and_not_the_endless_rest(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    text = response.content.decode()
    assert "Sitemap: http://testserver/sitemap.xml" in text
    robots = RobotFileParser()
    robots.parse(text.splitlines())
    assert not robots.can_fetch("*", "/admin/")
    for address in ("/", "/en/", "/en/pledges/", "/en/pledges/P2.01/", "/en/follow/"):
        assert robots.can_fetch("*", address)
    for line in ("/*?*as_of=", "/*?*known_on=", "/*/follow/*/", "/*?*&"):
        assert f"Disallow: {line}\n" in text


def test_an_address_says_which_one_counts(world, read):
    for number in range(1, 28):
        world.pledge(f"P1.{number:02}")

    def canonical(address):
        page = read(f"/zh-hans/{address}")
        (link,) = page.all("link", rel="canonical")
        robots = [a["content"] for a in page.all("meta", name="robots")]
        return link["href"].removeprefix("http://testserver/zh-hans/"), robots

    assert canonical("pledges/P1.01/pledge-p101/")[0] == "pledges/P1.01/"
    assert canonical("pledges/?page=2") == ("pledges/?page=2", [])
    assert canonical("pledges/?status=not_rated") == ("pledges/?status=not_rated", [])
    # What no page asks for makes no other page, and nor does a field left empty.
    for page, known in (
        ("pledges/", "q=road"),
        ("changes/", "from=2023-01-01&to=2024-01-01"),
        ("updates/", "as_of=2024-01-01"),
        ("corrections/", "as_of=2024-01-01"),
    ):
        assert canonical(f"{page}?utm_source=news&{known}&body=&fbclid=1")[0] == f"{page}?{known}"
    other = read("/en/pledges/?utm_source=news&q=a%26b").all("link", hreflang="zh-hans")[0]
    assert other["href"] == "http://testserver/zh-hans/pledges/?q=a%26b"
    past = canonical("pledges/P1.01/?as_of=2024-01-01")
    assert past == ("pledges/P1.01/?as_of=2024-01-01", ["noindex"])
    assert canonical("pledges/?as_of=2024-01-01")[1] == ["noindex"]
