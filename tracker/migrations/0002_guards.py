from django.db import migrations

from tracker.models import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection, version=1)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, version=1)


class Migration(migrations.Migration):
    """The triggers that refuse to change the record, and keep each standing equal to it."""

    dependencies = [("tracker", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
