"""Migrations run on a live site, and lead forwards and back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def run(*words, **environment):
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.django_db(transaction=True)
def test_a_site_goes_from_its_first_version_to_today_s_and_back_with_its_record(tmp_path):
    url = f"sqlite:///{tmp_path / 'site.sqlite3'}"
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS migrating")
            cursor.execute("CREATE DATABASE migrating")
        url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/migrating"
    done = run("-m", "tests.migrating", DATABASE_URL=url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "there and back" in done.stdout


@pytest.mark.sqlite_only
def test_a_migration_that_would_stop_a_live_site_is_found():
    """The first ones would have, had there been a live site."""
    done = run("bin/lint-migrations", "--all")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "NOT NULL constraint on columns" in done.stdout
    assert "CREATE INDEX locks table" in done.stdout
