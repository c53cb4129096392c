import pytest
from django.contrib.auth.models import Group, Permission

from tracker.actions.staff import account_of, make_demo_staff, sync_roles
from tracker.models import User
from tracker.rules import permissions as rule
from tracker.vocabulary import StaffRole

pytestmark = pytest.mark.django_db


def held():
    return {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }


RULE = {role.value: set(codenames) for role, codenames in rule.PERMISSIONS.items()}


def test_each_roles_group_holds_the_permissions_of_the_rule():
    sync_roles()
    assert held() == RULE


def test_other_permissions_are_taken_away_and_lost_ones_come_back():
    groups = sync_roles()
    groups[StaffRole.EDITOR].permissions.add(Permission.objects.get(codename="publish_update"))
    groups[StaffRole.MANAGER].permissions.add(Permission.objects.get(codename="add_logentry"))
    groups[StaffRole.REVIEWER].permissions.clear()
    sync_roles()
    assert held() == RULE


def test_a_permission_that_the_database_does_not_know_is_named(monkeypatch):
    wrong = rule.PERMISSIONS | {StaffRole.EDITOR: frozenset({"fly", "add_update"})}
    monkeypatch.setattr("tracker.actions.staff.PERMISSIONS", wrong)
    with pytest.raises(LookupError, match=r"No such permission: fly\. Run migrate first\."):
        sync_roles()
    assert held() == {}


def test_the_permissions_reach_the_people():
    editor = account_of("somebody", StaffRole.EDITOR)
    assert {name for name in editor.get_all_permissions() if name.startswith("tracker.")} == {
        f"tracker.{codename}" for codename in RULE["editor"]
    }


def test_demo_staff_are_one_of_each_role_and_an_administrator():
    made = make_demo_staff(password="a long password")
    assert [person.username for person in made] == ["editor", "reviewer", "manager", "admin"]
    for person in made:
        assert person.is_staff
        assert person.check_password("a long password")
        assert person.is_superuser is (person.username == "admin")
    groups = {person.username: [g.name for g in person.groups.all()] for person in made}
    assert groups == {
        "editor": ["editor"],
        "reviewer": ["reviewer"],
        "manager": ["manager"],
        "admin": [],
    }


def test_demo_staff_are_made_where_nobody_can_sign_in_only():
    account_of("record-author", StaffRole.EDITOR)
    made = make_demo_staff(password="a long password")
    assert len(made) == 4
    assert make_demo_staff(password="another password") == []
    assert User.objects.count() == 5
    assert User.objects.get(username="editor").check_password("a long password")


def test_one_account_that_can_sign_in_is_enough_to_make_no_demo_staff():
    User.objects.create_user("somebody", password="a long password")
    assert make_demo_staff(password="another password") == []
    assert User.objects.count() == 1
    assert not Group.objects.exists()


def test_an_account_of_the_project_cannot_sign_in_and_has_its_role():
    person = account_of("record-reviewer", StaffRole.REVIEWER)
    assert not person.has_usable_password()
    assert not person.is_staff
    assert [group.name for group in person.groups.all()] == ["reviewer"]
    assert account_of("record-reviewer", StaffRole.REVIEWER) == person
    assert User.objects.count() == 1


def test_an_account_that_is_there_is_left_as_staff_made_it():
    person = account_of("record-author", StaffRole.EDITOR)
    person.groups.clear()
    assert not account_of("record-author", StaffRole.EDITOR).groups.exists()
