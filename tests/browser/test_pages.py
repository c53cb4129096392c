"""Every kind of public page, looked at by a browser: axe, width, requests, both colour schemes."""

import re
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.browser.looking import faults

# What a browser makes of a page does not depend on the database: one is enough.
pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

PAGES = [
    "",
    "pledges/",
    "pledges/?status=in_progress&q=data",
    "pledges/?status=nonsense",
    "pledges/?q=autonomous+driving&as_of=2025-12-31",
    "pledges/P2.01/",
    "pledges/P3.03/",
    "pledges/P2.01/?as_of=2023-01-01",
    "pillars/1/",
    "bodies/sheitc/",
    "sectors/artificial-intelligence/",
    "updates/",
    "sources/press-conference-2022-08-20/",
    "sources/press-conference-2022-08-20/?show=pledges",
    "changes/?from=2022-08-20&to=2026-11-20&known_on=2026-11-23",
    "changes/?from=2999-01-01",
    "corrections/",
    "method/",
    "accessibility/",
    "pledges/P2.01/feedback/",
    "components/",
    "data/",
    "data/period/?from=2022-12-31&to=2025-12-31&known_on=2026-11-24",
    "periods/",
    "follow/?pledge=P2.01",
    "follow/asked/",
    "embed/pledges/P2.01/",
    "embed/pillars/1/",
    "nowhere/",
]


#: What is on any page is on one of these: the gallery has each component.
IN_THE_DARK = [
    "",
    "pledges/?q=autonomous+driving&as_of=2025-12-31",
    "pledges/?status=nonsense",
    "pledges/P2.01/",
    "bodies/sheitc/",
    "updates/",
    "sources/press-conference-2022-08-20/?show=pledges",
    "changes/?from=2022-08-20&to=2026-11-20&known_on=2026-11-23",
    "method/",
    "components/",
    "data/",
    "data/period/?from=2022-12-31&to=2025-12-31&known_on=2026-11-24",
    "follow/?pledge=P2.01",
]


# Colours hang on the scheme, words on the language: two passes see each of them.
@pytest.mark.parametrize(
    ("language", "scheme", "addresses"),
    [("en", "light", PAGES), ("zh-hans", "dark", IN_THE_DARK)],
    ids=["en-light", "zh-hans-dark"],
)
def test_no_page_has_a_fault_that_axe_finds(visitor, language, scheme, addresses):
    # Axe itself is injected, which the site's policy would refuse.
    reader = visitor(color_scheme=scheme, bypass_csp=True, viewport={"width": 1280, "height": 900})
    found = []
    for address in addresses:
        reader.page.goto(f"/{language}/{address}")
        found += faults(reader.page)
    assert found == []


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_scrolls_sideways_or_complains(visitor, language):
    reader = visitor(viewport={"width": 320, "height": 640})
    wide = []
    for address in PAGES:
        reader.page.goto(f"/{language}/{address}")
        # What is folded away counts too.
        width = reader.page.evaluate(
            "document.querySelectorAll('details').forEach(fold => fold.open = true);"
            "document.documentElement.scrollWidth"
        )
        if width > 320:
            wide.append((address, width))
    assert wide == []
    assert reader.hosts == {reader.page.url.split("/")[2]}
    # The browser itself reports answers of 400 and 404: those pages are among the list.
    assert [c for c in reader.complaints if "status of 40" not in c] == []


def test_the_managers_reports_have_no_serious_fault(visitor):
    manager = visitor(bypass_csp=True, viewport={"width": 1280, "height": 900}).sign_in("manager")
    for report in ("changes", "attention"):
        manager.page.goto(f"/admin/reports/?report={report}")
        assert faults(manager.page, are_grave=True) == []
    narrow = visitor(viewport={"width": 320, "height": 640}).sign_in("manager")
    narrow.page.goto("/admin/reports/?report=pledges")
    assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_period_comes_on_sheets_of_a4(visitor):
    """In full: no table is cut at the edge of the sheet."""
    reader = visitor(viewport={"width": 1280, "height": 900})
    reader.page.goto("/zh-hans/data/period/?from=2022-12-31&to=2025-12-31&known_on=2026-11-24")
    pdf = reader.page.pdf(prefer_css_page_size=True)
    sizes = set(re.findall(rb"/MediaBox ?\[([^\]]+)\]", pdf))
    assert len(sizes) == 1
    width, height = (round(float(n)) for n in sizes.pop().split()[2:])
    assert (width, height) == (595, 842)
    reader.page.emulate_media(media="print")
    # The width of the sheet less its margins, at 96 dots an inch.
    reader.page.set_viewport_size({"width": round(180 / 25.4 * 96), "height": 1000})
    wide = reader.page.evaluate(
        "[...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth).length"
    )
    assert wide == 0


@contextmanager
def other_site(html):
    """A site of somebody else on this machine, with one page. Gives its address."""

    class OnePage(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), OnePage) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_another_site_may_show_a_card_and_nothing_else(visitor):
    reader = visitor()
    addresses = ("embed/pledges/P2.01/", "pledges/P2.01/")
    html = "".join(f'<iframe src="{reader.base}/en/{one}" title="x"></iframe>' for one in addresses)
    with other_site(f"<!doctype html><title>Other</title>{html}") as address:
        reader.page.goto(address)
        _page, card, page = reader.page.frames
        card.locator("text=Partly kept").wait_for()
        assert page.locator("text=Partly kept").count() == 0
    assert "frame-ancestors" in " ".join(reader.complaints)
    assert reader.context.cookies() == []
