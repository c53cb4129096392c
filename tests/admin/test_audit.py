"""The audit log: who did what at the desk and at its door; nobody changes it, by whatever road."""

from io import StringIO

import pytest
import time_machine
from django.contrib import admin
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.admin.desk import address, form_of, signed_in
from tests.admin.test_second_factor import code_of, sign_in, with_app
from tests.conftest import NOW
from tests.factories import PASSWORD
from tracker.admin.audited import AuditedAdmin
from tracker.models import AuditEntry, AuditHead, User, guards
from tracker.queries import audit
from tracker.queries.verification import checks
from tracker.rules.chain import first_fault

pytestmark = pytest.mark.usefixtures("clock")

WRONG = "not the password"


def told(*names):
    """What the log tells, in its order."""
    names = names or ("kind",)
    rows = AuditEntry.objects.order_by("number").values_list(*names)
    return [row[0] if len(names) == 1 else row for row in rows]


# --- the door ---------------------------------------------------------------------------------


def test_each_step_of_signing_in_and_out_is_told(world):
    app = with_app(world.author)
    client = Client()
    for password in (WRONG, PASSWORD):
        client.post(reverse("admin:login"), {"username": "author", "password": password})
    client.post("/admin/sign-in/second-step/", {"code": "0"})
    client.post("/admin/sign-in/second-step/", {"recovery": "ABCD"})
    with time_machine.travel(NOW.timestamp() + 30, tick=False):
        client.post("/admin/sign-in/second-step/", {"code": code_of(app.key, 1)})
        client.post(reverse("admin:logout"))
    assert told() == [
        "refused_sign_in",
        "signed_in",
        "refused_second",
        "refused_second",
        "verified",
        "signed_out",
    ]
    assert set(told("address")) == {"127.0.0.1"}
    assert set(told("about")) == {f"tracker.user {world.author.pk}"}
    assert set(told("written_by")) == {0, world.author.pk}


def test_who_is_made_to_wait_is_told_once(world):
    for _ in range(8):
        data = {"username": "author", "password": WRONG}
        Client().post(reverse("admin:login"), data)
    assert told() == ["refused_sign_in"] * 5 + ["locked_out"]


def test_a_name_that_is_nobodys_is_not_written_down(world):
    Client().post(reverse("admin:login"), {"username": "my secret", "password": WRONG})
    assert told("kind", "about", "detail") == [("refused_sign_in", "", "")]


# --- the desk ---------------------------------------------------------------------------------


def test_steps_of_an_update_are_told(world):
    update = world.submitted(world.pledge())
    desk = signed_in(world.reviewer)
    step = address("update", "step", update.pk, "publish")
    desk.post(step, {"seen": update.version})
    assert told("kind", "about", "detail", "written_by") == [
        ("changed", f"tracker.update {update.pk}", "publish", world.reviewer.pk)
    ]


def test_additions_changes_and_deletions_are_told_by_the_names_of_fields_alone(world, root):
    desk = signed_in(root)
    add = address("sector", "add")
    desk.post(add, {"slug": "steel", "name_en": "Very secret name", "_save": "1"})
    pk = int(AuditEntry.objects.get().about.split()[1])
    page = desk.get(address("sector", "change", pk))
    desk.post(address("sector", "change", pk), form_of(page) | {"name_en": "Another"})
    desk.post(address("sector", "delete", pk), {"post": "yes"})
    assert told() == ["added", "changed", "deleted"]
    assert set(told("about")) == {f"tracker.sector {pk}"}
    assert told("detail")[1] == "Name (English)"
    assert not any("secret" in " ".join(map(str, row)) for row in told("about", "detail"))


def test_a_form_that_logs_nothing_itself_is_told_all_the_same(world):
    manager = world.person("a-manager", "manager")
    data = {"report": "pledges", "query": "", "name": "Mine"}
    assert signed_in(manager).post(reverse("admin:report-save"), data).status_code == 302
    assert told("kind", "about") == [("sent", "admin:report-save")]


def test_every_table_of_the_desk_is_audited():
    assert [
        type(desk) for desk in admin.site._registry.values() if not isinstance(desk, AuditedAdmin)
    ] == []


def test_what_somebody_may_not_is_told_and_so_is_a_forged_form(world):
    desk = signed_in(world.author)
    desk.get(address("user", "changelist"))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.author)
    assert strict.post(reverse("admin:report-save"), {}).status_code == 403
    # Of who is not signed in nothing is told: it would be a way to fill the log.
    Client(enforce_csrf_checks=True).post(reverse("admin:login"), {})
    assert told("kind", "about") == [
        ("forbidden", "admin:tracker_user_changelist"),
        ("forged", "admin:report-save"),
    ]


def test_a_password_that_is_set_is_told_and_not_quoted(world, root):
    desk = signed_in(root)
    word = "a quite new password"
    data = {"old_password": PASSWORD, "new_password1": word, "new_password2": word}
    assert desk.post(reverse("admin:password_change"), data).status_code == 302
    assert "password_changed" in told()
    assert not any(word in str(row) for row in AuditEntry.objects.values())


# --- who reads it, and that nobody changes it -------------------------------------------------


def test_superusers_read_it_and_nobody_else(world, root):
    sign_in(world.author)
    entry = AuditEntry.objects.get()
    pages = [address("auditentry", "changelist"), address("auditentry", "change", entry.pk)]
    assert [signed_in(root).get(page).status_code for page in pages] == [200, 200]
    assert [signed_in(world.reviewer).get(page).status_code for page in pages] == [403, 403]


def test_not_even_a_superuser_edits_it(world, root):
    sign_in(world.author)
    entry = AuditEntry.objects.get()
    desk = signed_in(root)
    for page in (
        address("auditentry", "change", entry.pk),
        address("auditentry", "delete", entry.pk),
        address("auditentry", "add"),
    ):
        assert desk.post(page, {"post": "yes", "about": "x"}).status_code == 403
    assert AuditEntry.objects.get(pk=entry.pk).about == entry.about


EVILS = [
    "UPDATE tracker_auditentry SET about = 'x'",
    "DELETE FROM tracker_auditentry",
    "INSERT INTO tracker_auditentry (number, written_at, written_by, kind, about, detail, address,"
    " digest) VALUES (7, '2026-01-01', 0, 'sent', '', '', '', '')",
    "UPDATE tracker_audithead SET number = 0",
    "UPDATE tracker_audithead SET digest = 'x'",
    "UPDATE tracker_audithead SET number = number + 1",
    "DELETE FROM tracker_audithead",
]


@pytest.mark.parametrize("evil", EVILS)
def test_the_database_refuses_to_change_it(world, evil):
    sign_in(world.author)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(evil)


@pytest.mark.postgresql_only
@pytest.mark.parametrize("table", ["tracker_auditentry", "tracker_audithead"])
def test_the_database_refuses_to_empty_it(world, table):
    sign_in(world.author)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table}")


TAMPERINGS = {
    "UPDATE tracker_auditentry SET about = 'x' WHERE number = 2": 2,
    "UPDATE tracker_auditentry SET address = '10.0.0.1' WHERE number = 3": 3,
    "UPDATE tracker_auditentry SET written_by = 0 WHERE number = 1": 1,
    "DELETE FROM tracker_auditentry WHERE number = 2": 2,
    "DELETE FROM tracker_auditentry WHERE number = 4": 4,
    "UPDATE tracker_audithead SET number = 3": 5,
}


@pytest.mark.parametrize(("evil", "number"), TAMPERINGS.items())
def test_what_is_done_behind_the_databases_back_is_found(world, evil, number):
    for _ in range(4):
        sign_in(world.author)
    assert first_fault(audit.links(), audit.head()) is None
    guards.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(evil)
    guards.install(connection)
    fault = {check.name: check.fault for check in checks(NOW.date())}["the audit log"]
    assert f"entry {number} of the audit log" in fault


def test_the_end_of_the_log_is_said_to_be_kept_elsewhere(world):
    sign_in(world.author)
    said = StringIO()
    call_command("verify_record", stdout=said)
    assert (
        f"The audit log ends with entry 1, digest {AuditEntry.objects.get().digest}"
        in said.getvalue()
    )


def test_the_log_is_written_with_what_it_tells_or_neither_is(world, root):
    desk = signed_in(root)
    desk.raise_request_exception = False
    guards.remove(connection)
    AuditHead.objects.get_or_create(pk=1)
    with connection.cursor() as cursor:
        # The log cannot go on: its next number is taken.
        cursor.execute(EVILS[2].replace("(7,", "(1,"))
    data = {"slug": "steel", "name_en": "Steel", "_save": "1"}
    assert desk.post(address("sector", "add"), data).status_code == 500
    guards.install(connection)
    from tracker.models import Sector

    assert not Sector.objects.filter(slug="steel").exists()


# --- commands ---------------------------------------------------------------------------------


def test_commands_that_change_staff_are_told(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("sync_roles", verbosity=0, stdout=StringIO())
    call_command(
        "createsuperuser", username="root", email="r@example.org", interactive=False, verbosity=0
    )
    root = User.objects.get(username="root")
    with_app(root)
    call_command("take_factors_away", "root", stdout=StringIO())
    assert not root.has_second_factor
    assert told("kind", "about", "detail") == [
        ("command", "sync_roles", ""),
        ("command", "createsuperuser", f"tracker.user {root.pk}"),
        ("factor_removed", f"tracker.user {root.pk}", "all"),
    ]
