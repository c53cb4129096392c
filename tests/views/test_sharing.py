"""What a page tells those who share its address, and programs that read data."""

import json
from datetime import date

import pytest

from tests.views.addresses import LANGUAGES, kinds
from tracker.vocabulary import Status

# How a page looks and what it says of itself does not depend on the database: one is enough.
pytestmark = pytest.mark.sqlite_only


def properties(page):
    return {a["property"]: a["content"] for a in page.all("meta") if "property" in a}


def linked(page):
    """The page's data for programs."""
    (text,) = page.texts("script")
    return json.loads(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_a_title_a_description_and_a_picture_worth_sharing(
    lingang, client, read, language
):
    said = []
    for address in [*kinds(language), f"/{language}/follow/"]:
        page = read(address)
        found = properties(page)
        assert found["og:url"] == f"http://testserver{address}"
        assert found["og:title"] == page.texts("title")[0].rpartition(" · ")[0]
        assert found["og:description"] == page.all("meta", name="description")[0]["content"]
        # Short enough to be shown whole, long enough to say something.
        assert 10 <= len(found["og:description"]) <= 300, found["og:description"]
        assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")
        assert found["og:image:alt"]
        assert client.get(found["og:image"])["Content-Type"] == "image/png"
        assert page.all("meta", name="twitter:card")[0]["content"] == "summary_large_image"
        locales = (found["og:locale"], found["og:locale:alternate"])
        assert locales == (("en_US", "zh_CN") if language == "en" else ("zh_CN", "en_US"))
        said.append((found["og:title"], found["og:description"]))
    assert len({title for title, _ in said}) == len({one for _, one in said}) == len(said)


def test_a_pledge_s_description_says_where_it_stands_and_since_when(world, read):
    pledge = world.pledge(title_en='A "quoted" & <title>')
    world.published(pledge, Status.KEPT, effective_on=date(2024, 5, 1))
    found = properties(read("/en/pledges/P1.01/"))
    assert found["og:title"] == 'P1.01 A "quoted" & <title>'
    assert found["og:description"].startswith(
        'P1.01, A "quoted" & <title>. Status: Kept, since May 1, 2024.'
    )
    assert found["og:image"] == "http://testserver/en/pledges/P1.01/card.png"
    assert found["og:image:alt"] == 'P1.01 A "quoted" & <title>: Kept'
    chinese = properties(read("/zh-hans/pledges/P1.01/"))
    assert "状态：已兑现，自2024年5月1日起。" in chinese["og:description"]
    past = properties(read("/en/pledges/P1.01/?as_of=2023-01-01"))
    assert past["og:image"].endswith("card.png?as_of=2023-01-01")
    assert "Status: Not yet rated." in past["og:description"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pledge_is_told_to_programs_as_what_it_is_and_no_more(world, read, language):
    attack = '</script><script>alert(1)</script>&"'
    pledge = world.pledge(title_en=attack, title_zh=attack, wording=attack)
    world.published(pledge, Status.KEPT, effective_on=date(2024, 5, 1))
    page = read(f"/{language}/pledges/P1.01/")
    assert len(page.all("script")) == 1
    data = linked(page)
    assert data["@context"] == "https://schema.org"
    graph = {one["@type"]: one for one in data["@graph"]}
    url = f"http://testserver/{language}/pledges/P1.01/"
    assert set(graph) == {"WebPage", "CreativeWork", "BreadcrumbList"}
    assert graph["WebPage"]["url"] == url
    assert graph["WebPage"]["inLanguage"] == language
    assert graph["WebPage"]["dateModified"] == "2026-11-23"
    assert graph["CreativeWork"]["text"] == attack
    assert graph["CreativeWork"]["datePublished"] == "2022-08-20"
    way = [step["item"] for step in graph["BreadcrumbList"]["itemListElement"]]
    start = f"http://testserver/{language}/"
    assert way == [start, f"{start}pledges/", url]
    # The past is for readers, not for search.
    assert read(f"/{language}/pledges/P1.01/?as_of=2024-06-01").all("script") == []


def test_the_data_page_tells_programs_of_each_download(lingang, client, read):
    data = linked(read("/en/data/"))
    assert data["@type"] == ["Dataset", "dcat:Dataset"]
    assert data["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    downloads = {download["@id"] for download in data["distribution"]}
    assert {found["@id"] for found in data["dcat:distribution"]} == downloads
    assert 50 <= len(data["description"]) <= 5000
    for download in data["distribution"]:
        assert download["encodingFormat"] == "text/csv"
        assert client.get(download["contentUrl"])["Content-Type"].startswith("text/csv")


def test_a_page_that_is_none_is_not_offered_for_sharing(db, read):
    assert properties(read("/en/nowhere/", 404)) == {}
