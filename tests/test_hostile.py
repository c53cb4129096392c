"""Whatever an address is sent, it answers; with a fault of ours never."""

import os
from itertools import islice

import pytest
from django.middleware.csrf import _get_new_csrf_string

from tests import hostile
from tests.admin.desk import signed_in
from tests.factories import World
from tracker.models import Body, Evidence, Pledge, Source, Update, User
from tracker.models.session import Session
from tracker.vocabulary import StaffRole

#: How many requests each role sends. `make hostile` sends a hundred thousand in all.
REQUESTS = int(os.environ.get("HOSTILE_REQUESTS", "100"))
SEED = int(os.environ.get("HOSTILE_SEED", "20220820"))
ROLES = {
    "nobody": (),
    "editor": (StaffRole.EDITOR,),
    "reviewer": (StaffRole.REVIEWER,),
    "manager": (StaffRole.MANAGER,),
    "administrator": tuple(StaffRole),
}


@pytest.fixture
def world(transactional_db, now):
    world = World(now)
    pledge = world.pledge()
    world.responsibility(pledge, world.body())
    pledge.sectors.add(world.sector())
    entry = world.published(pledge)
    world.change(world.draft(pledge), world.milestone(pledge))
    world.submitted(pledge)
    world.pledge("P1.02", public=False)
    world.correction(entry, "stalled")
    return world


def known():
    """What stands in the record, by the name that an address or a parameter has for it."""
    keys = [
        str(pk) for model in (Pledge, Update) for pk in model.objects.values_list("pk", flat=True)
    ]
    codes = [*Pledge.objects.values_list("code", flat=True)]
    slugs = [*Body.objects.values_list("slug", flat=True), "hydrogen", "test"]
    reports = ["pledges", "updates", "changes", "summary", "evidence", "attention"]
    return {
        "object_id": keys,
        "pk": keys,
        "code": codes,
        "pledge": codes,
        "slug": slugs,
        "body": slugs,
        "report": reports,
        "name": reports,
        "format": ["csv", "xlsx", "json"],
        "extension": ["csv", "xlsx", "json"],
        "order": ["1", "2"],
        "page": ["1", "2"],
        "status": ["kept", "in_progress"],
        "as_of": ["2024-01-01", "9999-12-31", "0001-01-01"],
        "known_on": ["2024-01-01", "0001-01-01"],
        "from": ["2023-01-01"],
        "to": ["2024-01-01"],
        "uid": [str(uid) for uid in Evidence.objects.values_list("uid", flat=True)],
        "app_label": ["tracker"],
        "model_name": ["update", "evidence", "pledge"],
        "field_name": ["pledge", "pillar", "body"],
        "source": [*Source.objects.values_list("slug", flat=True)],
    }


@pytest.mark.parametrize("role", ROLES)
def test_no_request_ends_in_a_fault_of_ours(world, role, settings):
    if role == "administrator":
        person = User.objects.create_superuser("root", password="x")
    elif role != "nobody":
        person = world.person(f"a-{role}", *ROLES[role])
    token = _get_new_csrf_string()
    faults, session = [], ""
    for number, request in enumerate(islice(hostile.requests(SEED, known()), REQUESTS)):
        cookies = ""
        if role != "nobody":
            # Anew where it ended: one of the addresses is the way out. And now and then, for what
            # is asked only of who has just signed in.
            if number % 50 == 0 or not Session.objects.filter(session_key=session).exists():
                session = signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value
            cookies = f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={token}"
        status, body = request.send(cookies, token)
        if status >= 500 or b"Traceback" in body:
            faults.append((status, request))
    assert faults == []


@pytest.mark.parametrize("length", ["abc", "-1", "+5", "5.0", "٥", " 5", "9" * 19, "9" * 5000])
def test_a_length_that_is_none_is_refused(world, length):
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        for path in ("/en/pledges/", "/admin/login/", "/api/v1/pledges/"):
            asked = hostile.Hostile("POST", path, "", {"CONTENT_LENGTH": length}, kind, b"--x")
            assert asked.send()[0] == 400, (path, kind)
