"""Passwords that were in a breach are refused where the operator keeps a list of them."""

import runpy
from hashlib import sha1
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from tests.admin.desk import signed_in
from tests.factories import PASSWORD
from tracker.admin.checks import breached_passwords

BREACHED = "a harmless row of words"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def listing(tmp_path, settings):
    """Where the list is; it holds BREACHED and what stands around it."""
    path = tmp_path / "pwnedpasswords.txt"
    digests = [sha1(f"{number}".encode()).hexdigest().upper() for number in range(200)]
    digests.append(sha1(BREACHED.encode()).hexdigest().upper())
    path.write_text("".join(f"{digest}:{len(digest)}\r\n" for digest in sorted(digests)))
    settings.BREACHED_PASSWORDS = str(path)
    settings.AUTH_PASSWORD_VALIDATORS = [
        {
            "NAME": "tracker.forms.passwords.NotBreachedValidator",
            "OPTIONS": {"path": settings.BREACHED_PASSWORDS},
        }
    ]
    return path


@pytest.fixture
def change(world):
    """Asks for another password on the page; gives what is said of it, nothing where it is set."""
    desk = signed_in(world.author)

    def asked(word):
        data = {"old_password": PASSWORD, "new_password1": word, "new_password2": word}
        answer = desk.post(reverse("admin:password_change"), data)
        world.author.refresh_from_db()
        assert world.author.check_password(word) is (answer.status_code == 302)
        return "" if answer.status_code == 302 else str(answer.context["form"].errors)

    return asked


def test_a_breached_password_is_refused_and_another_is_taken(listing, change):
    assert "It was in a breach" in change(BREACHED)
    assert change(f"{BREACHED}!") == ""


def test_while_the_list_cannot_be_read_no_password_is_set(listing, change, caplog):
    for spoil in (lambda: listing.write_bytes(b""), listing.unlink, listing.mkdir):
        spoil()
        assert "cannot be read just now" in change("quite another row of words")
    assert "quite another" not in caplog.text
    assert caplog.text.count("The list of breached passwords cannot be read") == 3


def test_a_new_list_in_its_place_holds_at_once(listing, change):
    word = "words of a newer breach"
    fresh = listing.with_suffix(".new")
    fresh.write_text(f"{sha1(word.encode()).hexdigest()}:1")
    fresh.replace(listing)
    assert "It was in a breach" in change(word)
    assert change(BREACHED) == ""


@pytest.mark.sqlite_only
def test_the_check_tells_a_list_that_will_not_do(listing, settings):
    assert breached_passwords(None) == []
    for spoil, said in (
        (lambda: listing.write_text("password:1\n"), "not a SHA-1"),
        (lambda: listing.write_text("F" * 40 + ":1\n" + "0" * 40 + ":1\n"), "not sorted"),
        (listing.unlink, "No such file"),
    ):
        spoil()
        (warning,) = breached_passwords(None)
        assert said in warning.msg
        assert str(listing) in warning.msg
    # It is told and stops nothing: the nightly backup must not wait for it.
    call_command("check")
    settings.BREACHED_PASSWORDS = ""
    assert breached_passwords(None) == []


@pytest.mark.sqlite_only
def test_the_variable_is_what_turns_it_on(monkeypatch):
    def validators():
        made = runpy.run_path(ROOT / "lingang" / "settings.py")["AUTH_PASSWORD_VALIDATORS"]
        return [one for one in made if one["NAME"].endswith("NotBreachedValidator")]

    assert validators() == []
    monkeypatch.setenv("BREACHED_PASSWORDS", "/srv/pwnedpasswords.txt")
    (validator,) = validators()
    assert validator["OPTIONS"] == {"path": "/srv/pwnedpasswords.txt"}
