"""One's own way in: factors, sessions, and the proof that is asked for anew before rights move."""

import re

import pytest
from django.conf import settings
from django.urls import reverse

from tests.admin.desk import address, is_signed_in, messages_of, signed_in
from tests.admin.test_second_factor import code_of, sign_in, with_app
from tests.factories import PASSWORD
from tracker.models import AuditEntry

pytestmark = pytest.mark.usefixtures("clock")

MINE, PROVE, SECOND_STEP = "/admin/sign-in/", "/admin/sign-in/prove/", "/admin/sign-in/second-step/"


# --- sessions -----------------------------------------------------------------------------------


def test_one_of_my_sessions_is_ended_and_no_other(world):
    browsers = [sign_in(world.author) for _ in range(3)]
    other = sign_in(world.reviewer)
    assert all(map(is_signed_in, browsers))
    page = browsers[0].get(MINE).content.decode()
    ends = re.findall(r'action="(/admin/sign-in/sessions/\w{16}/end/)"', page)
    assert len(ends) == 2
    # The keys themselves, which would let in whoever reads the page, are not on it.
    assert not any(browser.session.session_key in page for browser in browsers)
    browsers[0].post(ends[0])
    assert sum(map(is_signed_in, browsers)) == 2
    assert is_signed_in(browsers[0])
    assert other.post(ends[1]).status_code == 404
    assert sum(map(is_signed_in, browsers)) == 2


def test_all_my_other_sessions_are_ended(world):
    browsers = [sign_in(world.author) for _ in range(3)]
    other = sign_in(world.reviewer)
    browsers[1].post(reverse("admin:end-others"))
    # What is said of it next is kept on the server, and not in a cookie.
    assert set(browsers[1].cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert "Every other browser is signed out." in messages_of(browsers[1].get("/admin/"))
    assert [is_signed_in(browser) for browser in browsers] == [False, True, False]
    assert is_signed_in(other)
    assert AuditEntry.objects.order_by("number").last().kind == "sessions_ended"


def test_a_new_password_ends_the_others(world):
    first, second = sign_in(world.author), sign_in(world.author)
    word = "quite another long one"
    data = {"old_password": PASSWORD, "new_password1": word, "new_password2": word}
    assert first.post(reverse("admin:password_change"), data).status_code == 302
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


def test_a_session_gets_another_key_at_each_step(world):
    app = with_app(world.author)
    client = sign_in(world.author)
    before = client.session.session_key
    client.post(SECOND_STEP, {"code": code_of(app.key)})
    assert is_signed_in(client)
    assert client.session.session_key != before
    # 36 signs to choose each of 32 from: 165 bits.
    assert re.fullmatch(r"[a-z0-9]{32}", client.session.session_key)


def test_an_administrator_signs_another_out(world, root):
    theirs = sign_in(world.author)
    desk = signed_in(root)
    desk.post(address("user", "step", world.author.pk, "end-sessions"))
    assert not is_signed_in(theirs)
    entry = AuditEntry.objects.get(kind="sessions_ended")
    assert (entry.written_by, entry.about) == (root.pk, f"tracker.user {world.author.pk}")


# --- factors ------------------------------------------------------------------------------------


def test_a_factor_is_taken_away_by_its_owner_alone(world):
    app = with_app(world.author)
    remove = reverse("admin:remove-factor", args=["app", app.pk])
    assert signed_in(world.reviewer).post(remove).status_code == 404
    client = sign_in(world.author)
    assert client.post(remove)["Location"].startswith(SECOND_STEP)
    client.post(SECOND_STEP, {"code": code_of(app.key)})
    answer = client.post(remove, follow=True)
    assert messages_of(answer) == ["It is taken away."]
    assert not world.author.has_second_factor


def test_an_administrator_takes_a_lost_factor_away(world, root, settings):
    app = with_app(world.author)
    theirs = sign_in(world.author)
    theirs.post(SECOND_STEP, {"code": code_of(app.key)})
    desk = signed_in(root)
    page = desk.get(address("user", "change", world.author.pk)).content.decode()
    assert "Take a lost factor away" in page
    desk.post(address("user", "step", world.author.pk, "take-factors"))
    assert not world.author.has_second_factor
    assert not is_signed_in(theirs)
    settings.REQUIRE_2FA = True
    assert sign_in(world.author).get("/admin/")["Location"].startswith("/admin/sign-in/set-up/")
    assert "factor_removed" in AuditEntry.objects.values_list("kind", flat=True)


def test_nobody_else_takes_factors_away(world):
    with_app(world.author)
    step = address("user", "step", world.author.pk, "take-factors")
    assert signed_in(world.reviewer).post(step).status_code in {403, 404}
    assert world.author.has_second_factor


# --- the proof anew -----------------------------------------------------------------------------


def guarded(person) -> list[str]:
    return [
        address("user", "add"),
        address("user", "change", person.pk),
        reverse("admin:auth_group_add"),
        "/admin/sign-in/set-up/",
        "/admin/sign-in/set-up/app/",
    ]


def test_after_a_while_what_guards_an_account_asks_again_who_it_is(world, root, clock):
    desk = sign_in(root)
    pages = guarded(world.author)
    clock.shift(14 * 60)
    assert [desk.get(page).status_code for page in pages] == [200] * len(pages)
    clock.shift(2 * 60)
    for page in pages:
        assert desk.get(page)["Location"] == f"{PROVE}?next={page.replace('/', '%2F')}"
        assert desk.post(page, {})["Location"].startswith(PROVE)
    for name in ("end-sessions", "invite", "take-factors"):
        step = address("user", "step", world.author.pk, name)
        assert desk.post(step)["Location"].startswith(PROVE)
    # Daily work goes on.
    assert desk.get(address("update", "changelist")).status_code == 200
    answer = desk.post(PROVE, {"password": PASSWORD, "next": pages[0]})
    assert answer["Location"] == pages[0]
    assert [desk.get(page).status_code for page in pages] == [200] * len(pages)


def test_a_wrong_password_proves_nothing_and_is_counted(world, root, clock):
    desk = sign_in(root)
    clock.shift(16 * 60)
    for _ in range(5):
        answer = desk.post(PROVE, {"password": "not the password"})
    assert answer.status_code == 429
    assert desk.post(PROVE, {"password": PASSWORD}).status_code == 429
    assert desk.get(address("user", "add"))["Location"].startswith(PROVE)


def test_the_second_factor_proves_it_too(world, root, clock):
    app = with_app(root)
    desk = sign_in(root)
    desk.post(SECOND_STEP, {"code": code_of(app.key)})
    clock.shift(16 * 60)
    assert desk.get(address("user", "add"))["Location"].startswith(PROVE)
    desk.post(PROVE, {"code": code_of(app.key, 32)})
    assert desk.get(address("user", "add")).status_code == 200
