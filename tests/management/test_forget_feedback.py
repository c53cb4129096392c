"""The addresses of readers are forgotten some time after their message was handled."""

from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from tests.conftest import NOW
from tracker.actions import feedback
from tracker.models import Feedback


@pytest.fixture
def messages(world):
    """One that waits, and one that was handled now."""
    pledge = world.pledge()
    waiting, handled = (
        feedback.receive(
            pledge, kind="problem", text=text, email=f"{text}@example.org", on=date(2026, 11, 23)
        )
        for text in ("waiting", "handled")
    )
    feedback.handle(handled, by=world.reviewer, at=world.at)
    return waiting, handled


def forget(*args, days):
    output = StringIO()
    with time_machine.travel(NOW + timedelta(days=days), tick=False):
        call_command("forget_feedback", *args, stdout=output)
    return output.getvalue().strip()


def emails():
    return list(Feedback.objects.order_by("pk").values_list("email", flat=True))


def test_ninety_days_after_it_was_handled_a_message_keeps_no_address(messages):
    assert forget(days=90) == "0 e-mail addresses forgotten."
    assert forget(days=91) == "1 e-mail addresses forgotten."
    assert emails() == ["waiting@example.org", ""]
    assert Feedback.objects.filter(text="handled").exists()


def test_the_operator_may_say_after_how_many_days(messages):
    assert forget("--older-than", "5", days=6) == "1 e-mail addresses forgotten."


@pytest.mark.parametrize("days", ["-1", "36501"])
def test_a_number_that_is_no_number_of_days_is_refused(messages, days):
    with pytest.raises(CommandError, match="--older-than"):
        forget(f"--older-than={days}", days=1)
    assert "" not in emails()
