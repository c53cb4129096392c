"""A small race, as `make race` runs a long one over HTTP: nothing acknowledged is lost."""

import pytest
from django.db import connections

from bench.race import COLLEAGUES, Save, judged, race
from tests.admin.desk import signed_in
from tests.conftest import NOW
from tests.factories import World
from tracker.models import Milestone
from tracker.vocabulary import StaffRole

TURNS = 20


def asking(client):
    """Asks as a browser would, on a connection of its thread's own."""

    def ask(address, data=None):
        try:
            answer = client.get(address) if data is None else client.post(address, data)
        finally:
            connections.close_all()
        return answer.status_code, answer.content.decode()

    return ask


@pytest.mark.django_db(transaction=True)
def test_of_the_saves_of_eight_who_edit_one_row_none_is_lost():
    world = World(at=NOW)
    row = world.milestone(world.pledge(), "start")
    people = [world.person(f"colleague-{n}", StaffRole.EDITOR) for n in range(COLLEAGUES)]
    askers = {person.username: asking(signed_in(person)) for person in people}
    saves = race(askers, [row.pk], TURNS * COLLEAGUES)
    titles = list(Milestone.history.order_by("history_id").values_list("title_en", flat=True))
    outcome = judged(saves, {row.pk: titles})
    assert outcome.is_sound, outcome
    assert outcome.acknowledged + outcome.told == TURNS * COLLEAGUES
    # In each turn all have opened the row and all save it: one of them can.
    assert outcome.acknowledged == TURNS
    assert len(titles) == TURNS + 1
    row.refresh_from_db()
    assert (row.version, row.title_en) == (TURNS + 1, titles[-1])


def test_the_judge_sees_what_is_lost():
    def save(seen, typed, status=302, is_told=False):
        return Save(1, seen, typed, status, is_told)

    unseen = [save("start", "a"), save("start", "b")]
    assert judged(unseen, {1: ["start", "a", "b"]}).lost == 1
    vanished = [save("start", "a")]
    assert judged(vanished, {1: ["start"]}).unaccounted == 1
    silent = [save("start", "a", status=409)]
    assert judged(silent, {1: ["start"]}).untold == 1
    broken = [save("start", "a", status=500)]
    assert not judged(broken, {1: ["start"]}).is_sound
    sound = [save("start", "a"), save("start", "b", 409, is_told=True), save("a", "c")]
    assert judged(sound, {1: ["start", "a", "c"]}).is_sound
