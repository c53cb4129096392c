"""The files for a plain Debian server are what they say."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tracker.models.public import ROLE

ROOT = Path(__file__).resolve().parent.parent.parent
UNITS = ROOT / "deploy" / "systemd"
SANDBOX = [
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "MemoryDenyWriteExecute=yes",
    "CapabilityBoundingSet=",
    "SystemCallFilter=@system-service",
    "IPAddressDeny=any",
    "RestrictNamespaces=yes",
    "RestrictSUIDSGID=yes",
    "StateDirectory=tracker",
    "User=tracker",
    "UMask=0077",
]


@pytest.mark.parametrize("name", ["tracker@.service", "tracker-job@.service"])
def test_each_service_is_shut_in(name):
    lines = (UNITS / name).read_text().splitlines()
    assert [line for line in SANDBOX if line not in lines] == []


def test_the_site_speaks_to_its_own_machine_until_it_is_told_of_another():
    for path in [*UNITS.glob("*@*.service"), *UNITS.glob("*.d/*.conf")]:
        allowed = re.findall(r"^IPAddressAllow=(.*)$", path.read_text(), re.M)
        assert allowed == (["localhost"] if path.suffix == ".service" else [])


def test_what_copies_the_database_s_files_writes_into_the_archive_alone():
    lines = (UNITS / "tracker-base-backup.service").read_text().splitlines()
    # It has no network at all.
    own = {"StateDirectory=tracker", "User=tracker", "IPAddressDeny=any"}
    assert "PrivateNetwork=yes" in lines
    assert [line for line in SANDBOX if line not in lines and line not in own] == []
    assert "User=postgres" in lines
    assert [line for line in lines if line.startswith("ReadWritePaths=")] == [
        "ReadWritePaths=/srv/archive"
    ]


def test_both_services_are_shut_in_alike():
    def sandbox(name):
        return (
            (UNITS / name).read_text().partition("# What it may touch")[2].split("\n\n")[0].split()
        )

    assert sandbox("tracker@.service") == sandbox("tracker-job@.service")


def test_secrets_come_from_a_file_that_is_nobody_s_else():
    for service in UNITS.glob("*.service"):
        text = service.read_text()
        assert re.search(r"^EnvironmentFile=-?/etc/tracker/", text, re.M)
        assert "SECRET_KEY" not in text
        assert "PASSWORD" not in text.upper()
    assert "SECRET_KEY=\n" in (ROOT / "deploy" / "tracker.env").read_text()


def test_the_public_site_is_another_person_with_a_key_of_its_own():
    """By PostgreSQL's socket whoever is called `tracker` owns the tables."""
    lines = (UNITS / "tracker@public.service.d" / "readers.conf").read_text().splitlines()
    assert f"User={ROLE}" in lines
    assert "Environment=VAR_DIR=/var/lib/tracker-public PUBLIC_ONLY=1" in lines
    # Empty first: else it would be added to the desk's.
    assert lines.index("StateDirectory=") < lines.index("StateDirectory=tracker-public")
    own = (ROOT / "deploy" / "public.env").read_text()
    assert f"DATABASE_URL=postgres://{ROLE}@" in own
    assert "SECRET_KEY=\n" in own
    assert "EMAIL_URL" not in own


def test_each_timer_runs_a_command_that_there_is():
    there = {path.stem for path in (ROOT / "tracker/management/commands").glob("*.py")}
    named = {
        line.partition("@")[2].removesuffix(".service")
        for timer in UNITS.glob("*.timer")
        for line in timer.read_text().splitlines()
        if line.startswith("Unit=tracker-job@")
    }
    assert {"backup", "send_reminders", "send_digest", "verify_record"} <= named
    assert {"forget_feedback", "forget_sign_ins"} <= named
    assert named <= there


def test_postgresql_keeps_what_it_acknowledged():
    lines = (ROOT / "deploy/postgresql/tracker.conf").read_text().splitlines()
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert f"{name} = on" in lines


def test_what_is_acknowledged_is_in_two_places_where_there_are_replicas():
    lines = (ROOT / "deploy/postgresql/replication.conf").read_text().splitlines()
    assert "synchronous_commit = on" in lines
    assert "synchronous_standby_names = 'ANY 1 (db1, db2, db3)'" in lines


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "unit",
    [
        "tracker@desk.service",
        "tracker@public.service",
        "tracker-job@verify_record.service",
        "tracker-base-backup.service",
    ],
)
def test_systemd_takes_the_units(tmp_path, unit):
    for path in UNITS.iterdir():
        if path.is_dir():
            shutil.copytree(path, tmp_path / path.name)
            continue
        # The commands are elsewhere on this machine.
        text = path.read_text().replace("/opt/tracker/bin/serve", "/bin/true")
        text = text.replace("/opt/tracker/deploy/pitr/base-backup", "/bin/true")
        (tmp_path / path.name).write_text(text.replace("/opt/tracker/bin/manage", "/bin/true"))
        name, _at, rest = path.name.partition("@")
        if rest:
            instances = ["desk", "public"] if name == "tracker" else ["verify_record"]
            for instance in instances:
                shutil.copy(tmp_path / path.name, tmp_path / f"{name}@{instance}{rest}")
    analyze = "/usr/bin/systemd-analyze"
    done = subprocess.run(
        [analyze, "verify", *map(str, tmp_path.glob("*.timer")), str(tmp_path / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in done.stderr.splitlines() if "tracker" in line] == []
    done = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", str(tmp_path / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-300:]
