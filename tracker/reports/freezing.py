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
from tracker.queries.chain import head_known_on
from tracker.queries.verification import Check
from tracker.reports import REPORTS, csv
from tracker.reports.base import Report
from tracker.rules.asked import NOTHING, Options
from tracker.rules.asof import AsOf
from tracker.rules.closing import known_on

PROJECT = "pledge-tracker"


def files(period: Period, *, closed_on: date) -> Iterator[FrozenFile]:
    """Each public report of the period's programme on its last day, as CSV; not saved yet.

    It is what the addresses of the reports answer for the same parameters, byte for byte.
    """
    asof = AsOf(closed_on, on=period.ends_on, known_on=known_on(closed_on))
    head = {FrozenFile.HEAD: str(head_known_on(asof.known_on))}
    for report in REPORTS.values():
        options = _options(report, period.after, period.ends_on)
        content = _content(report, period, asof, options)
        yield FrozenFile(
            period=period,
            filename=report.filename(asof, "csv", options),
            report=report.name,
            parameters=period.parameters_on(closed_on, of_days=report.takes_period) | head,
            versions=versions(),
            content=content,
            sha256=sha256(content).hexdigest(),
        )


def _options(report: Report, start: date, end: date) -> Options:
    return Options(start=start, end=end) if report.takes_period else NOTHING


def _content(report: Report, period: Period, asof: AsOf, options: Options) -> bytes:
    pledges = Pledge.objects.seen(asof).filter(programme=period.programme_id).order_by("code")
    return b"".join(csv.chunks(csv.lines(report, pledges, asof, options)))


def check() -> Check:
    """Whether each frozen file, made again from what it was asked, is the same to the byte."""
    faults = [
        f"{file.period.slug}/{file.filename}: {fault}"
        for file in FrozenFile.objects.select_related("period").order_by("pk").iterator()
        if (fault := _fault(file))
    ]
    return Check("the frozen files, made again", "; ".join(faults) or None)


def _fault(file: FrozenFile) -> str | None:
    """What is wrong with a file when it is made again; None where it is the same."""
    asked = {
        name: date.fromisoformat(value)
        for name, value in file.asked.items()
        if name in ("as_of", "known_on", "from", "to")
    }
    report = REPORTS.get(file.report)
    if report is None or "known_on" not in asked:
        return "it does not say of what it was made"
    asof = AsOf(asked["known_on"], on=asked.get("as_of"), known_on=asked["known_on"])
    options = _options(report, asked.get("from", file.period.after), asked.get("to", asof.day))
    head = file.parameters.get(FrozenFile.HEAD)
    if head and head != str(head_known_on(asof.known_on)):
        return f"the record that was known then did not end with {head}"
    if _content(report, file.period, asof, options) == bytes(file.content):
        return None
    made_with = ", ".join(f"{name} {version}" for name, version in sorted(file.versions.items()))
    if file.versions == versions():
        return f"made again it is not the same, with the same versions ({made_with})"
    here = ", ".join(f"{name} {version}" for name, version in sorted(versions().items()))
    return f"made again it is not the same; it was made with {made_with}, and here are {here}"


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
