"""The Lingang record, loaded once by the real loader and laid down again for each test.

Loading checks every row, which takes a second or more; a test that reads the record wants only its
rows. They are written past the guards, for they were made under them.
"""

from contextlib import contextmanager

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

from tracker.models import guards

_rows: dict[str, tuple[list[str], list[tuple]]] = {}


def _models():
    """The models whose rows make the record, those that others point to first."""
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


def take() -> None:
    """Keeps every row that there is now."""
    for model in _models():
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            _rows[table] = ([column[0] for column in cursor.description], cursor.fetchall())


def forget() -> None:
    """Lets go of what is kept: after a flush the permissions that it points to have other keys."""
    _rows.clear()


def lay() -> bool:
    """Lays the kept rows down in an empty database; False where nothing was kept yet."""
    if not _rows:
        return False
    with _past_the_guards(), connection.cursor() as cursor:
        for table, (columns, rows) in _rows.items():
            names = ", ".join(f'"{column}"' for column in columns)
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', rows)
        for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
            cursor.execute(statement)
    return True


@contextmanager
def _past_the_guards():
    if connection.vendor == "sqlite":
        guards.remove(connection)
        yield
        guards.install(connection)
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")
