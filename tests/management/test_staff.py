import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from tracker.models import User


@pytest.mark.django_db
def test_demo_staff_are_made_once_and_the_password_is_shown_once(capsys, monkeypatch):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    call_command("make_demo_staff")
    said = capsys.readouterr().out
    assert "editor, reviewer, manager, admin" in said
    password = said.split("Password: ")[1].split()[0]
    assert User.objects.get(username="reviewer").check_password(password)
    call_command("make_demo_staff")
    assert capsys.readouterr().out == ""


@pytest.mark.django_db
def test_a_given_password_is_not_shown(capsys, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "given-by-the-operator")
    call_command("make_demo_staff")
    assert "given-by-the-operator" not in capsys.readouterr().out
    assert User.objects.get(username="editor").check_password("given-by-the-operator")


@pytest.mark.django_db
def test_sync_roles_says_what_it_made(capsys):
    call_command("sync_roles")
    said = capsys.readouterr().out
    for group in Group.objects.all():
        assert f"{group.name}: {group.permissions.count()} permissions." in said
