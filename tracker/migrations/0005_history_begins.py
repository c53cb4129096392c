from datetime import UTC, datetime

from django.db import migrations

MODELS = (
    "Programme",
    "Pillar",
    "Sector",
    "Body",
    "Source",
    "Passage",
    "SourceNote",
    "Pledge",
    "Responsibility",
    "Milestone",
    "Indicator",
    "Measurement",
)
#: Before anything of the record was known.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def begin(apps, schema_editor):
    """What was there before history was kept has the words that it has now from the beginning."""
    for name in MODELS:
        model = apps.get_model("tracker", name)
        history = apps.get_model("tracker", f"Historical{name}")
        begun = history.objects.values("id")
        for row in model.objects.exclude(pk__in=begun).iterator():
            values = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
            saved = history.objects.create(
                **values, history_date=BEGINNING, history_type="+", history_change_reason=None
            )
            if name == "Pledge":
                sectors = apps.get_model("tracker", "HistoricalPledge_sectors")
                for link in model.sectors.through.objects.filter(pledge_id=row.pk):
                    sectors.objects.create(
                        id=link.pk, pledge_id=row.pk, sector_id=link.sector_id, history_id=saved.pk
                    )


class Migration(migrations.Migration):
    """Rows from before history was kept get a beginning in it."""

    dependencies = [("tracker", "0004_the_chain")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
