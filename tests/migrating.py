"""A site from its first version to today's, back, and forwards again, with a record made meanwhile.

It is a process of its own, on the empty database that DATABASE_URL names; it ends with an error
where a step fails, a guard is missing or the record does not verify.
"""

import sys
from datetime import UTC, date, datetime

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
#: The first version with a record, before there was a chain.
FIRST = "0002_guards"


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", "tracker", FIRST, verbosity=0)
    assert _accounts() == set()
    _publish_as_then()
    _forwards()
    # No migration makes an account that somebody could know.
    assert _accounts() == {"editor-then", "reviewer-then"}
    assert _entries() == [(1, "in_progress")]
    _publish_as_today()
    assert _entries() == [(1, "in_progress"), (2, "kept")]
    # Back as far as there was a record. Accounts and sessions belong to other apps and stay.
    call_command("migrate", "tracker", FIRST, verbosity=0)
    _forwards()
    assert _entries() == [(1, "in_progress"), (2, "kept")]
    _publish_as_today("P1.02")
    sys.stdout.write("there and back")


def _forwards() -> None:
    from django.core.management import call_command
    from django.db import connection

    from tracker.models import guards

    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []
    call_command("verify_record")


def _publish_as_then() -> None:
    """An entry of the record as the first version made it, by its own models."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    apps = MigrationLoader(connection).project_state([("tracker", FIRST)]).apps
    model = {m._meta.object_name: m for m in apps.get_models() if m._meta.app_label == "tracker"}
    editor = model["User"].objects.create(username="editor-then")
    reviewer = model["User"].objects.create(username="reviewer-then")
    programme = model["Programme"].objects.create(
        slug="then", name_en="Then", announced_on=date(2022, 8, 20)
    )
    pledge = model["Pledge"].objects.create(
        programme=programme,
        code="T1",
        slug="t1",
        wording="w",
        title_en="Then",
        announced_on=date(2022, 8, 20),
        published_at=AT,
        published_by=reviewer,
    )
    model["Milestone"].objects.create(pledge=pledge, title_en="First step")
    update = model["Update"].objects.create(
        pledge=pledge,
        state="submitted",
        status="in_progress",
        effective_on=date(2023, 1, 1),
        narrative_en="Work went on.",
        created_at=AT,
        created_by=editor,
        edited_at=AT,
        edited_by=editor,
        submitted_at=AT,
        submitted_by=editor,
    )
    model["Evidence"].objects.create(
        update=update,
        kind="official",
        title="Document",
        publisher="Publisher",
        url="https://example.org/document",
    )
    model["Head"].objects.update_or_create(pk=1, defaults={"sequence": 1})
    update.state, update.sequence = "published", 1
    update.published_at, update.published_by = AT, reviewer
    update.save()


def _publish_as_today(code: str = "P1.01") -> None:
    from tests.factories import World

    world = World.__new__(World)
    if code == "P1.01":
        world = World(at=AT)
    else:
        from tracker.models import Programme, User

        world.at = AT
        world.author = User.objects.get(username="author")
        world.reviewer = User.objects.get(username="reviewer")
        world.programme = Programme.objects.get(slug="test")
        world.pillar = world.programme.pillars.get()
    world.published(world.pledge(code), "kept")


def _accounts() -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT username FROM tracker_user")
        return {name for (name,) in cursor.fetchall()}


def _entries() -> list:
    from tracker.models import Update

    return list(Update.objects.published().order_by("sequence").values_list("sequence", "status"))


if __name__ == "__main__":
    main()
