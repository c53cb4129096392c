"""Requests that somebody else put together: another site's form, and one thing said twice."""

import pytest
from django.test import Client

from tests import hostile
from tests.factories import PASSWORD
from tests.test_permissions import _filled
from tracker.models import Feedback, Subscription, User

pytestmark = pytest.mark.sqlite_only
#: Whoever holds the secret of its address may send it without our page: a mail program's button.
OPEN = {"/en/follow/nobody-s/stop/"}


def test_no_form_is_taken_that_is_not_ours(world, monkeypatch):
    """Sent to every address there is, by somebody who may do everything, from another site."""
    # It is refused before a page is drawn, and drawing takes most of the time.
    monkeypatch.setattr("django.shortcuts.loader.render_to_string", lambda *_a, **_k: "")
    world.pledge()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.create_superuser("root", password="x"))
    taken = {}
    for place in hostile.addresses():
        address = _filled(place.replace("<code>", "P1.01"))
        answer = browser.post(address, {"text": "x"}, headers={"Origin": "https://evil.example"})
        # Refused for where it came from (403), or nothing is taken there at all (404, 405).
        if answer.status_code not in {403, 404, 405}:
            taken[address] = answer.status_code
    assert set(taken) <= OPEN, taken


def test_what_stands_in_the_address_is_no_part_of_a_form(client, world):
    """Django keeps the two apart, and nothing of ours puts them together."""
    world.pledge()
    typed = f"username={world.author.username}&password={PASSWORD}"
    assert client.post(f"/admin/login/?{typed}").status_code == 200
    assert "_auth_user_id" not in client.session
    client.post("/en/follow/?email=a@example.org&subject=all")
    client.post("/en/pledges/P1.01/feedback/?kind=problem&text=x")
    assert not Subscription.objects.exists()
    assert not Feedback.objects.exists()
    # Nor is a form read where an address is asked.
    sent = client.get("/en/pledges/?q=nothing-has-this", headers={"Cookie": "q=P1.01"})
    assert "P1.01" not in sent.content.decode().partition('id="results"')[2]


def test_of_what_is_said_twice_every_part_of_the_site_hears_the_same(client, world):
    """The last one, for the page and its files: nothing is checked by one and read by another."""
    world.published(world.pledge(), effective_on="2024-05-01")
    twice = "as_of=2026-01-01&as_of=2023-01-01"
    page = client.get(f"/en/pledges/P1.01/?{twice}").content.decode()
    assert "Not yet rated" in page
    (row,) = client.get(f"/en/data/pledges.csv?{twice}").getvalue().decode().splitlines()[1:]
    assert "not_rated" in row
    named = client.get(f"/en/data/pledges.csv?{twice}")["Content-Disposition"]
    assert "2023-01-01" in named
