"""What readers send about a pledge, through the form that they fill in."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from tests.conftest import NOW
from tests.views.markup import Page
from tracker.models import Feedback
from tracker.views import feedback as view

ADDRESS = "/en/pledges/P1.01/feedback/"


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def send(client):
    """Opens the form and sends it a minute later, unless told otherwise; gives the answer."""

    def send(after=timedelta(minutes=1), address=ADDRESS, **values):
        page = Page(client.get(address).content.decode())
        (stamp,) = page.all("input", name="stamp")
        sent = {"kind": "problem", "text": "The date is wrong.", "stamp": stamp["value"]} | values
        extra = {"REMOTE_ADDR": sent.pop("REMOTE_ADDR", "192.0.2.1")}
        with time_machine.travel(NOW + after, tick=False):
            return client.post(address, sent, **extra)

    return send


def said(response):
    """The page that answers, which must have kept what was written."""
    return Page(response.content.decode())


@pytest.mark.usefixtures("public")
class TestSending:
    """With a public pledge P1.01."""

    @pytest.fixture
    def public(self, world):
        return world.pledge()

    def test_a_message_is_kept_and_the_reader_is_thanked(self, send, read, public):
        answer = send(
            kind="evidence",
            text="  See the gazette.\r\nPage 3.  ",
            url="example.org/gazette",
            email="reader@example.org",
        )
        assert (answer.status_code, answer["Location"]) == (302, f"{ADDRESS}thanks/")
        (message,) = Feedback.objects.all()
        assert message.pledge == public
        assert message.kind == "evidence"
        assert message.text == "See the gazette.\nPage 3."
        assert message.url == "https://example.org/gazette"
        assert message.email == "reader@example.org"
        assert message.received_on == NOW.date()
        assert message.handled_at is None
        assert "Thank you" in read(answer["Location"]).texts("h1")

    def test_nothing_but_a_kind_and_a_text_is_asked_for(self, send, read):
        page = read(ADDRESS)
        names = {i["name"] for i in page.all("input") if i.get("type") not in ("hidden", "date")}
        assert names == {"kind", "url", "email", "homepage"}
        required = [i["name"] for i in page.all("input") + page.all("textarea") if "required" in i]
        assert set(required) == {"kind", "text"}
        assert "The address is deleted 90 days after the message was dealt with." in page.text
        assert send().status_code == 302
        assert Feedback.objects.get().email == ""

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"text": " \n "}, "Write what is wrong, or what the evidence shows."),
            ({"text": "x" * 4001}, "at most 4000 characters"),
            ({"kind": "praise"}, "not one of the available choices"),
            ({"url": "javascript:alert(1)"}, "Enter a valid URL."),
            ({"email": "nobody"}, "Enter a valid email address."),
            ({"text": "http://a.b http://c.d https://e.f www.g.h"}, "at most 3 web addresses"),
            ({"homepage": "https://casino.example"}, "This field has to be empty."),
        ],
    )
    def test_what_cannot_be_taken_is_said_and_the_text_is_kept(self, send, values, words):
        answer = send(**{"text": "A long and careful text.", "email": "r@example.org"} | values)
        assert answer.status_code == 400
        page = said(answer)
        assert page.all("div", role="alert")
        assert words in page.text
        if "text" not in values:
            assert page.texts("textarea") == ["A long and careful text."]
        assert page.faults == []
        assert not Feedback.objects.exists()

    @pytest.mark.parametrize(
        ("after", "words"),
        [
            (timedelta(seconds=2), "faster than anybody writes"),
            (timedelta(hours=25), "open for too long"),
        ],
    )
    def test_a_form_filled_in_too_fast_or_too_slowly_can_be_sent_again(self, send, after, words):
        answer = send(after)
        assert answer.status_code == 400
        page = said(answer)
        assert words in page.text
        assert page.texts("textarea") == ["The date is wrong."]
        (stamp,) = page.all("input", name="stamp")
        assert send(after + timedelta(minutes=1), stamp=stamp["value"]).status_code == 302
        assert Feedback.objects.count() == 1

    @pytest.mark.parametrize("stamp", ["", "x", "W10:1tBqYJ:x"])
    def test_a_form_that_is_not_ours_is_sent_again_from_one_that_is(self, send, stamp):
        answer = send(stamp=stamp)
        assert answer.status_code == 400
        (fresh,) = said(answer).all("input", name="stamp")
        assert fresh["value"] not in ("", stamp)

    def test_the_form_of_another_pledge_does_not_serve(self, world, send, read):
        world.pledge("P1.02")
        (other,) = read("/en/pledges/P1.02/feedback/").all("input", name="stamp")
        assert send(stamp=other["value"]).status_code == 400

    def test_the_same_message_is_kept_once_and_thanked_for_twice(self, send):
        assert send().status_code == 302
        assert send(email="r@example.org").status_code == 302
        assert Feedback.objects.get().email == "r@example.org"
        send(text="Another one.")
        assert Feedback.objects.count() == 2

    def test_one_address_sends_so_much_an_hour_and_keeps_its_text(self, send):
        for number in range(view.MOST_AN_HOUR):
            assert send(text=f"Message {number}.").status_code == 302
        answer = send(text="One more.")
        assert answer.status_code == 429
        assert said(answer).texts("textarea") == ["One more."]
        assert "Many messages came from where you are" in said(answer).text
        assert send(text="From elsewhere.", REMOTE_ADDR="192.0.2.2").status_code == 302
        assert Feedback.objects.count() == view.MOST_AN_HOUR + 1

    def test_no_network_address_is_kept(self, send):
        send(REMOTE_ADDR="203.0.113.77")
        (name,) = cache._cache
        assert "203.0.113.77" not in f"{name}{cache._cache[name]}"
        assert not any("203.0.113" in str(value) for value in vars(Feedback.objects.get()).values())

    def test_behind_a_proxy_readers_are_told_apart_by_what_it_says(self, rf, settings):
        request = rf.post(ADDRESS, headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.9"})
        assert view.sender(request) == "127.0.0.1"
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        assert view.sender(request) == "192.0.2.9"

    def test_a_form_from_another_site_is_refused(self):
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(ADDRESS, {"kind": "problem", "text": "x"}).status_code == 403

    def test_the_page_is_not_kept_by_anybody_in_between(self, client):
        assert "no-store" in client.get(ADDRESS)["Cache-Control"]

    def test_the_pledge_leads_to_it(self, read):
        assert ADDRESS in read("/en/pledges/P1.01/").links

    @pytest.mark.parametrize("method", ["put", "delete"])
    def test_it_is_read_and_sent_only(self, client, method):
        assert getattr(client, method)(ADDRESS).status_code == 405


def test_there_is_none_for_a_pledge_that_is_not_public(world, client, read):
    world.pledge("X9.99", public=False)
    read("/en/pledges/X9.99/feedback/", 404)
    read("/en/pledges/X9.99/feedback/thanks/", 404)
    assert client.post("/en/pledges/X9.99/feedback/", {"text": "x"}).status_code == 404
