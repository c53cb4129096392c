"""What holds of every public page, on the Lingang record."""

from itertools import pairwise, product
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from tests.views.addresses import LANGUAGES, files, kinds, pages
from tests.views.markup import Page
from tracker.models import Body, Pledge

# How a page looks and what it says of itself does not depend on the database: one is enough.
pytestmark = [pytest.mark.usefixtures("lingang"), pytest.mark.sqlite_only]


def faults_of(page, language):
    """Everything that no public page may show, as sentences."""
    levels = [int(tag[1]) for tag, _ in page.tags if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}]
    landmarks = [a for tag, a in page.tags if tag in {"nav", "aside"}]
    inputs = [a for tag, a in page.tags if tag in {"input", "select"} and a.get("type") != "hidden"]
    labelled = {label.get("for") for label in page.all("label")}
    rules = {
        "its language is another": page.language == language,
        "it has not just one first heading": levels.count(1) == 1,
        "its headings jump": all(b <= a + 1 for a, b in pairwise(levels)),
        "it has no title": page.texts("title")[0].partition(" · ")[0],
        "it has no description": page.all("meta", name="description")[0]["content"],
        "a landmark has no name": all(
            "aria-label" in a or "aria-labelledby" in a for a in landmarks
        ),
        "an input has no label": all(a.get("id") in labelled for a in inputs),
        "a link leads nowhere": all(page.links),
    }
    return [
        *page.faults,
        *(fault for fault, holds in rules.items() if not holds),
        *(fault for tag, a in page.tags for fault in _faults_of_tag(page, tag, a)),
    ]


def _faults_of_tag(page, tag, attributes):
    # What is said in JSON for programs is data: no browser runs it.
    is_data = attributes.get("type") == "application/ld+json"
    if tag in {"style", "iframe", "object"}:
        yield f"it has a <{tag}>"
    if tag == "script" and not (is_data or ("src" in attributes and "defer" in attributes)):
        yield "it has a script that is not a file, or that the page waits for"
    for name, value in attributes.items():
        if name == "style" or name.startswith("on"):
            yield f"<{tag}> has the attribute {name}"
        asks = name == "src" or (name == "href" and tag in {"link", "use"})
        if asks and urlsplit(value).netloc not in ("", "testserver"):
            yield f"<{tag}> asks {value}"
        if name in {"aria-labelledby", "aria-describedby", "for"}:
            for one in set(value.split()) - set(page.ids):
                yield f"{name} points to #{one}, which is not there"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_answers_and_its_markup_holds(read, language):
    wrong = {}
    for address in pages(language):
        page = read(address)
        found = faults_of(page, language)
        (canonical,) = page.all("link", rel="canonical")
        if canonical["href"] != f"http://testserver{address}":
            found.append(f"its canonical address is {canonical['href']}")
        alternates = [a for a in page.all("link", rel="alternate") if "hreflang" in a]
        others = {a["hreflang"]: a["href"] for a in alternates}
        here = address.removeprefix(f"/{language}/")
        if others != {
            "en": f"http://testserver/en/{here}",
            "zh-hans": f"http://testserver/zh-hans/{here}",
            "x-default": f"http://testserver/en/{here}",
        }:
            found.append(f"its alternates are {others}")
        if found:
            wrong[address] = found
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_answers(client, language):
    for address in files(language):
        response = client.get(address)
        assert response.status_code == 200
        assert response.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_each_pledge_has_its_code_and_its_exact_wording(client, language):
    pledges = list(Pledge.objects.all())
    assert len(pledges) == 25
    for pledge in pledges:
        page = Page(client.get(f"/{language}/pledges/{pledge.code}/").content.decode())
        assert pledge.wording in page.texts("blockquote")[0]
        assert page.all("blockquote")[0]["lang"] == pledge.wording_language
        assert pledge.code in page.text
        title = pledge.title_zh if language == "zh-hans" else pledge.title_en
        assert page.texts("h1") == [title]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_somewhere(client, language):
    start = f"/{language}/"
    waiting, ids_of, marks, broken = [start], {start: set()}, set(), []
    while waiting:
        address = waiting.pop()
        if "?" in address and language != "en":
            continue  # Where questions lead does not hang on the language: once is enough.
        response = client.get(address)
        if response.status_code != 200:
            broken.append((address, response.status_code))
        if response.streaming:
            continue
        page = Page(response.content.decode())
        ids_of[address] = set(page.ids)
        # From a narrowed list every other can be reached: one step into them is enough.
        if "?" in address:
            continue
        for target, mark in internal(page, address, language):
            if mark:
                marks.add((address, target, mark))
            if target not in ids_of:
                ids_of[target] = set()
                waiting.append(target)
    assert broken == []
    assert set(pages(language)) <= set(ids_of) | no_pledges(language)
    # The place on the page is there as well.
    assert [m for m in marks if m[2] not in ids_of[m[1]]] == []


def internal(page, address, language):
    """The page's links to this site in its own language, each with the place on the page."""
    for link in page.links:
        target, mark = urldefrag(urljoin(f"http://testserver{address}", link))
        parts = urlsplit(target)
        if parts.netloc == "testserver" and parts.path.startswith(f"/{language}/"):
            yield parts.path + (f"?{parts.query}" if parts.query else ""), mark


def no_pledges(language):
    """The pages of bodies that the source names and no pledge does: nothing leads to them."""
    bodies = Body.objects.exclude(responsibilities__isnull=False)
    return {f"/{language}/bodies/{body.slug}/" for body in bodies}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_as_of_a_day_says_so_and_its_links_keep_the_day(read, language):
    for address in kinds(language):
        page = read(f"{address}?as_of=2024-01-01")
        assert len(page.with_class("asof")) == 1
        assert page.faults == []
        without = {t for t, _ in internal(page, address, language) if "as_of=2024-01-01" not in t}
        # One link leads back to today; on the list the chips take the day back too.
        assert without == {address}
        today = read(address)
        assert today.with_class("asof") == []
        assert page.text != today.text or address.endswith("/data/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_lets_a_day_be_chosen_and_keeps_what_else_was_asked(read, language):
    addresses = [*kinds(language), f"/{language}/pledges/X9.99/"]
    for address in addresses:
        status = 404 if "X9.99" in address else 200
        page = read(f"{address}?as_of=2024-01-01&page=1&status=kept&status=stalled&q=", status)
        (day,) = page.all("input", id="asof-day")
        assert (day["name"], day["type"]) == ("as_of", "date")
        assert (day["value"], day["max"]) == ("2024-01-01", "2026-11-23")
        (form,) = [a for a in page.all("form") if "asof-picker" in a.get("class", "")]
        assert form == {"class": "wrap asof-picker", "method": "get", "action": address}
        kept = [(a["name"], a["value"]) for a in page.all("input", type="hidden")]
        assert kept[:2] == [("status", "kept"), ("status", "stalled")]
        today = read(address, status)
        assert today.all("input", id="asof-day")[0]["value"] == "2026-11-23"
        assert today.faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_day_that_is_none_or_yet_to_come_is_refused_by_name(read, language):
    asked = product(kinds(language), ["as_of=2026-11-24", "known_on=2999-01-01", "as_of=x"])
    for address, query in asked:
        page = read(f"{address}?{query}", 400)
        assert page.all("div", role="alert")
        assert query.partition("=")[0] in page.texts("code")
        assert page.with_class("asof") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_switch_keeps_the_page_and_the_query(read, language):
    other = {"en": "zh-hans", "zh-hans": "en"}[language]
    for address in kinds(language):
        query = "?as_of=2024-01-01&page=1"
        page = read(f"{address}{query}")
        switch, here = _switch(page, other), _switch(page, language)
        assert switch["href"] == f"/{other}/{address.removeprefix(f'/{language}/')}{query}"
        assert read(switch["href"]).language == other
        assert here["aria-current"] == "true"


def _switch(page, language):
    (switch,) = [a for a in page.all("a", hreflang=language) if "rel" not in a]
    return switch
