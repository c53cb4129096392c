"""What the environment makes of the settings, and what the database is really told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def started(command="check", **environment):
    """Runs a command of manage.py with only this environment."""
    return subprocess.run(
        [sys.executable, "manage.py", *(command.split() if isinstance(command, str) else command)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_key_it_refuses_to_start_and_says_why(tmp_path):
    done = started(VAR_DIR=str(tmp_path))
    assert done.returncode != 0
    assert "SECRET_KEY is not set" in done.stderr
    assert "secrets.token_urlsafe" in done.stderr


def test_a_database_that_it_cannot_serve_from_is_named(tmp_path):
    done = started(VAR_DIR=str(tmp_path), DEBUG="1", DATABASE_URL="foo")
    assert done.returncode != 0
    assert "DATABASE_URL names neither SQLite nor PostgreSQL" in done.stderr


def test_for_debugging_it_starts_without_a_key(tmp_path):
    assert started(VAR_DIR=str(tmp_path), DEBUG="1").returncode == 0


def test_the_deployment_check_warns_of_passwords_alone_and_of_a_lost_list(tmp_path):
    done = started(
        "check --deploy --tag security --fail-level WARNING",
        VAR_DIR=str(tmp_path),
        SECRET_KEY="8VTzqL0xkPq3cF1rY6uJ9wB2nM5sD7hG4aEz0QeRtYuIoPaSdFgHj",
        REQUIRE_2FA="0",
        BREACHED_PASSWORDS=str(tmp_path / "lost.txt"),
    )
    assert done.returncode != 0
    assert "tracker.W001" in done.stderr
    assert "tracker.W002" in done.stderr
    assert "lost.txt" in done.stderr


def test_the_deployment_check_is_silent_by_default(tmp_path):
    done = started(
        "check --deploy --fail-level WARNING",
        VAR_DIR=str(tmp_path),
        SECRET_KEY="8VTzqL0xkPq3cF1rY6uJ9wB2nM5sD7hG4aEz0QeRtYuIoPaSdFgHj",
    )
    assert done.returncode == 0, done.stderr


def test_a_process_for_readers_alone_needs_postgresql(tmp_path):
    done = started(VAR_DIR=str(tmp_path), DEBUG="1", PUBLIC_ONLY="1")
    assert done.returncode != 0
    assert "PUBLIC_ONLY needs PostgreSQL" in done.stderr


def test_a_process_for_readers_alone_has_no_code_of_the_desk(tmp_path):
    """No sessions, no sign-in, no admin: what is not loaded has no faults. (The library of the
    history brings a part of Django's admin along; it is at no address.)"""
    asked = (
        "import sys; from django.conf import settings; from django.urls import resolve; "
        "from lingang import wsgi; resolve('/en/'); "
        "print(sorted(m for m in sys.modules if m.startswith(('tracker.admin', 'axes', "
        "'django.contrib.sessions.backends')))); "
        "print(settings.INSTALLED_APPS, settings.MIDDLEWARE, "
        "settings.DATABASES['default']['OPTIONS']['options'])"
    )
    environment = {
        "VAR_DIR": str(tmp_path),
        "SECRET_KEY": "8VTzqL0xkPq3cF1rY6uJ9wB2nM5sD7hG4aEz0QeRtYuIoPaSdFgHj",
        "PUBLIC_ONLY": "1",
        "DATABASE_URL": "postgres://tracker_public@127.0.0.1:1/none",
    }
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "lingang.settings"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded, settings_then = done.stdout.splitlines()
    assert loaded == "[]"
    assert "essionMiddleware" not in settings_then
    assert "AuthenticationMiddleware" not in settings_then
    assert "contrib.admin" not in settings_then
    assert "DeskConfig" not in settings_then
    assert "default_transaction_read_only=on" in settings_then
    assert started("check --deploy --fail-level WARNING", **environment).returncode == 0


def test_pages_are_sent_to_https_unless_told_otherwise(client, settings, db):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/en/").status_code == 301
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


@pytest.mark.sqlite_only
def test_sqlite_keeps_what_it_acknowledged(db):
    def pragma(name):
        with connection.cursor() as cursor:
            return cursor.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL
    assert pragma("foreign_keys") == 1
    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


@pytest.mark.postgresql_only
def test_postgresql_is_reached_through_a_pool(db):
    assert connection.pool is not None
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        assert cursor.fetchone() == ("UTF8",)
