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


class Bare(models.Model):
    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class Programme(Bare):
    slug = models.TextField()

    class Meta:
        app_label = "bench"
        db_table = "tracker_programme"


class Pledge(Bare):
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
        app_label = "bench"
        db_table = "tracker_pledge"


class Standing(Bare):
    pledge = models.OneToOneField(Pledge, models.CASCADE, primary_key=True)
    status = models.TextField()
    last_entry_on = models.DateField()
    due_on = models.DateField(null=True)
    reported_progress = models.IntegerField(null=True)
    milestones_total = models.IntegerField()
    milestones_done = models.IntegerField()

    class Meta:
        app_label = "bench"
        db_table = "tracker_standing"


OF_PLEDGES = (
    *("code", "programme__slug", "wording", "title_en", "title_zh", "summary_en", "summary_zh"),
    *("yardstick_en", "yardstick_zh", "announced_on", "original_due_on"),
)


class PledgeResource(resources.ModelResource):
    """About the columns that the tracker's own report has of these tables."""

    for name in OF_PLEDGES:
        locals()[name] = fields.Field(f"pledge__{name}")

    class Meta:
        model = Standing


def memory() -> float:
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if "VmHWM" in line)
    return int(line.split()[1]) / 1024


before, begun = memory(), time.perf_counter()
rows = Standing.objects.filter(pledge__published_at__isnull=False).select_related(
    "pledge__programme"
)
content = PledgeResource().export(rows.order_by("pledge__code")).xlsx
taken = time.perf_counter() - begun
sys.stdout.write(f"{taken} {memory() - before}\n")
