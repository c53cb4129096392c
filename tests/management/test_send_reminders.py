"""Each person gets one digest, in their language, and never the same thing twice."""

import threading
from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import connection

from tests.conftest import NOW
from tracker.actions import updates
from tracker.models import Reminder
from tracker.rules.dates import day_of
from tracker.vocabulary import ReminderKind, Role, StaffRole

TODAY = day_of(NOW)


class Broken(EmailBackend):
    """A mail server that refuses one address."""

    def send_messages(self, messages):
        if any("broken" in address for message in messages for address in message.to):
            raise OSError("refused")
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def harbour(world):
    return world.body("harbour")


def staff(world, name, role, *bodies, **values):
    person = world.person(name, role, bodies=bodies)
    for key, value in ({"email": f"{name}@example.org"} | values).items():
        setattr(person, key, value)
    person.save()
    return person


@pytest.fixture
def editor(world, harbour):
    return staff(world, "ed", StaffRole.EDITOR, harbour)


def pledge(world, body, code="P1.01", role=Role.LEAD, *, due=None, recorded=TODAY):
    """A public pledge in progress, due in so many days, with an entry of a day."""
    dates = {}
    if due is not None:
        dates = {
            "original_due_on": TODAY + timedelta(days=due),
            "original_due_precision": "day",
        }
    row = world.pledge(code, **dates)
    world.responsibility(row, body, role)
    world.published(row, effective_on=recorded)
    return row


def run(*arguments, days=0):
    """What the command says, so many days later."""
    out = StringIO()
    with time_machine.travel(NOW + timedelta(days=days), tick=False):
        call_command("send_reminders", *arguments, stdout=out)
    return out.getvalue()


def test_one_digest_with_everything_and_the_way_to_do_it(world, harbour, editor, settings):
    settings.SITE_URL = "https://pledges.example.org"
    soon = pledge(world, harbour, "P1.01", due=6)
    pledge(world, harbour, "P1.02", due=-8)
    pledge(world, harbour, "P1.03", recorded=TODAY - timedelta(days=400))
    run()
    (message,) = mail.outbox
    assert message.to == ["ed@example.org"]
    assert message.subject == "Pledge tracker: 3 reminders"
    assert "P1.01 Pledge P1.01" in message.body
    assert "Due in 6 days, on Nov. 29, 2026." in message.body
    assert "Late by 8 days: it was due on Nov. 15, 2026." in message.body
    assert "Nothing was recorded for 400 days." in message.body
    address = f"https://pledges.example.org/admin/tracker/update/add/?pledge={soon.pk}"
    assert address in message.body
    assert "https://pledges.example.org/admin/\n" in message.body
    assert set(Reminder.objects.values_list("kind", "sent_on")) == {
        (kind, TODAY) for kind in ("due", "late", "stale")
    }


def test_never_twice_and_each_occasion_once(world, harbour, editor):
    pledge(world, harbour, due=30)
    sent = []
    for days in (0, 1, 22, 23, 24, 28, 29, 30, 31, 36, 37, 59, 60, 61, 75):
        mail.outbox.clear()
        run(days=days)
        if mail.outbox:
            sent.append(days)
    assert sent == [0, 23, 29, 31, 37, 60]


def test_a_missed_day_is_caught_up_with_by_one_mail(world, harbour, editor):
    pledge(world, harbour, due=30)
    run(days=28)
    run(days=28)
    assert [message.subject for message in mail.outbox] == ["Pledge tracker: 1 reminder"]
    assert list(Reminder.objects.values_list("subject", flat=True)) == ["P1.01 2026-12-23 7"]


def test_a_due_date_that_moves_is_another_thing(world, harbour, editor):
    row = pledge(world, harbour, due=5)
    run()
    world.published(row, effective_on=TODAY, due_on=TODAY + timedelta(days=6), due_precision="day")
    run()
    assert len(mail.outbox) == 2


def test_staleness_is_said_once_for_each_stretch_of_silence(world, harbour, editor, settings):
    settings.STALE_AFTER_DAYS = 10
    row = pledge(world, harbour)
    for days in (10, 11, 12, 40):
        run(days=days)
    assert len(mail.outbox) == 1
    world.at += timedelta(days=20)
    world.published(row, effective_on=TODAY + timedelta(days=20))
    run(days=41)
    assert len(mail.outbox) == 2


def test_milestones_are_reminded_of_until_they_are_done(world, harbour, editor):
    row = pledge(world, harbour)
    step = world.milestone(row, "Ground broken")
    draft = world.draft(row, effective_on=TODAY)
    world.change(draft, step, due_on=TODAY + timedelta(days=7), due_precision="day")
    run()
    assert mail.outbox == []  # A draft says nothing yet.
    updates.submit(draft, by=world.author, at=world.at)
    updates.publish(draft, by=world.reviewer, at=world.at)
    run()
    assert "P1.01 Pledge P1.01 · Ground broken" in mail.outbox[0].body


def test_only_the_editors_of_bodies_that_lead_are_reminded_of_pledges(world, harbour, editor):
    schools = world.body("schools")
    row = pledge(world, harbour, due=1)
    world.responsibility(row, schools, Role.SUPPORT)
    staff(world, "supporter", StaffRole.EDITOR, schools)
    staff(world, "checker", StaffRole.REVIEWER, harbour)
    staff(world, "everywhere", StaffRole.EDITOR)
    asked = staff(world, "asked", StaffRole.EDITOR, harbour, is_site_wide=True)
    run()
    assert {message.to[0] for message in mail.outbox} == {editor.email, asked.email}


def test_reviewers_hear_of_what_waits_but_not_of_what_they_wrote(world, harbour, editor):
    row = pledge(world, harbour)
    both = staff(world, "both", StaffRole.REVIEWER, harbour)
    both.groups.add(world.groups[StaffRole.EDITOR])
    staff(world, "elsewhere", StaffRole.REVIEWER, world.body("schools"))
    staff(world, "checker", StaffRole.REVIEWER, harbour)
    staff(world, "everywhere", StaffRole.REVIEWER)
    update = world.submitted(row, created_by=both, effective_on=TODAY)
    run(days=1)
    assert mail.outbox == []
    run(days=2)
    assert {message.to[0] for message in mail.outbox} == {
        "checker@example.org",
        "everywhere@example.org",
    }
    assert "Waiting for review for 2 days." in mail.outbox[0].body
    assert f"/admin/tracker/update/{update.pk}/change/" in mail.outbox[0].body
    run(days=3)
    assert len(mail.outbox) == 2


def test_in_the_language_of_the_one_who_reads_it(world, harbour):
    staff(world, "wang", StaffRole.EDITOR, harbour, language="zh-hans")
    pledge(world, harbour, due=1)
    run()
    assert mail.outbox[0].subject == "承诺追踪：1项提醒"
    assert "还有1天到期（2026年11月24日）。" in mail.outbox[0].body
    assert "承诺P1.01" in mail.outbox[0].body


def test_a_dry_run_says_what_it_would_send_and_sends_nothing(world, harbour, editor):
    pledge(world, harbour, due=40)
    said = run("--dry-run", "--on", "2026-12-26")
    assert "ed <ed@example.org>: would be sent" in said
    assert "due P1.01 2027-01-02 7" in said
    assert mail.outbox == []
    assert not Reminder.objects.exists()
    with pytest.raises(CommandError, match="yet to come"):
        run("--on", "2026-12-26")


@pytest.mark.parametrize(
    ("values", "why"), [({"email": ""}, "no e-mail address"), ({"is_active": False}, "not active")]
)
def test_who_cannot_be_written_to_is_passed_over_aloud(world, harbour, values, why):
    staff(world, "ed", StaffRole.EDITOR, harbour, **values)
    pledge(world, harbour, due=1)
    assert f"ed: passed over, {why}." in run()
    assert mail.outbox == []
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("address", ["broken@example.org", "a@example.org\nBcc: b@example.org"])
def test_a_mail_that_fails_is_not_lost_and_stops_nobody_else_s(
    world, harbour, editor, settings, address
):
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    failing = staff(world, "broken", StaffRole.EDITOR, harbour, email=address)
    pledge(world, harbour, due=1)
    with pytest.raises(CommandError, match="Not sent to broken"):
        run()
    assert [message.to for message in mail.outbox] == [[editor.email]]
    assert not Reminder.objects.filter(recipient=failing).exists()
    failing.email = "mended@example.org"
    failing.save()
    run()
    assert [message.to[0] for message in mail.outbox] == [editor.email, "mended@example.org"]


def test_what_is_typed_into_titles_never_reaches_the_head(world, harbour, editor):
    row = pledge(world, harbour, due=1)
    row.title_en = "Harbour\r\nBcc: everybody@example.org"
    row.save()
    run()
    message = mail.outbox[0].message()
    assert message["Bcc"] is None
    assert message["Subject"] == "Pledge tracker: 1 reminder"


def test_what_is_not_public_or_at_an_end_is_passed_over(world, harbour, editor):
    dates = {"original_due_on": TODAY + timedelta(days=1), "original_due_precision": "day"}
    world.responsibility(world.pledge("P1.01", public=False, **dates), harbour)
    ended = world.pledge("P1.02", **dates)
    world.responsibility(ended, harbour)
    world.published(ended, "kept", effective_on=date(2023, 1, 1))
    run()
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_two_commands_at_once_send_one_mail(world, harbour, editor):
    pledge(world, harbour, due=1)
    start = threading.Barrier(2)

    def one():
        try:
            start.wait()
            call_command("send_reminders", stdout=StringIO())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mail.outbox) == 1
    assert Reminder.objects.get().kind == ReminderKind.DUE
