"""A password is chosen by its owner alone, by a link that works once and ends by itself."""

import re
import threading
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.tokens import default_token_generator
from django.contrib.messages import get_messages
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.admin.desk import address, form_of, messages_of, signed_in
from tests.admin.test_second_factor import sign_in
from tests.factories import PASSWORD
from tracker.models import AuditEntry, User
from tracker.vocabulary import StaffRole

pytestmark = pytest.mark.usefixtures("clock")

LINK = re.compile(r"https?://[^\s<]+(/admin/sign-in/choose/[^\s<]+/)")
NEW = "a new row of plain words"


@pytest.fixture
def desk(root):
    return signed_in(root)


class Broken(EmailBackend):
    """A mail server that is away."""

    def send_messages(self, messages):
        raise OSError("refused")


def add(desk, world, **more):
    """Adds a colleague by the page for it; gives the answer."""
    data = {"username": "chen", "first_name": "Chen", "last_name": "Wei", "language": "en"}
    data |= {"email": "chen@example.org", "groups": [world.groups[StaffRole.EDITOR].pk]}
    return desk.post(address("user", "add"), data | more)


def invite(desk, person, **sent):
    return desk.post(address("user", "step", person.pk, "invite"), {"confirmed": "1"} | sent)


def said(answer) -> list[str]:
    """The messages that an answer leaves to the next page."""
    return [str(message) for message in get_messages(answer.wsgi_request)]


def link_in(text: str) -> str:
    return LINK.search(text)[1]


def mailed() -> str:
    """The link of the last mail."""
    return link_in(mail.outbox[-1].body)


def open_(link, client=None):
    """Opens the link as a browser does; gives that browser and the page."""
    client = client or Client()
    return client, client.get(link, follow=True)


def choose(link, word=NEW, client=None):
    """Opens the link and chooses a password by the page's own form."""
    client, page = open_(link, client)
    data = {"new_password1": word, "new_password2": word}
    return client.post(page.request["PATH_INFO"], data, follow=True)


def lets_in(person, word) -> bool:
    data = {"username": person.username, "password": word}
    return Client().post(reverse("admin:login"), data).status_code == 302


def told():
    return list(
        AuditEntry.objects.order_by("number").values_list(
            "kind", "detail", "about", "written_by", "address"
        )
    )


# --- a new colleague ----------------------------------------------------------------------------


def test_from_the_invitation_to_the_set_up_of_a_second_factor(world, desk, root, settings):
    harbour = world.body("harbour")
    answer = add(desk, world, bodies=[harbour.pk])
    assert "A link was mailed to chen@example.org." in said(answer)
    person = User.objects.get(username="chen")
    assert [group.name for group in person.groups.all()] == ["editor"]
    assert list(person.bodies.all()) == [harbour]
    assert (person.is_staff, person.is_superuser, person.is_site_wide) == (True, False, False)
    assert not person.has_usable_password()
    assert mail.outbox[-1].to == ["chen@example.org"]

    settings.REQUIRE_2FA = True
    client = Client()
    page = choose(mailed(), client=client)
    assert page.request["PATH_INFO"] == "/admin/login/"
    assert messages_of(page) == ["Your password is set. Sign in with it."]
    # The link signs nobody in.
    assert client.get("/admin/").status_code == 302
    data = {"username": "chen", "password": NEW, "next": "/admin/"}
    client.post(reverse("admin:login"), data)
    assert client.get("/admin/")["Location"].startswith("/admin/sign-in/set-up/")
    about = f"tracker.user {person.pk}"
    assert told() == [
        ("added", "", about, root.pk, "127.0.0.1"),
        ("password_changed", "link mailed", about, root.pk, "127.0.0.1"),
        ("password_changed", "chosen by a link", about, 0, "127.0.0.1"),
        ("signed_in", "", about, person.pk, "127.0.0.1"),
    ]


def test_the_page_for_a_new_colleague_asks_for_no_password(world, desk):
    page = desk.get(address("user", "add"))
    assert set(page.context["adminform"].form.fields) == {
        *("username", "first_name", "last_name", "email", "language"),
        *("groups", "bodies", "is_site_wide"),
    }
    assert 'type="password"' not in page.content.decode()


@pytest.mark.parametrize("wrong", [{"email": ""}, {"username": "AUTHOR"}, {"username": "a b"}])
def test_nobody_is_added_without_an_address_or_under_the_name_of_another(world, desk, wrong):
    page = add(desk, world, **wrong)
    assert set(page.context["adminform"].form.errors) == set(wrong)
    assert mail.outbox == []
    assert not User.objects.filter(email="chen@example.org").exists()


def test_the_mail_is_in_its_reader_s_language_and_quotes_nothing_in_its_head(world, desk):
    add(desk, world, language="zh-hans", username="evil@example.org", first_name="=HYPERLINK()")
    letter = mail.outbox[-1]
    assert letter.subject == "承诺追踪：请设置您的密码"
    assert "2026年11月24日" in letter.body
    assert "evil@example.org" in letter.body


def test_the_link_is_to_the_site_s_own_address_whatever_the_browser_says(world, desk, settings):
    settings.SITE_URL = "https://pledges.example"
    settings.ALLOWED_HOSTS = ["*"]
    invite_at = address("user", "step", world.author.pk, "invite")
    world.author.email = "author@example.org"
    world.author.save()
    desk.post(invite_at, {"confirmed": "1"}, headers={"host": "evil.example"})
    assert "https://pledges.example/admin/sign-in/choose/" in mail.outbox[-1].body
    assert "evil" not in mail.outbox[-1].body


# --- where no mail goes out ---------------------------------------------------------------------


def test_without_a_mail_server_the_link_is_shown_once(world, desk, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    page = add(desk, world)
    assert "no-store" in page["Cache-Control"]
    link = link_in(page.content.decode())
    # Django's own message speaks of a form below, and below is the link.
    assert messages_of(page) == ["The account chen is made."]
    person = User.objects.get(username="chen")
    again = desk.get(address("user", "change", person.pk)).content.decode()
    assert LINK.search(again) is None
    assert "None yet" in again
    choose(link)
    assert lets_in(person, NEW)
    assert ("password_changed", "link shown") in [row[:2] for row in told()]
    assert not any(link in str(row) or NEW in str(row) for row in AuditEntry.objects.values())


def test_whoever_has_no_address_is_invited_by_hand(world, desk):
    page = invite(desk, world.author)
    assert mail.outbox == []
    choose(link_in(page.content.decode()))
    assert lets_in(world.author, NEW)


def test_a_mail_that_cannot_be_sent_is_told_and_nothing_is_shown(world, desk, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    page = add(desk, world)
    assert any("could not be sent" in message for message in said(page))
    assert LINK.search(page.content.decode()) is None
    assert User.objects.filter(username="chen").exists()


# --- the link ends ------------------------------------------------------------------------------


@pytest.fixture
def chen(world):
    person = world.person("chen", StaffRole.EDITOR)
    person.email = "chen@example.org"
    person.save()
    return person


@pytest.fixture
def link(chen, desk):
    """The first link of a colleague."""
    invite(desk, chen)
    return mailed()


def is_over(link) -> bool:
    _client, page = open_(link)
    assert page.status_code in (200, 404)
    assert ("This link is over" in page.content.decode()) is (page.status_code == 404)
    return page.status_code == 404


def test_it_works_once(chen, link):
    choose(link)
    assert is_over(link)
    assert choose(link, "another row of plain words").status_code == 404
    assert lets_in(chen, NEW)


@pytest.mark.parametrize(("hours", "expected"), [(23, False), (25, True)])
def test_it_ends_by_itself_after_a_day(link, clock, hours, expected):
    clock.shift(timedelta(hours=hours))
    assert is_over(link) is expected


def test_a_page_that_stayed_open_for_longer_sets_nothing(chen, link, clock):
    client, page = open_(link)
    clock.shift(timedelta(hours=25))
    data = {"new_password1": NEW, "new_password2": NEW}
    answer = client.post(page.request["PATH_INFO"], data)
    assert answer.status_code == 404
    assert not lets_in(chen, NEW)


def test_another_link_ends_the_one_before(chen, link, desk):
    before, page = open_(link)
    invite(desk, chen)
    assert is_over(link)
    data = {"new_password1": NEW, "new_password2": NEW}
    assert before.post(page.request["PATH_INFO"], data).status_code == 404
    assert mailed() != link
    assert not is_over(mailed())


def test_it_ends_with_the_account_and_with_the_mail_address(chen, link):
    for change, back in (
        ({"is_active": False}, {"is_active": True}),
        ({"email": "other@example.org"}, {"email": "chen@example.org"}),
    ):
        User.objects.filter(pk=chen.pk).update(**change)
        assert is_over(link)
        User.objects.filter(pk=chen.pk).update(**back)
        assert not is_over(link)


def test_it_is_one_person_s_and_made_for_this_alone(world, chen, link, desk):
    name, token = link.split("/")[4:6]
    world.author.email = "author@example.org"
    world.author.save()
    invite(desk, world.author)
    other = mailed().split("/")[4]
    assert is_over(reverse("admin:choose-password", args=[other, token]))
    # Another use of the same machinery has another salt.
    chen.refresh_from_db()
    token = default_token_generator.make_token(chen)
    assert is_over(reverse("admin:choose-password", args=[name, token]))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_it_at_once_one_chooses(world, desk):
    add(desk, world)
    opened = [open_(mailed()) for _ in range(2)]
    gate, statuses = threading.Barrier(2), []

    def send(number):
        client, page = opened[number]
        word = f"{NEW} {number} and more"
        gate.wait()
        data = {"new_password1": word, "new_password2": word}
        statuses.append(client.post(page.request["PATH_INFO"], data).status_code)
        connection.close()

    threads = [threading.Thread(target=send, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302, 404]
    assert AuditEntry.objects.filter(detail="chosen by a link").count() == 1


# --- what the page gives away, and asks ---------------------------------------------------------


def test_the_token_is_on_no_page_and_in_no_referrer(link):
    client = Client()
    moved = client.get(link)
    token = link.rsplit("/", 2)[1]
    assert token not in moved["Location"]
    page = client.get(moved["Location"])
    assert token not in page.content.decode()
    for answer in (moved, page):
        assert answer["Referrer-Policy"] == "same-origin"
        assert "no-store" in answer["Cache-Control"]
    # Nor does another browser get on from there.
    assert Client().get(moved["Location"]).status_code == 404


def test_the_session_in_which_the_link_waits_is_a_new_one(link, settings):
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    choosing = client.get(link)["Location"]
    assert client.get(choosing).status_code == 200
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    assert thief.get(choosing).status_code == 404


def test_the_rules_hold_here_too(chen, link):
    client = Client()
    for word, said in (
        ("short words", "密码太短"),
        ("Password1234!", "首先会尝试"),
        ("chen20262026", "首先会尝试"),
    ):
        client.cookies["django_language"] = "zh-hans"
        assert said in choose(link, word, client).content.decode()
        assert not lets_in(chen, word)
    choose(link, client=client)
    assert lets_in(chen, NEW)


def test_who_guesses_links_waits_and_is_told_of(chen, link):
    name = link.split("/")[4]
    wrong = reverse("admin:choose-password", args=[name, "d1s9hc-" + "0" * 32])
    statuses = [Client().get(wrong).status_code for _ in range(6)]
    assert statuses == [404] * 4 + [429] * 2
    assert Client().get(link).status_code == 429
    assert Client().get(link, REMOTE_ADDR="10.0.0.1").status_code == 302
    about = f"tracker.user {chen.pk}"
    assert [row[:3] for row in told()[1:]] == [
        *[("refused_sign_in", "link", about)] * 5,
        ("locked_out", "link", about),
    ]


def test_no_token_is_kept_with_the_tries_that_are_counted(chen, link):
    choose(link)
    is_over(link)
    kept = str(list(AccessAttempt.objects.values()))
    assert "/sign-in/choose/" in kept
    assert link.split("/")[5] not in kept


def test_a_form_from_elsewhere_sets_nothing(chen, link):
    client, page = open_(link, Client(enforce_csrf_checks=True))
    data = {"new_password1": NEW, "new_password2": NEW}
    assert client.post(page.request["PATH_INFO"], data).status_code == 403
    assert not lets_in(chen, NEW)


def test_in_a_lent_browser_its_owner_is_signed_out_and_the_log_says_who_it_was(chen, link, desk):
    choose(link, client=desk)
    assert desk.get("/admin/").status_code == 302
    rows = [(row[0], row[3]) for row in told()][-2:]
    root = User.objects.get(username="root")
    assert rows == [("password_changed", root.pk), ("signed_out", root.pk)]


# --- a password that is reset -------------------------------------------------------------------


def test_an_administrator_resets_a_password_without_ever_typing_one(world, desk):
    author = world.author
    author.email = "author@example.org"
    author.save()
    theirs = sign_in(author)
    page = desk.get(address("user", "change", author.pk)).content.decode()
    assert "Reset the password" in page
    assert 'type="password"' not in page
    assert author.password not in page
    answer = invite(desk, author)
    assert said(answer) == ["A link was mailed to author@example.org."]
    assert "Invite again" in desk.get(answer["Location"]).content.decode()
    assert not lets_in(author, PASSWORD)
    assert theirs.get("/admin/").status_code == 302
    choose(mailed())
    assert lets_in(author, NEW)
    assert ("sessions_ended", "1") in [row[:2] for row in told()]


@pytest.mark.parametrize("mailed_to", ["author@example.org", ""])
def test_before_a_password_is_reset_it_is_asked_again(world, desk, mailed_to):
    User.objects.filter(pk=world.author.pk).update(email=mailed_to)
    world.author.refresh_from_db()
    page = invite(desk, world.author, confirmed="").content.decode()
    assert "Nobody can sign in with the present password any more." in page
    assert (f"mailed to {mailed_to}." if mailed_to else "You are shown a link, this once") in page
    assert mail.outbox == []
    assert lets_in(world.author, PASSWORD)
    assert "sessions_ended" not in [row[0] for row in told()]
    # The page's own form does it.
    invite(desk, world.author, **dict(re.findall(r'name="(confirmed)" value="(.*?)"', page)))
    assert not lets_in(world.author, PASSWORD)
    # Who has no password loses none: the link is made anew at once.
    again = invite(desk, world.author, confirmed="")
    assert mail.outbox[1:] if mailed_to else link_in(again.content.decode())


def test_no_page_takes_the_password_of_another(world, desk):
    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_user_password_change", args=[world.author.pk])
    page = address("user", "change", world.author.pk)
    sent = form_of(desk.get(page)) | {"password": "x", "password1": NEW, "password2": NEW}
    sent |= {"date_joined_0": "2026-11-01", "date_joined_1": "12:00"}
    assert desk.post(page, sent).status_code == 302
    assert lets_in(world.author, PASSWORD)
    # Nor can a password be sent with a new account.
    add(desk, world, password=NEW, password1=NEW, password2=NEW)
    assert not User.objects.get(username="chen").has_usable_password()


def test_nobody_locks_themselves_out_or_invites_who_may_not_come(world, desk, root):
    assert "at the top of this page" in said(invite(desk, root))[-1]
    assert lets_in(root, PASSWORD)
    User.objects.filter(pk=world.author.pk).update(is_active=False)
    assert "First make the account active" in said(invite(desk, world.author))[-1]
    assert mail.outbox == []
