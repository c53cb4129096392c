"""The role of the public site reads what is public, whatever is asked through it, and nothing else.

Rows are read as that role on the test's own connection: what is not committed yet is seen by it too.
"""

from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from tests.conftest import NOW
from tests.views.addresses import LANGUAGES, files, follows, pages
from tests.views.test_secrets import SECRET, hide, public_entry  # noqa: F401
from tracker.actions import grants
from tracker.models.public import ROLE
from tracker.queries import facets
from tracker.queries.grants import differences

pytestmark = [pytest.mark.postgresql_only, pytest.mark.django_db]


@pytest.fixture
def granted(db):
    grants.grant(connection)


@contextmanager
def as_public(monkeypatch):
    """As the public process: its role, its views, and a database in which nothing is a key."""
    facets.forget()
    monkeypatch.setattr(connection.features, "allows_group_by_selected_pks", False)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLE}")
        cursor.execute(f"SET search_path = {ROLE}")
        try:
            yield cursor
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("RESET search_path")
            facets.forget()
            monkeypatch.undo()


def test_twice_changes_nothing(db):
    assert grants.grant(connection)
    assert list(differences(connection)) == []
    assert grants.grant(connection) == []



@pytest.mark.usefixtures("granted", "lingang")
def test_pages(client, monkeypatch):
    addresses = [*pages("en"), *files("en"), *follows("en")]
    before={a: client.get(a).getvalue() for a in addresses}
    client.raise_request_exception=False
    import logging
    with as_public(monkeypatch):
        for a in addresses:
            with transaction.atomic():
              sid = transaction.savepoint()
              try:
                r=client.get(a)
                print(a, r.status_code, r.getvalue()==before[a])
                if r.status_code==500: print(r.exc_info[1])
              finally: 
                connection.needs_rollback=False
                transaction.savepoint_rollback(sid)
    assert 0
