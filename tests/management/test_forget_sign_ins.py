"""What signing in leaves behind names accounts and network addresses: it goes when it is over."""

from datetime import timedelta
from io import StringIO

import time_machine
from axes.models import AccessAttempt
from django.core.management import call_command

from tests.admin.desk import signed_in
from tests.conftest import NOW
from tracker.models import Session


def test_sessions_and_tries_go_when_they_count_no_longer(world, client):
    def forget(**later):
        output = StringIO()
        with time_machine.travel(NOW + timedelta(**later), tick=False):
            call_command("forget_sign_ins", stdout=output)
        return output.getvalue().strip()

    with time_machine.travel(NOW, tick=False):
        signed_in(world.author)
        client.post("/admin/login/", {"username": world.author.username, "password": "wrong"})
    assert (Session.objects.count(), AccessAttempt.objects.count()) == (1, 1)
    assert forget(minutes=14) == "0 sessions and 0 wrong tries forgotten."
    assert forget(minutes=16) == "0 sessions and 1 wrong tries forgotten."
    assert forget(hours=9) == "1 sessions and 0 wrong tries forgotten."
    assert not Session.objects.exists()
