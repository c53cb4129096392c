"""What the router says, without a replica at hand; `test_cluster` asks a real one."""

import pytest
from django.db import transaction

from lingang import replica
from lingang.replica import PRIMARY, REPLICA, Router
from tests.test_settings import started
from tracker.models import Pledge

POSTGRES = "postgres://tracker@db1:5432,db2:5433/tracker"


@pytest.fixture
def routed():
    """As within a request that is read from the replica."""
    token = replica._alias.set(REPLICA)
    yield Router()
    replica._alias.reset(token)


def test_outside_a_request_the_primary_is_read():
    assert Router().db_for_read(Pledge) == PRIMARY


def test_who_wrote_reads_from_the_primary_from_then_on(routed):
    assert routed.db_for_read(Pledge) == REPLICA
    assert routed.db_for_write(Pledge) == PRIMARY
    assert routed.db_for_read(Pledge) == PRIMARY


@pytest.mark.django_db(transaction=True)
def test_a_transaction_reads_what_it_wrote(routed):
    with transaction.atomic():
        assert routed.db_for_read(Pledge) == PRIMARY
    assert routed.db_for_read(Pledge) == REPLICA


def test_tables_are_made_on_the_primary_alone():
    assert Router().allow_migrate(PRIMARY, "tracker")
    assert not Router().allow_migrate(REPLICA, "tracker")


def configured(tmp_path, name, **environment):
    """What the settings say of a database with this environment."""
    code = f"from django.conf import settings; d = settings.DATABASES['{name}']; print(d['HOST'], d['PORT'], d['CONN_HEALTH_CHECKS'], d['OPTIONS'])"  # noqa: E501
    done = started(VAR_DIR=str(tmp_path), DEBUG="1", **environment, command=["shell", "-c", code])
    return done.stdout or done.stderr


def test_several_hosts_are_tried_and_those_that_are_gone_found_out(tmp_path):
    said = configured(
        tmp_path, "default", DATABASE_URL=f"{POSTGRES}?target_session_attrs=read-write"
    )
    assert "db1,db2 5432,5433 True" in said
    assert "'target_session_attrs': 'read-write'" in said


def test_sqlite_has_no_replica_and_that_is_said(tmp_path):
    done = started(VAR_DIR=str(tmp_path), DEBUG="1", DATABASE_REPLICA_URL=POSTGRES)
    assert done.returncode != 0
    assert "SQLite has no replicas" in done.stderr
