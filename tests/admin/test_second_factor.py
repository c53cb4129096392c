"""The second factor: who must have one reaches nothing without it, and no code works twice."""

import re
from base64 import b32decode
from math import log2
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests import hostile
from tests.admin.desk import is_signed_in, signed_in
from tests.conftest import NOW
from tests.factories import PASSWORD
from tracker.models import RecoveryCode
from tracker.models.factor import new_code

pytestmark = pytest.mark.usefixtures("clock")

SECOND_STEP, SET_UP = "/admin/sign-in/second-step/", "/admin/sign-in/set-up/"
#: The page of a link, which asks nothing of a session but the link's own secret.
CHOOSE = "/admin/sign-in/choose/<uidb64>/<token>/"
APP = "/admin/sign-in/set-up/app/"


@pytest.fixture
def required(settings):
    settings.REQUIRE_2FA = True


def sign_in(person) -> Client:
    """By name and password, as on the page."""
    client = Client()
    data = {"username": person.username, "password": PASSWORD, "next": "/admin/"}
    assert client.post(reverse("admin:login"), data).status_code == 302
    return client


def code_of(secret: str, steps: int = 0) -> str:
    totp = TOTP(bytes.fromhex(secret))
    totp.time = NOW.timestamp() + 30 * steps
    return f"{totp.token():06d}"


def with_app(person) -> TOTPDevice:
    return TOTPDevice.objects.create(user=person, name="App", key="5a" * 20, confirmed=True)


def set_up(client) -> tuple[str, list[str]]:
    """Sets an app up by what the page shows; returns the secret and the recovery codes."""
    page = client.get(APP).content.decode()
    shown = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    key = client.session["app_key"]
    assert b32decode(shown).hex() == key
    answer = client.post(APP, {"code": code_of(key), "name": "Telephone", "next": "/admin/"})
    assert answer.status_code == 200, answer.content
    return key, re.findall(r"<li><code>([A-Z2-9-]+)</code>", answer.content.decode())


# --- the wall -------------------------------------------------------------------------------


@pytest.mark.sqlite_only
def test_without_a_factor_only_the_set_up_is_reached(world, required):
    client = sign_in(world.author)
    reached = _reached(client)
    assert reached == {
        "/admin/login/",
        "/admin/logout/",
        "/admin/password_change/",
        "/admin/password_change/done/",
        "/admin/sign-in/prove/",
        CHOOSE,
        SET_UP,
        APP,
        "/admin/sign-in/set-up/passkey/",
    }
    assert client.get("/admin/")["Location"].startswith(SET_UP)


@pytest.mark.sqlite_only
def test_with_a_factor_only_the_second_step_is_reached_before_it(world, required):
    with_app(world.author)
    client = sign_in(world.author)
    assert _reached(client) == {"/admin/login/", "/admin/logout/", CHOOSE, SECOND_STEP}
    assert client.get("/admin/")["Location"].startswith(SECOND_STEP)


@pytest.mark.sqlite_only
def test_a_factor_is_asked_for_where_nobody_must_have_one(world):
    with_app(world.author)
    assert _reached(sign_in(world.author)) == {
        "/admin/login/",
        "/admin/logout/",
        CHOOSE,
        SECOND_STEP,
    }


def _reached(client) -> set[str]:
    """The addresses of the desk that answer something other than a way to the next step."""
    reached = set()
    session = {name: cookie.value for name, cookie in client.cookies.items()}
    for place in hostile.addresses():
        if not place.startswith("/admin/"):
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", "1", place)
        # Sign-out is one of them: each is asked by a browser that has not gone there.
        for method in ("get", "post") if "logout" not in place else ("get",):
            client.cookies.load(session)
            answer = getattr(client, method)(address)
            where = answer.get("Location", "")
            if not where.startswith((SECOND_STEP, SET_UP)) or place == "/admin/login/":
                reached.add(place)
    return reached


def test_the_way_out_is_open_by_half(world, required):
    client = sign_in(world.author)
    assert client.post(reverse("admin:logout")).status_code == 200
    assert client.get(SET_UP)["Location"].startswith("/admin/login/")


def test_a_password_reset_skips_nothing(world, required):
    with_app(world.author)
    world.author.set_password("another long password")
    world.author.save()
    client = Client()
    data = {"username": "author", "password": "another long password", "next": "/admin/"}
    client.post(reverse("admin:login"), data)
    assert client.get("/admin/")["Location"].startswith(SECOND_STEP)


# --- an app -----------------------------------------------------------------------------------


def test_an_app_is_set_up_and_asked_for(world, required, clock):
    client = sign_in(world.author)
    key, codes = set_up(client)
    assert len(set(codes)) == 10
    assert is_signed_in(client)
    clock.shift(60)
    client = sign_in(world.author)
    where = client.get("/admin/tracker/update/")["Location"]
    assert parse_qs(urlsplit(where).query)["next"] == ["/admin/tracker/update/"]
    answer = client.post(where, {"code": code_of(key, 2), "next": "/admin/tracker/update/"})
    assert answer["Location"] == "/admin/tracker/update/"
    assert is_signed_in(client)


def test_nothing_is_kept_of_an_app_that_gives_another_code(world, required):
    client = sign_in(world.author)
    client.get(APP)
    wrong = f"{(int(code_of(client.session['app_key'])) + 1) % 10**6:06d}"
    assert client.post(APP, {"code": wrong}).status_code == 200
    assert not world.author.has_second_factor
    assert not is_signed_in(client)


def test_a_code_works_once(world, clock):
    app = with_app(world.author)
    first, second = sign_in(world.author), sign_in(world.author)
    assert first.post(SECOND_STEP, {"code": code_of(app.key)}).status_code == 302
    assert is_signed_in(first)
    assert second.post(SECOND_STEP, {"code": code_of(app.key)}).status_code == 200
    assert not is_signed_in(second)
    clock.shift(30)
    second.post(SECOND_STEP, {"code": code_of(app.key, 1)})
    assert is_signed_in(second)


def test_the_code_that_set_it_up_is_used_up(world):
    key, _codes = set_up(signed_in(world.author))
    client = sign_in(world.author)
    client.post(SECOND_STEP, {"code": code_of(key)})
    assert not is_signed_in(client)


def test_who_tries_codes_waits_whatever_they_know(world, clock):
    app = with_app(world.author)
    client = sign_in(world.author)
    for number in range(5):
        wrong = f"{(int(code_of(app.key, number)) + 1) % 10**6:06d}"
        status = client.post(SECOND_STEP, {"code": wrong}).status_code
        # The right password, given again, forgets none of them.
        client = sign_in(world.author)
        clock.shift(30)
    assert status == 429
    assert client.post(SECOND_STEP, {"code": code_of(app.key, 5)}).status_code == 429
    clock.shift(16 * 60)
    client = sign_in(world.author)
    assert client.post(SECOND_STEP, {"code": code_of(app.key, 37)}).status_code == 302


def test_from_many_addresses_codes_are_tried_ever_more_slowly(world):
    app = with_app(world.author)
    client = sign_in(world.author)
    client.post(SECOND_STEP, {"code": "0"}, REMOTE_ADDR="10.0.0.1")
    client.post(SECOND_STEP, {"code": code_of(app.key)}, REMOTE_ADDR="10.0.0.2")
    assert not is_signed_in(client)


# --- recovery codes -----------------------------------------------------------------------------


def test_a_recovery_code_lets_in_once(world):
    _key, codes = set_up(signed_in(world.author))
    for expected in (True, False):
        client = sign_in(world.author)
        client.post(SECOND_STEP, {"recovery": codes[0].lower().replace("-", " ")})
        assert is_signed_in(client) is expected


def test_a_recovery_code_is_its_owners_alone(world):
    _key, codes = set_up(signed_in(world.author))
    with_app(world.reviewer)
    client = sign_in(world.reviewer)
    client.post(SECOND_STEP, {"recovery": codes[0]})
    assert not is_signed_in(client)


def test_recovery_codes_are_kept_hashed_and_made_anew(world):
    client = signed_in(world.author)
    _key, codes = set_up(client)
    kept = list(RecoveryCode.objects.values_list("digest", flat=True))
    assert len(kept) == 10
    assert not any(code.replace("-", "") in digest.upper() for code in codes for digest in kept)
    page = client.post("/admin/sign-in/codes/").content.decode()
    fresh = re.findall(r"<li><code>([A-Z2-9-]+)</code>", page)
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    assert not set(RecoveryCode.objects.values_list("digest", flat=True)) & set(kept)
    again = sign_in(world.author)
    again.post(SECOND_STEP, {"recovery": codes[0]})
    assert not is_signed_in(again)


@pytest.mark.sqlite_only
def test_nobody_guesses_a_recovery_code():
    """It is random, of no less than 128 bits, and each is another."""
    codes = {new_code() for _number in range(200)}
    assert len(codes) == 200
    plain = [code.replace("-", "") for code in codes]
    signs = set("".join(plain))
    assert min(map(len, plain)) * log2(len(signs)) >= 128
    assert all(len({code[place] for code in plain}) > 8 for place in range(len(plain[0])))


def test_no_page_but_the_one_shows_a_secret(world):
    client = signed_in(world.author)
    key, codes = set_up(client)
    page = client.get("/admin/sign-in/").content.decode()
    assert "10 are left" in page
    assert not any(code in page for code in codes)
    assert key not in page


# --- where a step leads ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "away",
    ["https://evil.example/", "//evil.example/", "javascript:1", "9999", "admin:logout", "..."],
)
@pytest.mark.sqlite_only
def test_a_step_leads_nowhere_else(world, away):
    app = with_app(world.author)
    client = sign_in(world.author)
    answer = client.post(SECOND_STEP, {"code": code_of(app.key), "next": away})
    assert answer["Location"] == "/admin/"
    # Nor where nothing is to be asked any more.
    assert client.post(f"{SECOND_STEP}?next={away}")["Location"] == "/admin/"


def test_no_browser_keeps_these_pages(world):
    client = signed_in(world.author)
    assert "no-store" in client.get(APP)["Cache-Control"]
    assert "no-store" in client.get("/admin/sign-in/")["Cache-Control"]
