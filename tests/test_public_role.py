"""The role of the public site reads what is public, whatever is asked through it, and nothing else.

It is put on in the test's own connection, so that it sees what is not committed yet; once, at the
end, the real process is started with the role's own credential.
"""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import translation

from bench.processes import free_port
from tests.actions.test_periods import closed, opened
from tests.conftest import NOW
from tests.test_kept_live import asked, database_url
from tests.views.addresses import files, follows, kinds, pages
from tests.views.test_secrets import SECRET, hide, secret
from tracker.actions import grams, grants, periods, pledges, subscriptions, updates
from tracker.models import (
    Edition,
    ImportFile,
    Indicator,
    Measurement,
    Period,
    Pledge,
    Reply,
    Update,
    User,
)
from tracker.models.public import ALL, ROLE, SHOWN, models
from tracker.queries import facets
from tracker.queries.grants import differences, unready
from tracker.reports import REPORTS
from tracker.views.sitemaps import SITEMAPS
from tracker.vocabulary import Language, StaffRole, Status

pytestmark = [pytest.mark.postgresql_only, pytest.mark.django_db]
ROOT = Path(__file__).resolve().parent.parent
BASE = "public"


@pytest.fixture
def granted(db):
    grants.grant(connection)


@contextmanager
def as_public(settings):
    """As the public process is: its role, its views, and a database in which nothing is a key."""
    facets.forget()
    settings.PUBLIC_ONLY = True
    connection.features.allows_group_by_selected_pks = False
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLE}; SET search_path = {ROLE}")
        try:
            yield cursor
        finally:
            cursor.execute("RESET ROLE; RESET search_path")
            connection.features.allows_group_by_selected_pks = True
            settings.PUBLIC_ONLY = False
            facets.forget()


def refused(statement, *, by=ProgrammingError):
    with pytest.raises(by), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# --- The grants ---------------------------------------------------------------------------------


def test_twice_changes_nothing(db):
    assert "It has been given nothing yet." in grants.grant(connection)
    assert list(differences(connection)) == []
    assert grants.grant(connection) == []


MISTAKES = {
    f"GRANT SELECT ON ALL TABLES IN SCHEMA {BASE} TO {ROLE}": "SELECT public.tracker_user.password",
    "GRANT SELECT ON tracker_note TO PUBLIC": "SELECT public.tracker_note.text",
    f"GRANT SELECT (return_reason) ON tracker_update TO {ROLE}": "tracker_update.return_reason",
    f"GRANT INSERT ON tracker_feedback TO {ROLE}": "INSERT public.tracker_feedback.text",
    f"GRANT ALL ON ALL SEQUENCES IN SCHEMA {BASE} TO {ROLE}": "USAGE public.tracker_update_id_seq",
    f"GRANT USAGE ON SCHEMA {BASE} TO PUBLIC": "USAGE in the schema public",
    f"GRANT CREATE ON SCHEMA {ROLE} TO {ROLE}": f"CREATE in the schema {ROLE}",
    "GRANT TEMPORARY ON DATABASE {database} TO PUBLIC": "TEMPORARY in the database",
    "ALTER TABLE tracker_update DISABLE ROW LEVEL SECURITY": "SELECT rows of public.tracker_update",
    "CREATE POLICY more ON tracker_pledge USING (true)": "SELECT rows of public.tracker_pledge",
    "ALTER POLICY tracker_public_rows ON tracker_pledge USING (true)": "Its views, or rules",
    f"CREATE OR REPLACE VIEW {ROLE}.tracker_head AS SELECT * FROM tracker_head": "Its views, or",
    f"DROP VIEW {ROLE}.tracker_head": f"It may not, and should: SELECT {ROLE}.tracker_head.id",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_and_taken_back(granted, capsys, mistake):
    with connection.cursor() as cursor:
        cursor.execute(mistake.replace("{database}", connection.settings_dict["NAME"]))
    with pytest.raises(CommandError, match="Run grant_roles"):
        call_command("grant_roles", check=True)
    assert MISTAKES[mistake] in capsys.readouterr().out
    call_command("grant_roles")
    call_command("grant_roles", check=True)


@pytest.mark.parametrize("beyond", ["SUPERUSER", "BYPASSRLS", "CREATEROLE"])
def test_what_it_cannot_take_back_it_names(granted, beyond):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {ROLE} {beyond}")
    with pytest.raises(CommandError, match="Only a superuser can mend it"):
        call_command("grant_roles")


def test_a_new_table_and_a_new_column_are_out_of_reach(granted, settings):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE tracker_new (secret text)")
        cursor.execute("ALTER TABLE tracker_head ADD COLUMN secret text")
    assert list(differences(connection)) == []
    with as_public(settings):
        refused(f"SELECT * FROM {BASE}.tracker_new")
        refused("SELECT secret FROM tracker_head")


def test_a_migration_takes_the_views_out_of_its_way(granted):
    change = "ALTER TABLE tracker_pledge ALTER COLUMN slug TYPE varchar(120)"
    refused(change, by=DatabaseError)
    grants.take_away(connection)
    with connection.cursor() as cursor:
        cursor.execute(change)
    call_command("grant_roles")
    call_command("grant_roles", check=True)


def test_without_the_role_the_command_says_how_it_is_made(db):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {ROLE} RENAME TO somebody_else")
    with pytest.raises(CommandError, match=f"createuser {ROLE}"):
        call_command("grant_roles")


# --- What it reads ------------------------------------------------------------------------------


def at(**ago):
    return time_machine.travel(NOW - timedelta(**ago), tick=False)


@pytest.fixture
def record(granted, world):
    """Something of every kind that is public, with its past; and beside it what is not."""
    with at(days=60):
        title = f"{SECRET} before it was public"
        pledge = world.pledge("P2.02", public=False, title_en=title, slug="a-pledge")
    with at(days=50):
        pledge.title_en = "As published"
        pledge.save()
    with at(days=40):
        world.at = NOW - timedelta(days=40)
        # By plain SQL, which leaves no save: the one from before holds from then on.
        of_a_moment = {"published_at": world.at, "published_by": world.reviewer}
        Pledge.objects.filter(pk=pledge.pk).update(**of_a_moment)
        pledge.refresh_from_db()
        world.responsibility(pledge, world.body("harbour"))
        milestone = world.milestone(pledge, "A step")
        first = world.draft(pledge, effective_on=date(2026, 9, 1))
        world.change(first, milestone, due_on=date(2026, 10, 1), due_precision="day")
        first = publish(world, first)
        world.published(pledge, Status.STALLED, effective_on=date(2026, 9, 2))
    with at(days=10):
        world.at = NOW - timedelta(days=10)
        pledge.refresh_from_db()
        pledge.title_en = "As it is called now"
        pledge.save()
        milestone.title_en = "A step, better told"
        milestone.save()
        world.correction(first, Status.STALLED)
        verdict = world.published(pledge, Status.NOT_KEPT, effective_on=date(2026, 10, 1))
        reply = Reply.objects.create(
            update=verdict,
            body=pledge.leads[0],
            edited_at=world.at,
            edited_by=world.author,
            text_en="It was moved, not given up.",
        )
        of_a_moment = {"published_at": world.at, "published_by": world.reviewer}
        Reply.objects.filter(pk=reply.pk).update(**of_a_moment)
        indicator = Indicator.objects.create(
            programme=world.programme, pledge=pledge, code="A1", name_en="Output", unit_en="t"
        )
        Measurement.objects.create(
            indicator=indicator,
            value=7,
            measured_on=date(2026, 9, 1),
            publisher="The Office",
            **of_a_moment,
        )
    with at():
        world.at = NOW
        manager = world.person("manager", StaffRole.MANAGER)
        period = opened(world, manager)
        periods.mark(period, [pledge], by=world.author, at=NOW)
        closed(world, period, manager, although_missing=True)
        public = world.pledge()
        world.responsibility(public, world.body())
        public.sectors.add(world.sector())
        hide(world, world.published(public))
        hide_more(world, manager, verdict)
        yield world


def publish(world, draft):
    submitted = updates.submit(draft, by=world.author, at=world.at)
    return updates.publish(submitted, by=world.reviewer, at=world.at)


def hide_more(world, manager, verdict):
    """What `hide` leaves out: rows that no public address ever asked for."""
    User.objects.filter(pk=world.author.pk).update(email=f"{SECRET}@a.example")
    Session.objects.create(session_key=SECRET, session_data=SECRET, expire_date=NOW)
    subscriptions.ask(
        email=f"{SECRET}@a.example", subject=None, language=Language.EN, on=NOW.date()
    )
    ImportFile.objects.create(
        kind="pledges",
        filename=f"{SECRET}.csv",
        content=SECRET.encode(),
        sha256="0" * 64,
        uploaded_at=NOW,
        uploaded_by=manager,
    )
    period = {"name_en": f"{SECRET} period", "opened_at": NOW, "opened_by": manager}
    Period.objects.create(
        programme=world.programme,
        slug=f"{SECRET}-period",
        starts_on=NOW.date(),
        ends_on=NOW.date(),
        **period,
    )
    Reply.objects.create(
        update=verdict,
        body=world.body("second"),
        edited_at=NOW,
        edited_by=world.author,
        **secret(Reply),
    )


def texts(schemas):
    """By relation, all that the present role can read of it, as one text."""
    read = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema = ANY(%s) ORDER BY 1, 2",
            [schemas],
        )
        for schema, table in cursor.fetchall():
            try:
                with transaction.atomic():
                    cursor.execute(f'SELECT r::text FROM "{schema}"."{table}" r')
                    read[f"{schema}.{table}"] = "\n".join(row for (row,) in cursor.fetchall())
            except DatabaseError:
                continue
    return read


def test_nothing_that_is_not_public_is_in_anything_it_reads(record, settings):
    schemas = [BASE, ROLE, "pg_catalog", "information_schema"]
    grams.index(anew=True)
    with connection.cursor() as cursor:
        # What the planner knows of a table are values of its rows.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ANALYZE tracker_update, tracker_pledge, tracker_note, tracker_evidence")
    owner = texts([BASE])
    with_secrets = {name for name, text in owner.items() if SECRET in text}
    assert len(with_secrets) >= 18
    with as_public(settings):
        read = texts(schemas)
    assert {name for name, text in read.items() if SECRET in text} == set()
    # It did read: each table that is named, and what the server tells of itself.
    assert {f"{ROLE}.{shown.table}" for shown in SHOWN} <= set(read)
    assert "pg_catalog.pg_stats" in read
    assert not any(name.startswith(f"{BASE}.") for name in read)
    empty = {name for name, text in read.items() if name.startswith(ROLE) and not text}
    # Of a source nothing is kept back but passages, and here there is one of those only.
    assert empty <= {f"{ROLE}.tracker_sourcenote", f"{ROLE}.tracker_passage"}


#: Tables whose rows would all be shown if nobody had thought of them.
FAULTS = [
    "tracker_evidence",
    "tracker_historicalmilestone",
    "tracker_historicalpledge",
    "tracker_historicalresponsibility",
    "tracker_indicator",
    "tracker_milestone",
    "tracker_passage",
    "tracker_period",
    "tracker_pledge",
    "tracker_reply",
    "tracker_responsibility",
    "tracker_update",
]


@pytest.mark.usefixtures("record")
def test_each_seeded_fault_would_be_found(settings, monkeypatch):
    """The control: the same search finds what a missing rule, or one column too many, tells."""
    seeded = tuple(
        replace(shown, rows=ALL, names=(*shown.names, "return_reason"))
        if shown.table in FAULTS
        else shown
        for shown in SHOWN
    )
    monkeypatch.setattr("tracker.actions.grants.SHOWN", seeded)
    monkeypatch.setattr("tracker.queries.grants.SHOWN", seeded)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    grants.grant(connection)
    with as_public(settings):
        read = texts([ROLE])
    found = {name.partition(".")[2] for name, text in read.items() if SECRET in text}
    assert found == set(FAULTS)
    assert f"{SECRET} reason" in read[f"{ROLE}.tracker_update"]


@pytest.mark.usefixtures("record")
def test_what_is_kept_back_of_a_row_is_nothing(settings):
    with as_public(settings) as cursor:
        for shown in SHOWN:
            kept = [f'"{f.column}"' for f, is_public in shown.fields() if not is_public]
            if kept:
                cursor.execute(f"SELECT count({'), count('.join(kept)}) FROM {shown.table}")
                assert set(cursor.fetchone()) == {0}, shown.table


def test_a_part_names_its_whole_once_that_is_public(granted, world, settings):
    whole = world.pledge("P3.00", public=False)
    part = world.pledge("P3.01", parent=whole)

    def named():
        with as_public(settings):
            now, saved = Pledge.objects.get(pk=part.pk), Pledge.history.filter(id=part.pk)
            # By the column itself, too: what is not shown is not found either.
            found = Pledge.objects.filter(parent_id=whole.pk).count()
            past = Pledge.history.filter(parent_id=whole.pk).count()
            return {now.parent_id, *(save.parent_id for save in saved)}, found, past

    assert named() == ({None}, 0, 0)
    pledges.publish_pledge(whole, by=world.reviewer, at=world.at)
    assert named() == ({whole.pk}, 1, Pledge.history.filter(id=part.pk).count())


@pytest.mark.usefixtures("record")
def test_rows_are_those_that_readers_see(settings):
    visible = {
        "tracker_pledge": {p.code for p in Pledge.objects.published()},
        "tracker_update": {u.sequence for u in Update.objects.published()},
    }
    with as_public(settings):
        assert {p.code for p in Pledge.objects.all()} == visible["tracker_pledge"]
        assert {u.sequence for u in Update.objects.all()} == visible["tracker_update"]
        past = Pledge.history.filter(code="P2.02").order_by("history_date")
        # The save of before its publication that then held is public; what it had replaced is not.
        assert [saved.title_en for saved in past] == ["As published", "As it is called now"]


def test_every_other_table_is_refused(granted, settings):
    views = {shown.table for shown in SHOWN}
    with as_public(settings):
        for model in models():
            table = model._meta.db_table
            refused(f"SELECT 1 FROM {BASE}.{table}")
            if table not in views:
                refused(f"SELECT 1 FROM {table}")
        refused(f"SELECT 1 FROM {BASE}.tracker_standing_now")
        refused(f"SELECT 1 FROM {BASE}.django_migrations")
        refused(f"SELECT {BASE}.tracker_refresh_standing(1)")


def test_it_writes_nothing(granted, settings):
    with as_public(settings):
        for shown in SHOWN:
            column = next(shown.fields())[0].column
            refused(f'UPDATE {shown.table} SET "{column}" = "{column}"', by=DatabaseError)
            refused(f"DELETE FROM {shown.table}", by=DatabaseError)
            refused(f"INSERT INTO {shown.table} DEFAULT VALUES", by=DatabaseError)
        refused(f"CREATE TABLE {ROLE}.mine (id int)")
        refused("CREATE TEMPORARY TABLE mine (id int)")
        # With a function of its own it could look at rows before the rule does.
        refused("CREATE FUNCTION pg_temp.f(text) RETURNS bool LANGUAGE sql AS 'SELECT true'")
        refused("LOCK TABLE tracker_pledge IN ACCESS EXCLUSIVE MODE")


def test_no_error_tells_of_a_row_that_is_not_public(record, settings):
    """What fails on a row says its value: so it must not be tried on rows that are not public."""
    cast = "SELECT count(*) FROM tracker_update WHERE narrative_en::int = 1 AND {}"
    with as_public(settings) as cursor:
        for condition in ("effective_on = '2024-05-17'", f"narrative_en LIKE '{SECRET}%'"):
            cursor.execute(cast.format(condition).replace("narrative_en::int = 1 AND ", ""))
            assert cursor.fetchone() == (0,)
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            cursor.execute("SELECT count(*) FROM tracker_update WHERE narrative_en::int = 1")
        assert SECRET not in str(error.value)
        # The rows that it does read are tried.
        assert "Work went on." in str(error.value)


# --- The public site through it -----------------------------------------------------------------


def others():
    """What programs ask for beside what `addresses` has."""
    return [
        "/sitemap.xml",
        *(f"/sitemap-{section}.xml" for section in SITEMAPS),
        "/robots.txt",
        "/api/v1/",
        *(f"/api/v1/{name}/" for name in REPORTS),
        *(f"/api/v1/pledges/{pledge.code}/" for pledge in Pledge.objects.published()),
        "/en/data/record.jsonl",
        "/en/data/period/?from=2026-07-01&to=2026-11-20",
        "/en/changes/?from=2026-07-01&to=2026-11-20",
        "/en/pledges/?q=called&sort=-due&status=not_kept",
        "/en/nowhere/",
    ]


def of_past_days():
    files = [f"/en/data/{name}.csv" for name in REPORTS]
    return [
        *(f"{address}?as_of=2026-11-01" for address in ("/en/", "/en/pledges/P2.02/")),
        # Before the words were bettered, from the history of each save.
        *(f"{address}?known_on=2026-11-01" for address in ["/en/pledges/", *files]),
    ]


def answers(addresses):
    facets.forget()
    client = Client()
    found = {}
    for address in addresses:
        try:
            with transaction.atomic():
                response = client.get(address)
                found[address] = (response.status_code, response.getvalue())
        except DatabaseError as error:
            found[address] = (500, str(error))
    return found


def is_for_the_desk(address):
    path = urlsplit(address).path
    language = "zh-hans" if path.startswith("/zh-hans/") else "en"
    try:
        with translation.override(language):
            return hasattr(resolve(path).func, "is_for_the_desk")
    except Resolver404:
        return False


def assert_same_through_it(addresses, settings):
    public = [address for address in addresses if not is_for_the_desk(address)]
    before = answers(public)
    edition = Edition.objects.current()
    with as_public(settings):
        assert Edition.objects.current() == edition
        after = answers(public)
        assert {status for status, _ in answers(set(addresses) - set(public)).values()} <= {404}
    assert {a: after[a] for a in public if after[a][0] not in {200, 404}} == {}
    assert [address for address in public if after[address] != before[address]] == []
    return len(public)


@pytest.mark.usefixtures("record")
def test_every_address_says_the_same_through_it(settings):
    frozen = [f"/en/periods/2026-q3/{name}.csv" for name in ("pledges", "updates")]
    addresses = [*pages("en"), *files("en"), *follows("en"), *others(), *of_past_days(), *frozen]
    # Pictures, spreadsheets and JSON cost most, and are made of what the others are made of.
    one_each = ("data/pledges.xlsx", "data/pledges.json", "data/updates.json", "P2.02/card.png")
    slow = [a for a in addresses if a.endswith((".xlsx", ".png", ".json"))]
    addresses = [a for a in addresses if a not in slow or a.endswith(one_each)]
    in_chinese = ["/zh-hans/", "/zh-hans/pledges/", "/zh-hans/pledges/P2.02/"]
    assert assert_same_through_it([*addresses, *in_chinese], settings) > 70


@pytest.mark.usefixtures("granted", "lingang")
def test_the_lingang_record_says_the_same_through_it(settings):
    wanted = ("/en/", "P2.01/", "sheitc/", "hydrogen/", "2022-08-20/", "method/", "periods/")
    asked = [address for address in kinds("en") if address.endswith(wanted)]
    assert_same_through_it([*asked, "/zh-hans/data/pledges.csv?known_on=2024-06-30"], settings)


def test_it_is_ready_where_it_reads_what_it_should(granted, client, settings):
    with as_public(settings):
        assert client.get("/readyz").content == b"ready\n"
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {BASE} TO {ROLE}")
    with as_public(settings):
        assert b"may do more than it should" in client.get("/readyz").content
    grants.grant(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP VIEW {ROLE}.tracker_head")
    with as_public(settings):
        response = client.get("/readyz")
    assert (response.status_code, b"run grant_roles" in response.content) == (503, True)


def test_the_owner_s_credential_is_no_credential_for_it(granted):
    assert unready(connection) == "its credential may do more than it should"


# --- The process itself -------------------------------------------------------------------------


@pytest.fixture
def process(transactional_db, tmp_path):
    """The server as its unit starts it, with the role's own credential. Gives its port."""
    call_command("grant_roles")
    url, port = urlsplit(database_url()), free_port()
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{ROLE}@{url.hostname}:{url.port}{url.path}",
        "PUBLIC_ONLY": "1",
        "VAR_DIR": str(tmp_path),
        "BIN": str(Path(sys.executable).parent),
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "METRICS_TOKEN": "token",
    }
    server = subprocess.Popen(
        ["bin/serve"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _try in range(300):
            try:
                if asked(port, "/healthz")[0] == 200:
                    break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)
        grants.take_away(connection)


def test_the_public_process_runs_with_the_role_s_credential(process, world):
    world.published(world.pledge())
    assert asked(process, "/readyz")[0] == 200
    for address in ("/en/pledges/P1.01/", "/en/data/updates.csv", "/api/v1/pledges/"):
        assert asked(process, address)[0] == 200
    for address in ("/admin/", "/admin/login/", "/en/follow/", "/en/pledges/P1.01/feedback/"):
        assert asked(process, address)[0] == 404
    status, body = asked(process, "/metrics", headers={"Authorization": "Bearer token"})[::2]
    assert status == 200
    assert "tracker_database_up 1.0" in body
    assert "tracker_messages_waiting" not in body
    # What is published is seen by it, though nobody tells it.
    world.published(Pledge.objects.get(), Status.STALLED, at=datetime.now(UTC))
    time.sleep(1.1)
    assert "Stalled" in asked(process, "/en/pledges/P1.01/")[-1]
