"""The weekly digest: who gets what, once."""

import re
from datetime import date
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends import locmem
from django.core.management import CommandError, call_command

from tests.conftest import NOW
from tracker.actions import subscriptions
from tracker.models import Subscription
from tracker.vocabulary import Language, Status

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(NOW, tick=False):
        yield


def follower(email="reader@example.org", subject=None, language=Language.EN):
    asked = subscriptions.ask(email=email, subject=subject, language=language, on=TODAY)
    return subscriptions.confirm(asked.token, on=TODAY)


def send(*options):
    """Runs the command; the mails that it sent."""
    del mail.outbox[:]
    call_command("send_digest", *options)
    return list(mail.outbox)


def test_a_digest_holds_what_is_new_with_addresses_of_the_site(world, settings):
    settings.SITE_URL = "https://pledges.example.org"
    pledge = world.pledge()
    world.published(pledge, narrative_en="Old.")
    kept = follower()
    entry = world.published(
        pledge, Status.KEPT, effective_on=date(2024, 1, 1), narrative_en="New <b>&amp;."
    )
    world.correction(entry, Status.STALLED)
    (message,) = send()
    assert message.subject == "2 new entries in the Lingang Pledge Tracker"
    assert "P1.01 Pledge P1.01: In progress → Kept" in message.body
    assert "In effect from Jan. 1, 2024, published on Nov. 23, 2026" in message.body
    assert "New <b>&amp;." in message.body
    assert "correction of entry 2: Kept → Stalled" in message.body
    assert "A slip." in message.body
    assert "Old." not in message.body
    assert "https://pledges.example.org/en/pledges/P1.01/#entry-2" in message.body
    stop = f"https://pledges.example.org/en/follow/{kept.token}/stop/"
    assert stop in message.body
    assert message.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (
        re.findall(r"https?://[^/\s]+", message.body.replace("https://pledges.example.org", ""))
        == []
    )


def test_it_is_written_in_the_language_of_the_reader(world):
    follower(language=Language.ZH_HANS)
    world.published(world.pledge(), effective_on=date(2024, 1, 1))
    (message,) = send()
    assert message.subject == "临港承诺追踪有1个新条目"
    assert "P1.01 承诺P1.01：尚未评估 → 推进中" in message.body
    assert "自2024年1月1日起生效，2026年11月23日发布" in message.body
    assert "工作在推进。" in message.body
    assert "/zh-hans/pledges/P1.01/#entry-1" in message.body


def test_nothing_new_is_no_mail_and_nothing_is_sent_twice(world):
    follower()
    assert send() == []
    world.published(world.pledge())
    assert len(send()) == 1
    assert send() == []


def test_an_address_gets_one_mail_with_each_entry_once_whatever_it_follows(world):
    first, second = world.pledge("P1.01"), world.pledge("P1.02", pillar=None)
    world.responsibility(first, world.body())
    for subject in (None, world.pillar, world.body("other"), first):
        follower(subject=subject)
    follower("pillar@example.org", world.pillar)
    follower("pledge@example.org", second)
    world.published(first)
    world.published(second)
    sent = {message.to[0]: message for message in send()}
    assert {to: message.subject[0] for to, message in sent.items()} == {
        "reader@example.org": "2",
        "pillar@example.org": "1",
        "pledge@example.org": "1",
    }
    assert sent["reader@example.org"].body.count("P1.01 Pledge P1.01:") == 1
    assert sent["reader@example.org"].body.count("/stop/") == 4
    assert "P1.02" not in sent["pillar@example.org"].body


def test_who_never_confirmed_gets_nothing_and_is_forgotten_after_a_week(world):
    subscriptions.ask(email="a@example.org", subject=None, language=Language.EN, on=TODAY)
    subscriptions.ask(
        email="b@example.org", subject=None, language=Language.EN, on=date(2026, 11, 15)
    )
    world.published(world.pledge())
    assert send() == []
    assert [one.email for one in Subscription.objects.all()] == ["a@example.org"]


def test_a_dry_run_says_what_would_be_sent_and_changes_nothing(world, capsys):
    follower()
    follower("other@example.org", world.body())
    world.published(world.pledge())
    assert send("--dry-run") == []
    assert "Would send 1 digests" in capsys.readouterr().out
    assert len(send()) == 1


class Refusing(locmem.EmailBackend):
    """A mail server that fails for one address."""

    error: Exception

    def send_messages(self, messages):
        if messages[0].to == ["bad@example.org"]:
            raise self.error
        return super().send_messages(messages)


@pytest.mark.parametrize(
    ("error", "again"),
    [
        # The server said that it took nothing, or we fell before we asked: the next run has it.
        (SMTPRecipientsRefused({}), 1),
        (ValueError("ours"), 1),
        # It fell silent and may have taken it: that mail is not sent again.
        (SMTPServerDisconnected("gone"), 0),
        (TimeoutError(), 0),
    ],
)
def test_one_address_that_fails_keeps_nobody_else_from_their_mail(
    world, settings, error, again, caplog
):
    for email in ("a@example.org", "bad@example.org", "c@example.org"):
        follower(email)
    world.published(world.pledge())
    backend = settings.EMAIL_BACKEND
    Refusing.error = error
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    with pytest.raises(CommandError, match="1 digests could not be sent"):
        send()
    assert [message.to[0] for message in mail.outbox] == ["a@example.org", "c@example.org"]
    assert "bad@example.org" not in caplog.text
    settings.EMAIL_BACKEND = backend
    assert len(send()) == again


def test_a_server_that_is_away_costs_nobody_a_digest(world, settings):
    follower()
    world.published(world.pledge())
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(CommandError, match="does not answer"):
        send()
    settings.EMAIL_BACKEND = backend
    assert len(send()) == 1


def test_killed_between_the_claim_and_the_mail_nobody_gets_it_twice(world, settings):
    class Killed(BaseException):
        pass

    follower()
    world.published(world.pledge())
    backend = settings.EMAIL_BACKEND
    Refusing.error = Killed()
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    follower("bad@example.org")
    world.published(world.pledge("P1.02"))
    with pytest.raises(Killed):
        send()
    settings.EMAIL_BACKEND = backend
    assert {message.to[0] for message in send()} == {"reader@example.org"}


def test_what_is_too_much_for_a_mail_is_led_to(world, monkeypatch):
    monkeypatch.setattr("tracker.actions.letters.MOST_ENTRIES", 2)
    follower()
    pledge = world.pledge()
    for day in range(1, 6):
        world.published(pledge, effective_on=date(2023, 1, day))
    (message,) = send()
    assert message.subject.startswith("5 new entries")
    assert message.body.count("#entry-") == 2
    assert "3 entries more are here: http://127.0.0.1:8000/en/updates/" in message.body
