"""Following by e-mail, from the question to the end, as a reader goes through it."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests.views.addresses import LANGUAGES
from tests.views.markup import Page
from tracker.models import Subscription

FORM = "/en/follow/"
ADDRESS = re.compile(r"http://127\.0\.0\.1:8000(\S+)")


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet():
    cache.clear()


def ask(client, address=FORM, email="reader@example.org", subject="all", **more):
    return client.post(address, {"email": email, "subject": subject, **more})


def address_in(message):
    """The path of the first address of ours in a mail."""
    return ADDRESS.search(message.body)[1]


def confirmed(client, **asked):
    """A subscription as it is after its reader pressed the button."""
    ask(client, **asked)
    client.post(address_in(mail.outbox[-1]))
    return Subscription.objects.latest("pk")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_sent_before_the_button_is_pressed(world, client, language):
    world.pledge()
    response = ask(client, f"/{language}/follow/")
    assert response["Location"] == f"/{language}/follow/asked/"
    assert client.get(response["Location"]).status_code == 200
    (message,) = mail.outbox
    assert message.to == ["reader@example.org"]
    assert message.from_email == "pledges@localhost"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    address = address_in(message)
    assert address.startswith(f"/{language}/follow/")
    # A program that looks into mails opens addresses, and that must confirm nothing.
    assert client.get(address).status_code == 200
    assert client.head(address).status_code == 200
    assert not Subscription.objects.confirmed().exists()
    assert client.post(address).status_code == 200
    subscription = Subscription.objects.get()
    assert subscription.confirmed_on.isoformat() == "2026-11-23"
    assert (subscription.email, subscription.language) == ("reader@example.org", language)


def test_one_is_written_to_about_what_comes_after_the_confirmation(world, client):
    world.published(world.pledge())
    ask(client)
    assert Subscription.objects.get().sent_sequence == 0
    world.published(world.pledge("P1.02"))
    client.post(address_in(mail.outbox[0]))
    assert Subscription.objects.get().sent_sequence == 2
    world.published(world.pledge("P1.03"))
    client.post(address_in(mail.outbox[0]))
    assert Subscription.objects.get().sent_sequence == 2


@pytest.mark.parametrize(
    ("query", "subject", "field"),
    [
        ("", "all", None),
        ("?pledge=P1.01", "pledge:P1.01", "pledge"),
        ("?pillar=1&programme=test", "pillar:test:1", "pillar"),
        ("?body=ministry", "body:ministry", "body"),
    ],
)
def test_what_the_address_names_is_chosen_and_followed(world, client, query, subject, field):
    world.responsibility(world.pledge(), world.body())
    page = Page(client.get(f"{FORM}{query}").content.decode())
    assert [a["value"] for a in page.all("option") if "selected" in a] == [subject]
    ask(client, f"{FORM}{query}", subject=subject)
    kept = Subscription.objects.get()
    assert [name for name in ("pledge", "pillar", "body") if getattr(kept, name)] == (
        [field] if field else []
    )


@pytest.mark.parametrize(
    "query", ["?pledge=X9.99", "?pledge=P9", "?pledge=%00", "?body=other", "?pillar=9"]
)
def test_what_is_not_public_cannot_be_followed(world, client, query):
    private = world.pledge("X9.99", public=False)
    world.responsibility(private, world.body("other"))
    assert client.get(f"{FORM}{query}").status_code == 404
    assert ask(client, f"{FORM}{query}").status_code == 404
    assert ask(client, subject="pledge:X9.99").status_code == 400
    assert ask(client, subject="body:other").status_code == 400
    assert not Subscription.objects.exists()


def test_nobody_learns_whether_an_address_is_known(world, client):
    confirmed(client)
    known = ask(client, email="READER@example.org")
    unknown = ask(client, email="other@example.org")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    # Both get a mail, for its absence and its time would tell as well.
    assert [message.to for message in mail.outbox[-2:]] == [
        ["reader@example.org"],
        ["other@example.org"],
    ]
    assert "You follow this already" in mail.outbox[-2].subject
    assert Subscription.objects.count() == 2


def test_asked_again_it_is_the_same_subscription(world, client):
    ask(client)
    ask(client, "/zh-hans/follow/")
    kept = Subscription.objects.get()
    assert kept.language == "zh-hans"
    assert mail.outbox[1].subject == "请确认：关注临港承诺追踪"
    assert kept.token in mail.outbox[0].body
    assert kept.token in mail.outbox[1].body


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", "a@example.org\nBcc: b@example.org", f"{'a' * 250}@example.org"]
)
def test_what_is_no_address_is_refused_and_gets_no_mail(world, client, email):
    response = ask(client, email=email)
    assert response.status_code == 400
    assert b'class="errorlist"' in response.content
    assert mail.outbox == []


def test_a_program_that_fills_in_every_field_gets_the_same_answer_and_no_mail(world, client):
    assert ask(client, website="x")["Location"] == "/en/follow/asked/"
    assert mail.outbox == []
    assert not Subscription.objects.exists()


def test_an_address_gets_only_a_few_such_mails_a_day(world, client):
    for _time in range(5):
        assert ask(client).status_code == 302
    assert len(mail.outbox) == 3


def test_a_sender_can_ask_only_so_often_and_leaves_no_trace(world, client):
    answers = [ask(client, email=f"r{number}@example.org").status_code for number in range(12)]
    assert answers == [302] * 10 + [429] * 2
    assert len(mail.outbox) == 10
    other = client.post(FORM, {"email": "x@example.org", "subject": "all"}, REMOTE_ADDR="192.0.2.9")
    assert other.status_code == 302
    kept = str(getattr(cache, "_cache", {})) or "empty"
    assert "127.0.0.1" not in kept
    assert "192.0.2.9" not in kept
    assert "example.org" not in kept


def test_behind_a_proxy_the_sender_is_the_one_that_the_proxy_saw(world, client, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for number in range(11):
        # What stands before the proxy's own word is made up by whoever asks.
        forwarded = f"198.51.100.{number}, 192.0.2.1"
        response = client.post(
            FORM,
            {"email": f"r{number}@example.org", "subject": "all"},
            headers={"X-Forwarded-For": forwarded},
        )
    assert response.status_code == 429


def test_a_mail_server_that_is_away_changes_nothing_in_the_answer(world, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert ask(client)["Location"] == "/en/follow/asked/"


def test_the_form_needs_its_page_and_the_end_does_not(world, client):
    kept = confirmed(client)
    strict = Client(enforce_csrf_checks=True)
    assert ask(strict).status_code == 403
    assert strict.post(f"/en/follow/{kept.token}/confirm/").status_code == 403
    # RFC 8058: a mail program posts just this, without cookie or page.
    response = strict.post(f"/en/follow/{kept.token}/stop/", {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert not response.cookies
    assert not Subscription.objects.exists()


def test_the_end_is_a_button_too_for_one_thing_or_for_all(world, client, read):
    world.pledge()
    first = confirmed(client)
    second = confirmed(client, subject="pillar:test:1")
    confirmed(client, email="other@example.org")
    page = read(f"/en/follow/{first.token}/stop/")
    assert Subscription.objects.count() == 3
    assert "End everything that my address follows" in page.text
    client.post(f"/en/follow/{first.token}/stop/", {"this": "1"})
    assert not Subscription.objects.filter(pk=first.pk).exists()
    assert Subscription.objects.filter(pk=second.pk).exists()
    assert "everything" not in read(f"/en/follow/{second.token}/stop/").text
    confirmed(client)
    client.post(f"/en/follow/{second.token}/stop/", {"all": "1"})
    assert [one.email for one in Subscription.objects.all()] == ["other@example.org"]


def test_a_token_that_is_none_is_said_to_be_none(world, client, read):
    for step in ("confirm", "stop"):
        assert "nothing to confirm or to end" in read(f"/en/follow/{'x' * 43}/{step}/", 404).text
    # Pressed twice, the second press ends nothing and is no fault.
    assert client.post(f"/en/follow/{'x' * 43}/stop/").status_code == 200
    assert client.post(f"/en/follow/{'x' * 43}/confirm/").status_code == 404


def test_the_pages_with_a_secret_are_neither_kept_nor_found(world, client, read):
    kept = confirmed(client)
    for step in ("confirm", "stop"):
        response = client.get(f"/en/follow/{kept.token}/{step}/")
        assert "no-store" in response["Cache-Control"]
        page = read(f"/en/follow/{kept.token}/{step}/")
        assert page.all("meta", name="robots")[0]["content"] == "noindex"
        assert page.all("meta", property="og:url") == []
        # The other language leads to the same step.
        (switch,) = [a for a in page.all("a", hreflang="zh-hans") if "rel" not in a]
        assert switch["href"] == f"/zh-hans/follow/{kept.token}/{step}/"
        assert read(switch["href"]).language == "zh-hans"


def test_the_page_keeps_what_was_chosen_in_the_other_language(world, read):
    world.pledge()
    page = read("/en/follow/?pledge=P1.01")
    (switch,) = [a for a in page.all("a", hreflang="zh-hans") if "rel" not in a]
    assert switch["href"] == "/zh-hans/follow/?pledge=P1.01"
    assert "承诺P1.01" in read(switch["href"]).text
    assert "/en/pledges/P1.01/feed/" in page.links
    assert "/en/pledges/P1.01/milestones.ics" in page.links
