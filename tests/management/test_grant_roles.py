"""The command on SQLite. What it does on PostgreSQL: `tests/test_public_role.py`."""

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.sqlite_only
@pytest.mark.django_db
@pytest.mark.parametrize("check", [True, False])
def test_on_sqlite_it_says_that_there_are_no_roles(check):
    with pytest.raises(CommandError, match="SQLite knows no roles"):
        call_command("grant_roles", check=check)
