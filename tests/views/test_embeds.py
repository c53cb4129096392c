"""Cards for other sites: they may be framed, and nothing else of the site may."""

from datetime import date

import pytest

from tests.views.addresses import LANGUAGES, kinds
from tracker.vocabulary import Status

# How a page looks and what it says of itself does not depend on the database: one is enough.
pytestmark = pytest.mark.sqlite_only

CARDS = ("embed/pledges/P2.01/", "embed/pillars/1/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_may_be_framed_and_keeps_nothing_of_who_looks(lingang, client, read, language):
    for card in CARDS:
        response = client.get(f"/{language}/{card}")
        policy = dict(
            part.split(None, 1) for part in response["Content-Security-Policy"].split("; ")
        )
        assert policy["frame-ancestors"] == "*"
        assert policy["form-action"] == "'none'"
        assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
        assert "X-Frame-Options" not in response
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        page = read(f"/{language}/{card}")
        assert page.faults == []
        assert page.language == language
        assert page.all("script") == page.all("style") == page.all("form") == []
        assert len(page.texts("h1")) == 1
        # Each link leaves the frame, to this site.
        assert all(a["target"] == "_top" and a["rel"] == "noopener" for a in page.all("a"))
        assert (
            client.get(
                f"/{language}/{card}", headers={"If-None-Match": response["ETag"]}
            ).status_code
            == 304
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_other_page_may_be_framed(lingang, client, language):
    for address in [*kinds(language), f"/{language}/follow/", f"/{language}/nowhere/"]:
        response = client.get(address)
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert response["X-Frame-Options"] == "DENY"


def test_a_card_says_where_the_pledge_stands_and_on_which_day(world, read):
    pledge = world.pledge()
    world.published(pledge, effective_on=date(2023, 1, 1))
    world.published(pledge, Status.KEPT, effective_on=date(2024, 5, 1))
    now = read("/en/embed/pledges/P1.01/")
    assert "P1.01 Pledge P1.01" in now.text
    assert "Kept since May 1, 2024" in now.text
    assert "As of Nov. 23, 2026" in now.text
    assert now.links[0] == "/en/pledges/P1.01/"
    past = read("/zh-hans/embed/pledges/P1.01/?as_of=2023-06-01")
    assert "推进中 自2023年1月1日起" in past.text
    assert "截至2023年6月1日" in past.text
    assert all("as_of=2023-06-01" in link for link in past.links)
    assert "no entry yet" in read("/en/embed/pledges/P1.01/?as_of=2022-12-31").text
    pillar = read("/en/embed/pillars/1/?as_of=2023-06-01")
    assert "1 pledge" in pillar.text
    assert "In progress 1" in pillar.text
    for address in ("pledges/P9.99/", "pillars/9/"):
        read(f"/en/embed/{address}", 404)
    assert "cannot be shown" in read("/en/embed/pledges/P1.01/?as_of=2999-01-01", 400).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_to_copy_are_an_iframe_of_that_card(world, client, read, language):
    world.pledge(title_en='"Quoted" <title>', title_zh='"Quoted" <title>')
    for about, height in (("pledges/P1.01", "180"), ("pillars/1", "220")):
        for query in ("", "as_of=2024-01-01"):
            page = read(f"/{language}/{about}/?{query}")
            (lines,) = page.texts("textarea")
            copied = type(page)(lines)
            (frame,) = copied.all("iframe")
            assert copied.faults == []
            assert frame["src"].startswith(f"http://testserver/{language}/embed/{about}/")
            assert query in frame["src"]
            assert frame["title"]
            assert (frame["width"], frame["height"]) == ("480", height)
            assert client.get(frame["src"]).status_code == 200
            assert all("readonly" in area for area in page.all("textarea"))
