"""Staff: the groups with their exact permissions, and the accounts made at set-up."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from tracker.models import User
from tracker.rules.permissions import PERMISSIONS
from tracker.vocabulary import StaffRole


@transaction.atomic
def sync_roles() -> dict[StaffRole, Group]:
    """Makes each role's group hold the permissions of `rules.permissions` and no other."""
    groups = {}
    for role, codenames in PERMISSIONS.items():
        permissions = Permission.objects.filter(
            content_type__app_label="tracker", codename__in=codenames
        )
        unknown = codenames - set(permissions.values_list("codename", flat=True))
        if unknown:
            raise LookupError(
                f"No such permission: {', '.join(sorted(unknown))}. Run migrate first."
            )
        group, _created = Group.objects.get_or_create(name=role.value)
        group.permissions.set(permissions)
        groups[role] = group
    return groups


@transaction.atomic
def make_demo_staff(*, password: str) -> list[User]:
    """One account for each role and an `admin`, on a database where nobody can sign in yet.

    Returns them; an empty list where somebody can sign in, and then nothing is changed.
    """
    # Accounts without a usable password, such as the loader's, are nobody who can sign in.
    if User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists():
        return []
    groups = sync_roles()
    staff = []
    for role in StaffRole:
        person = User.objects.create_user(
            role.value, password=password, is_staff=True, is_site_wide=True
        )
        person.groups.add(groups[role])
        staff.append(person)
    staff.append(User.objects.create_superuser("admin", password=password))
    return staff


def account_of(username: str, role: StaffRole) -> User:
    """The account under which the project itself writes or reviews; nobody can sign in as it."""
    person, created = User.objects.get_or_create(username=username, defaults={"is_site_wide": True})
    if created:
        person.set_unusable_password()
        person.save(update_fields=["password"])
        person.groups.add(sync_roles()[role])
    return person
