"""django-import-export's spreadsheet of pledges, in a Django of its own: the usual way to make one.

It prints how many seconds that took and how many MiB of memory it grew by. The bench runs it with
the library's own virtual environment; it knows the tracker's tables and none of its code.
"""

import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.conf import settings

url = urlsplit(os.environ["BENCH_URL"])
database = (
    {"ENGINE": "django.db.backends.sqlite3", "NAME": url.path}
    if url.scheme == "sqlite"
    else {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path[1:],
        "HOST": url.hostname,
        "PORT": url.port,
        "USER": url.username,
    }
)
settings.configure(DATABASES={"default": database}, USE_TZ=True, INSTALLED_APPS=["import_export"])
django.setup()

from django.db import models  # noqa: E402
from import_export import fields, resources  # noqa: E402


class Named(models.Model):
    slug = models.TextField()

    class Meta:
        abstract = True
        app_label = "bench"


class Programme(Named):
    class Meta:
        managed = False
        app_label = "bench"
        db_table = "tracker_programme"


class Pledge(models.Model):
    """The columns that the tracker's own report has of the table, and where it stands."""

    programme = models.ForeignKey(Programme, models.PROTECT)
    code = models.TextField()
    wording = models.TextField()
    title_en = models.TextField()
    title_zh = models.TextField()
    summary_en = models.TextField()
    summary_zh = models.TextField()
    yardstick_en = models.TextField()
    yardstick_zh = models.TextField()
    announced_on = models.DateField()
    original_due_on = models.DateField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        app_label = "bench"
        db_table = "tracker_pledge"


class Standing(models.Model):
    pledge = models.OneToOneField(Pledge, models.CASCADE, primary_key=True)
    status = models.TextField()
    last_entry_on = models.DateField()
    due_on = models.DateField(null=True)
    reported_progress = models.IntegerField(null=True)
    milestones_total = models.IntegerField()
    milestones_done = models.IntegerField()

    class Meta:
        managed = False
        app_label = "bench"
        db_table = "tracker_standing"


class PledgeResource(resources.ModelResource):
    programme = fields.Field("programme__slug")
    status = fields.Field("standing__status")
    last_entry_on = fields.Field("standing__last_entry_on")
    due_on = fields.Field("standing__due_on")
    reported_progress = fields.Field("standing__reported_progress")
    milestones_total = fields.Field("standing__milestones_total")
    milestones_done = fields.Field("standing__milestones_done")

    class Meta:
        model = Pledge


def memory() -> float:
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if "VmHWM" in line)
    return int(line.split()[1]) / 1024


before, begun = memory(), time.perf_counter()
rows = Pledge.objects.filter(published_at__isnull=False).select_related("programme", "standing")
content = PledgeResource().export(rows.order_by("code")).xlsx
taken = time.perf_counter() - begun
sys.stdout.write(f"{taken} {memory() - before}\n")
