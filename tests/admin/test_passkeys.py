"""Passkeys: set up, asked for, and none taken that is another's, another site's or a copy."""

import json
import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.desk import is_signed_in
from tests.authenticator import Authenticator
from tests.factories import PASSWORD

SET_UP, SECOND_STEP = "/admin/sign-in/set-up/passkey/", "/admin/sign-in/second-step/"


def browser(person) -> Client:
    """One that was given the password, at a host with a name."""
    client = Client(SERVER_NAME="localhost")
    client.post(reverse("admin:login"), {"username": person.username, "password": PASSWORD})
    return client


def asked(client, address) -> dict:
    page = client.get(address).content.decode()
    return json.loads(unescape(re.search(r'data-options="([^"]+)"', page)[1]))


def with_passkey(person, device=None) -> Authenticator:
    device = device or Authenticator()
    client = browser(person)
    answer = device.make(asked(client, SET_UP))
    assert client.post(SET_UP, {"passkey": answer, "name": "Key"}).status_code == 200
    assert person.passkeys.count() == 1
    return device


def second_step(person, device) -> Client:
    client = browser(person)
    client.post(SECOND_STEP, {"passkey": device.use(asked(client, SECOND_STEP))})
    return client


def test_a_passkey_is_set_up_and_asked_for(world, settings):
    settings.REQUIRE_2FA = True
    device = with_passkey(world.author)
    assert not is_signed_in(browser(world.author))
    assert is_signed_in(second_step(world.author, device))
    assert is_signed_in(second_step(world.author, device))


def test_an_answer_works_once(world):
    device = with_passkey(world.author)
    client = browser(world.author)
    answer = device.use(asked(client, SECOND_STEP))
    other = browser(world.author)
    asked(other, SECOND_STEP)
    other.post(SECOND_STEP, {"passkey": answer})
    assert not is_signed_in(other)
    client.post(SECOND_STEP, {"passkey": answer})
    assert is_signed_in(client)


def test_another_key_does_not_do(world):
    device = with_passkey(world.author)
    forged = Authenticator()
    forged.identifier = device.identifier
    assert not is_signed_in(second_step(world.author, forged))
    assert not is_signed_in(second_step(world.author, Authenticator()))


def test_anothers_passkey_does_not_do(world):
    with_passkey(world.author)
    device = with_passkey(world.reviewer)
    assert not is_signed_in(second_step(world.author, device))


def test_an_answer_given_to_another_site_does_not_do(world):
    device = with_passkey(world.author)
    device.origin = "https://evil.example"
    assert not is_signed_in(second_step(world.author, device))


def test_a_copy_of_a_passkey_is_noticed(world):
    device = with_passkey(world.author)
    assert is_signed_in(second_step(world.author, device))
    device.uses = 0
    assert not is_signed_in(second_step(world.author, device))


@pytest.mark.parametrize("sent", ["x", "{}", "[]", '"a"', "null", '{"response": {"a": 1}}'])
def test_what_is_no_answer_is_refused(world, sent):
    device = with_passkey(world.author)
    client = browser(world.author)
    asked(client, SECOND_STEP)
    assert client.post(SECOND_STEP, {"passkey": sent}).status_code == 200
    assert is_signed_in(second_step(world.author, device))
    client = second_step(world.author, device)
    asked(client, SET_UP)
    assert client.post(SET_UP, {"passkey": sent}).status_code == 200
    assert world.author.passkeys.count() == 1


def test_where_the_host_has_no_name_no_passkey_is_offered(world):
    client = Client(SERVER_NAME="127.0.0.1")
    client.post(reverse("admin:login"), {"username": "author", "password": PASSWORD})
    assert "set-up/passkey" not in client.get("/admin/sign-in/set-up/").content.decode()
    assert client.get(SET_UP).status_code == 404
