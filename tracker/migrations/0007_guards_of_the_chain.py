from django.db import migrations

from tracker.models import guards


def install(apps, schema_editor):
    guards.remove(schema_editor.connection, version=2)
    guards.install(schema_editor.connection, version=3)


def remove(apps, schema_editor):
    guards.remove(schema_editor.connection, version=3)
    guards.install(schema_editor.connection, version=2)


class Migration(migrations.Migration):
    """Whatever a digest of the chain is taken of stays as it was published."""

    dependencies = [("tracker", "0006_saved_reports")]

    operations = [migrations.RunPython(install, remove)]
