import pytest
from django.db import OperationalError

from tests.views.markup import Page
from tracker.views import home


@pytest.mark.parametrize(
    ("address", "language", "headline"),
    [
        ("/en/nowhere/", "en", "There is no such page"),
        ("/zh-hans/nowhere/", "zh-hans", None),
        ("/en/pledges/Z9.99/?as_of=2024-01-01", "en", "There is no such page"),
        ("/nowhere", "en", "There is no such page"),
        ("/en/%00", "en", "There is no such page"),
        ("/en/pledges/%3Cscript%3E/", "en", "There is no such page"),
    ],
)
def test_an_address_that_is_none_gets_a_page_in_its_language(db, read, address, language, headline):
    page = read(address, 404)
    assert page.language == language
    assert len(page.texts("h1")) == 1
    assert headline is None or page.texts("h1") == [headline]
    assert page.faults == []
    assert page.all("link", rel="canonical") == []
    assert f"/{language}/pledges/" in page.links


@pytest.mark.parametrize(
    ("address", "other"),
    [
        ("/en/nowhere/?x=1", "/zh-hans/nowhere/?x=1"),
        ("/nowhere", "/zh-hans/"),
    ],
)
def test_the_language_can_be_changed_where_there_is_no_page(db, read, address, other):
    assert other in read(address, 404).links


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_fault_of_ours_gets_a_page_that_needs_nothing(client, monkeypatch, language):
    def fails(*_):
        raise RuntimeError("a secret detail")

    # No database is asked either: the test has none.
    monkeypatch.setattr(home, "asof_form", fails)
    client.raise_request_exception = False
    response = client.get(f"/{language}/")
    assert response.status_code == 500
    page = Page(response.content.decode())
    assert page.language == language
    assert len(page.texts("h1")) == 1
    assert "secret" not in page.html
    assert page.faults == []
    (sheet,) = page.all("link", rel="stylesheet")
    assert client.get(sheet["href"]).status_code == 200


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_while_the_database_does_not_answer_the_site_says_so(client, monkeypatch, language):
    def fails(*_):
        raise OperationalError("connection refused at 10.1.2.3")

    monkeypatch.setattr(home, "asof_form", fails)
    response = client.get(f"/{language}/")
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert response["Cache-Control"] == "no-store"
    page = Page(response.content.decode())
    assert page.language == language
    assert "10.1.2.3" not in page.html
    assert page.faults == []
