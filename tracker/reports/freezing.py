"""The reports of a reporting period as files to keep for ever."""

import platform
import tomllib
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from importlib import metadata

import django
from django.conf import settings

from tracker.models import FrozenFile, Period, Pledge
from tracker.reports import REPORTS, csv
from tracker.rules.asked import NOTHING, Options
from tracker.rules.asof import AsOf
from tracker.rules.closing import known_on

PROJECT = "pledge-tracker"


def files(period: Period, *, closed_on: date) -> Iterator[FrozenFile]:
    """Each public report of the period's programme on its last day, as CSV; not saved yet.

    It is what the addresses of the reports answer for the same parameters, byte for byte.
    """
    asof = AsOf(closed_on, on=period.ends_on, known_on=known_on(closed_on))
    pledges = Pledge.objects.seen(asof).filter(programme=period.programme_id).order_by("code")
    days = Options(start=period.after, end=period.ends_on)
    for report in REPORTS.values():
        options = days if report.takes_period else NOTHING
        content = b"".join(csv.chunks(csv.lines(report, pledges, asof, options)))
        yield FrozenFile(
            period=period,
            filename=report.filename(asof, "csv", options),
            report=report.name,
            parameters=period.parameters_on(closed_on, of_days=report.takes_period),
            versions=versions(),
            content=content,
            sha256=sha256(content).hexdigest(),
        )


def versions() -> dict[str, str]:
    """Of what made a file: should its bytes ever differ, this says with what they were made."""
    return {
        "python": platform.python_version(),
        "django": django.get_version(),
        PROJECT: _own_version(),
    }


def _own_version() -> str:
    try:
        return metadata.version(PROJECT)
    except metadata.PackageNotFoundError:  # It runs from its folder.
        project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text("utf-8"))
        return project["project"]["version"]
