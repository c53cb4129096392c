"""Several people at once, each on a connection of their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import StringIO
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connections
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.conftest import NOW
from tests.factories import World
from tracker.actions import audit, factors, pledges, subscriptions, updates
from tracker.actions.audit import Doer
from tracker.actions.updates import Refused
from tracker.models import AuditEntry, Evidence, Head, Pledge, Standing, Update
from tracker.queries import audit as audit_log
from tracker.queries import chain
from tracker.rules.chain import first_fault
from tracker.vocabulary import AuditKind, Language, Refusal, StaffRole, Status

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 60


def at_once(*steps):
    """Runs `steps` in threads that start together; what each returned or raised, in order."""
    barrier = Barrier(len(steps), timeout=SECONDS)

    def run(step):
        barrier.wait()
        try:
            return step()
        except (Refused, IntegrityError) as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(steps)) as pool:
        started = [pool.submit(run, step) for step in steps]
        return [future.result(timeout=SECONDS) for future in started]


@pytest.fixture
def world(transactional_db):
    return World(at=NOW)


def test_two_reviewers_who_publish_at_once_make_one_entry(world):
    update = world.submitted(world.pledge())
    reviewers = [world.person(f"reviewer-{n}", StaffRole.REVIEWER) for n in range(2)]
    outcomes = at_once(
        *(lambda who=who: updates.publish(update, by=who, at=world.at) for who in reviewers)
    )
    (entry,) = [done for done in outcomes if isinstance(done, Update)]
    (refused,) = [done for done in outcomes if isinstance(done, Refused)]
    assert refused.refusals == [Refusal.NOT_AWAITING_REVIEW]
    update.refresh_from_db()
    assert (update.sequence, update.published_by) == (1, entry.published_by)
    assert Head.objects.get().sequence == 1


def test_publishing_and_returning_at_once_is_one_of_the_two(world):
    update = world.submitted(world.pledge())
    outcomes = at_once(
        lambda: updates.publish(update, by=world.reviewer, at=world.at),
        lambda: updates.return_(update, by=world.reviewer, at=world.at, reason="Say more."),
        lambda: updates.withdraw(update, by=world.author, at=world.at),
    )
    (done,) = [done for done in outcomes if isinstance(done, Update)]
    assert [error.refusals for error in outcomes if isinstance(error, Refused)] == [
        [Refusal.NOT_AWAITING_REVIEW]
    ] * 2
    update.refresh_from_db()
    assert update.state == done.state


def test_eight_who_publish_at_once_leave_no_gap_and_the_right_standing(world):
    pledge = world.pledge()
    waiting = [
        world.submitted(
            pledge,
            Status.IN_PROGRESS if number < 7 else Status.STALLED,
            effective_on=date(2023, 1, 1 + number),
            reported_progress=number,
        )
        for number in range(8)
    ]
    outcomes = at_once(
        *(
            lambda update=update: updates.publish(update, by=world.reviewer, at=world.at)
            for update in waiting
        )
    )
    assert sorted(entry.sequence for entry in outcomes) == list(range(1, 9))
    assert Head.objects.get().sequence == 8
    standing = Standing.objects.get()
    assert (standing.status, standing.entry_id) == (Status.STALLED, waiting[7].pk)
    assert (standing.reported_progress, standing.last_entry_on) == (7, date(2023, 1, 8))
    fields = ["status", "entry_id", "last_entry_on", "reported_progress"]
    assert list(Pledge.objects.as_of().values(*fields)) == list(
        Pledge.objects.as_of(date(2026, 11, 23)).values(*fields)
    )


def test_publishing_for_several_pledges_at_once_shares_one_numbering(world):
    waiting = [world.submitted(world.pledge(f"P1.0{number}")) for number in range(1, 5)]
    outcomes = at_once(
        *(
            lambda update=update: updates.publish(update, by=world.reviewer, at=world.at)
            for update in waiting
        )
    )
    assert sorted(entry.sequence for entry in outcomes) == [1, 2, 3, 4]
    assert set(Standing.objects.values_list("entry_id", flat=True)) == {u.pk for u in waiting}


def test_two_corrections_published_at_once_are_one(world):
    entry = world.published(world.pledge())
    waiting = []
    for number in range(2):
        author = world.person(f"author-{number}", StaffRole.EDITOR)
        draft = updates.correct(entry, by=author, at=world.at)
        draft.correction_reason_en = "A slip."
        draft.save()
        waiting.append(updates.submit(draft, by=author, at=world.at))
    outcomes = at_once(
        *(
            lambda update=update: updates.publish(update, by=world.reviewer, at=world.at)
            for update in waiting
        )
    )
    (refused,) = [done for done in outcomes if isinstance(done, Refused)]
    assert refused.refusals == [Refusal.ALREADY_CORRECTED]
    assert entry.corrections.filter(state="published").count() == 1


def test_starting_ones_correction_twice_at_once_starts_one(world):
    entry = world.published(world.pledge())
    outcomes = at_once(*[lambda: updates.correct(entry, by=world.author, at=world.at)] * 2)
    assert outcomes[0] == outcomes[1]
    assert entry.corrections.count() == 1
    assert Evidence.objects.count() == 2


def test_evidence_taken_away_while_publishing_is_there_or_the_entry_is_not(world):
    for number in range(5):
        update = world.submitted(world.pledge(f"P1.0{number}"))
        outcomes = at_once(
            lambda update=update: updates.publish(update, by=world.reviewer, at=world.at),
            lambda update=update: update.evidence.all().delete(),
        )
        update.refresh_from_db()
        if update.is_published:
            assert isinstance(outcomes[1], IntegrityError)
            assert update.evidence.count() == 1
        else:
            assert outcomes[0].refusals == [Refusal.NO_EVIDENCE]
            assert update.evidence.count() == 0


def test_a_pledge_made_public_twice_at_once_keeps_the_first(world):
    pledge = world.pledge(public=False)
    moments = [world.later(hours=1), world.later(hours=2)]
    outcomes = at_once(
        *(lambda at=at: pledges.publish_pledge(pledge, by=world.reviewer, at=at) for at in moments)
    )
    assert outcomes[0].published_at == outcomes[1].published_at
    pledge.refresh_from_db()
    assert pledge.published_at == outcomes[0].published_at


def test_two_digests_at_once_claim_each_subscription_once(world):
    asked = subscriptions.ask(
        email="reader@example.org", subject=None, language=Language.EN, on=NOW.date()
    )
    subscriptions.confirm(asked.token, on=NOW.date())
    world.published(world.pledge())
    claims = at_once(*[lambda: subscriptions.claim("reader@example.org", upto=1)] * 2)
    assert sorted(len(claimed) for claimed in claims) == [0, 1]


def test_asked_for_twice_at_once_it_is_one_subscription(world):
    asked = at_once(
        *[
            lambda: subscriptions.ask(
                email="reader@example.org", subject=None, language=Language.EN, on=NOW.date()
            )
        ]
        * 2
    )
    assert len({subscription.pk for subscription in asked}) == 1


def test_a_code_that_comes_twice_at_once_is_right_once_and_all_are_in_the_log(world):
    doer = Doer(world.author, world.at)
    (code, *_more) = factors.make_codes(world.author, doer=doer)
    app = TOTPDevice.objects.create(user=world.author, name="App", key="5a" * 20, confirmed=True)
    shown = f"{totp(bytes.fromhex(app.key)):06d}"

    def spend():
        is_right = factors.spend_recovery_code(world.author, code)
        audit.write(doer, AuditKind.VERIFIED, about=world.author)
        return is_right

    outcomes = at_once(
        *[spend] * 4, *[lambda: factors.check_code(world.author, shown) for _ in range(2)]
    )
    assert (outcomes[:4].count(True), outcomes[4:].count(True)) == (1, 1)
    assert AuditEntry.objects.count() == 5
    assert first_fault(audit_log.links(), audit_log.head()) is None


def test_a_record_that_is_published_to_meanwhile_verifies(world, monkeypatch):
    """Read at two moments, its end and its entries would not agree: a false alarm of tampering."""
    waiting = [world.submitted(world.pledge(f"P1.0{n}")) for n in range(1, 9)]
    read = []

    def and_then_somebody_publishes(head):
        def answer():
            end = head()
            read.append(end.number)
            at_once(lambda: updates.publish(waiting.pop(), by=world.reviewer, at=world.at))
            return end

        return answer

    monkeypatch.setattr(chain, "head", and_then_somebody_publishes(chain.head))
    monkeypatch.setattr(audit_log, "head", and_then_somebody_publishes(audit_log.head))
    out = StringIO()
    call_command("verify_record", stdout=out)
    assert "FAULT" not in out.getvalue()
    assert len(read) == 4
    assert Head.objects.get().sequence == 4
    assert "ends with entry 0," in out.getvalue()
