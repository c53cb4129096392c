"""The gallery of components, for developers."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.views.addresses import LANGUAGES
from tests.views.test_every_page import faults_of

# How a page looks and what it says of itself does not depend on the database: one is enough.
pytestmark = pytest.mark.sqlite_only

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_component_is_shown(db, read, language):
    page = read(f"/{language}/components/")
    files = {path.name for path in (TEMPLATES / "components").iterdir()}
    assert len(files) > 20
    assert {text for text in page.texts("code") if text.endswith(".html")} == files
    assert faults_of(page, language) == []


def test_it_holds_nothing_of_the_record_and_asks_for_nothing(world, client):
    world.published(world.pledge("P9.99"))
    with CaptureQueriesContext(connection) as captured:
        response = client.get("/en/components/")
    assert len(captured) == 0
    assert b"P9.99" not in response.content


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_deployed_site_does_not_show_it(db, read, settings, language):
    settings.SHOW_COMPONENTS = False
    read(f"/{language}/components/", 404)


def test_it_is_kept_from_search_engines_and_led_to_by_no_page(lingang, read):
    page = read("/en/components/")
    assert page.all("meta", name="robots", content="noindex")
    assert "/en/components/" not in read("/en/").links
