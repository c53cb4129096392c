"""What the environment makes of the settings, and what the database is really told."""

import os
import re
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core import signing
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection
from environ import Env

from lingang.shared import Shared
from tracker.management import checks

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


def test_the_deployment_check_is_silent_by_default(tmp_path):
    done = started(
        "check --deploy --fail-level WARNING",
        VAR_DIR=str(tmp_path),
        SECRET_KEY="8VTzqL0xkPq3cF1rY6uJ9wB2nM5sD7hG4aEz0QeRtYuIoPaSdFgHj",
    )
    assert done.returncode == 0, done.stderr


def test_the_deployment_check_warns_of_each_door_that_is_open(tmp_path):
    """A password that lets staff in alone, a list of known ones that is not there, and other
    machines that need not prove themselves."""
    done = started(
        "check --deploy --tag security --fail-level WARNING",
        VAR_DIR=str(tmp_path),
        SECRET_KEY="8VTzqL0xkPq3cF1rY6uJ9wB2nM5sD7hG4aEz0QeRtYuIoPaSdFgHj",
        REQUIRE_2FA="0",
        BREACHED_PASSWORDS=str(tmp_path / "lost.txt"),
        DATABASE_URL="postgres://tracker@db1,db2/tracker?sslmode=require",
        CACHE_URL="redis://cache:6379/0",
        EMAIL_URL="smtp://mail.example.org:25",
    )
    assert done.returncode != 0
    warned = re.findall(r"tracker\.W00\d", done.stderr)
    assert sorted(warned) == [f"tracker.W00{number}" for number in (1, 2, 3, 4, 5)]
    assert "lost.txt" in done.stderr


@pytest.mark.parametrize(
    ("url", "proves"),
    [
        ("postgres://t@db1/t?sslmode=verify-full", True),
        ("postgres://t@db1,127.0.0.1/t?sslmode=verify-full", True),
        ("postgres://t@db1/t?sslmode=verify-ca", False),
        ("postgres://t@127.0.0.1,db1/t", False),
        ("postgres://t@db1/t", False),
        ("postgres://t@127.0.0.2:5432/t", True),
        ("postgres://t@%2Frun%2Fpostgresql/t", True),
        ("sqlite:////a/b", True),
    ],
)
def test_a_database_elsewhere_proves_which_one_it_is(url, proves):
    database = Env.db_url_config(url)
    database["HOST"] = unquote(database["HOST"] or "")
    assert checks.proves_itself(database) is proves


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("rediss://:p@cache:6379/0", True),
        ("rediss://cache:6379/0?ssl_ca_certs=/a/b", True),
        ("rediss://cache:6379/0?ssl_cert_reqs=none", False),
        ("rediss://cache:6379/0?ssl_check_hostname=false", False),
        ("redis://cache:6379/0", False),
        ("redis://[::1]:6379/0", True),
        ("locmemcache://", True),
    ],
)
def test_a_cache_elsewhere_proves_which_one_it_is(url, safe):
    assert checks.is_safe_cache(Env.cache_url_config(url)) is safe


def test_who_is_spoken_to_by_tls_is_asked_for_its_certificate():
    """By what each library does where it is told nothing else."""
    mail = EmailBackend(host="mail.example.org", use_tls=True).ssl_context
    assert (mail.verify_mode, mail.check_hostname) == (ssl.CERT_REQUIRED, True)
    pool = Shared("rediss://cache.example.org/0", {})._cache._get_connection_pool(write=True)
    cache = pool.make_connection()
    assert (cache.cert_reqs, cache.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    "forged",
    [
        # Another algorithm, another use, no signature at all, another key.
        lambda: signing.TimestampSigner(salt="a", algorithm="sha1").sign_object("x"),
        lambda: signing.TimestampSigner(salt="a", algorithm="md5").sign_object("x"),
        lambda: signing.dumps("x", salt="b"),
        lambda: signing.dumps("x", salt="a").rpartition(":")[0] + ":",
        lambda: signing.dumps("x", salt="a", key="k" * 50),
    ],
)
def test_what_is_signed_is_signed_in_one_way_for_one_use_with_one_key(forged):
    assert signing.loads(signing.dumps("x", salt="a"), salt="a") == "x"
    with pytest.raises(signing.BadSignature):
        signing.loads(forged(), salt="a")


def test_a_key_of_before_still_counts_and_signs_nothing(settings):
    old, new = "o" * 50, "n" * 50
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = old, []
    stamp = signing.dumps("x", salt="a")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = new, [old]
    assert signing.loads(stamp, salt="a") == "x"
    fresh = signing.dumps("x", salt="a")
    settings.SECRET_KEY_FALLBACKS = []
    assert signing.loads(fresh, salt="a") == "x"
    with pytest.raises(signing.BadSignature):
        signing.loads(stamp, salt="a")


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
