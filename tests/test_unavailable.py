"""A disk that is full or read-only in mid-request: a clear 503, nothing half saved, and then on."""

import pytest
from django.db import connection

from tests.admin.desk import address, form_of, signed_in
from tests.conftest import NOW
from tests.factories import World
from tracker.models import Milestone, Update
from tracker.queries.verification import checks

pytestmark = pytest.mark.django_db(transaction=True)

#: How a connection is made to take no writes, and to take them again.
READ_ONLY = {
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    "postgresql": (
        "SET default_transaction_read_only = on",
        "SET default_transaction_read_only = off",
    ),
}


def told(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone() if cursor.description else None


@pytest.fixture
def world(transactional_db):
    return World(at=NOW)


def assert_said(answer):
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "Nothing is lost" in answer.content.decode()


def assert_whole():
    assert [check.fault for check in checks(NOW.date()) if check.fault] == []


def test_where_nothing_can_be_written_nothing_is_said_to_be(world):
    update = world.submitted(world.pledge())
    reviewer = signed_in(world.reviewer)
    publish = address("update", "step", update.pk, "publish")
    off, on = READ_ONLY[connection.vendor]
    told(off)
    try:
        assert_said(reviewer.post(publish, {"seen": update.version}))
        # Reading goes on.
        assert reviewer.get(address("update", "change", update.pk)).status_code == 200
    finally:
        told(on)
    assert not Update.objects.published().exists()
    assert_whole()
    assert reviewer.post(publish, {"seen": update.version}).status_code == 302
    assert Update.objects.published().get() == update


@pytest.mark.sqlite_only
def test_a_full_disk_is_said_and_nothing_is_half_saved(world):
    milestone = world.milestone(world.pledge())
    editor = signed_in(world.author)
    page = address("milestone", "change", milestone.pk)
    told("VACUUM")
    told(f"PRAGMA max_page_count = {told('PRAGMA page_count')[0]}")
    answers = []
    try:
        for turn in range(50):
            form = form_of(editor.get(page)) | {"title_en": f"turn {turn} " + "x" * 150}
            answers.append(editor.post(page, form))
            if answers[-1].status_code != 302:
                break
    finally:
        told("PRAGMA max_page_count = 1073741823")
    assert_said(answers[-1])
    # What was said to be saved is, and what was not is nowhere.
    titles = list(Milestone.history.order_by("history_id").values_list("title_en", flat=True))
    assert len(titles) == len(answers)
    assert Milestone.objects.get().title_en == titles[-1]
    assert_whole()
    form = form_of(editor.get(page)) | {"title_en": "again"}
    assert editor.post(page, form).status_code == 302
