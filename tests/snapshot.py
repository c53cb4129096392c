"""Rows that many tests begin with, made once by the real code and laid down again for each test.

Loading the Lingang record checks every row, which takes a second or more; a test that reads it
wants only its rows. They are written past the guards, for they were made under them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model

from tracker.models import guards


class Snapshot:
    """Every row of `models`, those that others point to first."""

    def __init__(self, models: Callable[[], list[type[Model]]], *, is_guarded: bool) -> None:
        self.models = models
        self.is_guarded = is_guarded
        self.rows: dict[str, tuple[str, list[tuple]]] = {}

    def take(self) -> None:
        """Keeps every row that there is now."""
        for model in self.models():
            table = model._meta.db_table
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT * FROM "{table}"')
                names = [column[0] for column in cursor.description]
                places = ", ".join(["%s"] * len(names))
                columns = ", ".join(f'"{name}"' for name in names)
                statement = f'INSERT INTO "{table}" ({columns}) VALUES ({places})'
                self.rows[table] = (statement, cursor.fetchall())

    def lay(self) -> bool:
        """Lays the kept rows down in empty tables; False where nothing was kept yet."""
        if not self.rows:
            return False
        with (
            _past_the_guards() if self.is_guarded else nullcontext(),
            connection.cursor() as cursor,
        ):
            for statement, rows in self.rows.values():
                cursor.executemany(statement, rows)
            for statement in connection.ops.sequence_reset_sql(no_style(), self.models()):
                cursor.execute(statement)
        return True


def _all_models() -> list[type[Model]]:
    wanted = [
        *apps.get_app_config("auth").get_models(),
        *apps.get_app_config("tracker").get_models(),
    ]
    through = [
        field.remote_field.through
        for model in wanted
        for field in model._meta.local_many_to_many
        if field.remote_field.through._meta.auto_created
    ]
    # Permissions are there from the first migration on.
    return [m for m in [*wanted, *through] if m._meta.model_name != "permission"]


LINGANG = Snapshot(_all_models, is_guarded=True)
ROLES = Snapshot(lambda: [Group, Group.permissions.through], is_guarded=False)


def forget() -> None:
    """Lets go of what is kept: after a flush the permissions that it points to have other keys."""
    LINGANG.rows.clear()
    ROLES.rows.clear()


@contextmanager
def _past_the_guards() -> Iterator[None]:
    if connection.vendor == "sqlite":
        guards.remove(connection)
        yield
        guards.install(connection)
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")
