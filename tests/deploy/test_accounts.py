"""A deployment by docs/deploy.md begins with no account that anybody could know.

`tests/migrating.py` asks the same of every migration, on an empty database.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.core.management import call_command

from tracker.models import User

ROOT = Path(__file__).resolve().parent.parent.parent
#: What a deployment runs besides, and why none of it is run here.
LEFT_OUT = {
    "createsuperuser": "the operator names the account and types its password",
    "grant_roles": "PostgreSQL's own roles, tried in test_public_role.py",
    "collectstatic": "writes files only",
    "backup": "reads only",
    "restore": "brings what was there before",
}


def deployed() -> str:
    """All that tells a machine, or whoever sets it up, what to run."""
    paths = [ROOT / "docs" / "deploy.md", ROOT / "bin" / "serve", ROOT / "bin" / "manage"]
    paths += [path for path in (ROOT / "deploy").rglob("*") if path.is_file()]
    # What is said of a command in a comment runs nothing.
    texts = (path.read_text() for path in paths)
    return "\n".join(re.sub(r"(?m)^#.*", "", text) for text in texts)


def who_can_sign_in() -> list[str]:
    """Those who have a password that some word might be."""

    def is_hash(kept):
        try:
            return bool(identify_hasher(kept))
        except ValueError:
            return False

    return [person.username for person in User.objects.order_by("pk") if is_hash(person.password)]


@pytest.mark.sqlite_only
def test_a_deployment_runs_nothing_of_the_demo():
    text = deployed()
    assert "tracker-job@migrate" in text
    assert re.findall(r"make_demo_staff|bin/run\b|make run|DEMO_PASSWORD", text) == []
    starts = set(re.findall(r"(?m)^ExecStart=(\S+)", text))
    assert starts == {
        "/opt/tracker/bin/serve",
        "/opt/tracker/bin/manage",
        "/opt/tracker/deploy/pitr/base-backup",
    }


def test_after_the_commands_of_a_deployment_nobody_can_sign_in(lingang, capsys):
    """`lingang` is `load_record`, which makes the accounts under which the record is loaded."""
    assert settings.DEBUG is False
    named = set(re.findall(r"(?:tracker-job@|bin/manage )([a-z_]+)\b", deployed()))
    named -= {"and", "lingang"}
    assert {"migrate", "sync_roles", "index_search"} <= named
    for command in sorted(named - LEFT_OUT.keys()):
        call_command(command)
    assert User.objects.exists()
    assert who_can_sign_in() == []
    # What it would look like.
    call_command("make_demo_staff")
    assert who_can_sign_in() == ["editor", "reviewer", "manager", "admin"]
