"""The report `workload`, for managers: what each body has on its hands."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from tracker.queries.tables import Workload, workload
from tracker.reports.base import DAYS, ENTRIES, PLEDGES, Column, Kind, Report, each_language
from tracker.reports.dictionary import both
from tracker.vocabulary import Flag, Language

_NOBODY = _("No body")


def _rows(pledges, asof, options):
    for load in workload(pledges, asof.day):
        yield load, asof.day


def _name(row, suffix):
    load, _day = row
    if load.body is None:
        language = next(language for language in Language if language.suffix == suffix)
        return both(_NOBODY)[language.value]
    return getattr(load.body, f"name_{suffix}")


def _count(name, label, description, unit):
    return Column(
        name,
        Kind.INTEGER,
        label,
        description,
        lambda row: getattr(row[0], name),
        unit,
        is_public=False,
    )


def _oldest(row: tuple[Workload, date]) -> int | None:
    load, day = row
    return (day - load.waiting_since).days if load.waiting_since else None


REPORT = Report(
    name="workload",
    title=_("Workload"),
    description=_(
        "What each body has on its hands today, one row a body. A pledge counts for each body that "
        "leads or supports it, so the rows do not add up. A last row has the pledges that no body "
        "is named for, if there are any."
    ),
    rows=_rows,
    is_public=False,
    columns=(
        Column(
            "body",
            Kind.CODE,
            _("Body"),
            _("The body's code; empty in the row for pledges without one."),
            lambda row: row[0].body.slug if row[0].body else "",
            is_public=False,
        ),
        *each_language("name", _("Name"), _("The body's name."), _name, is_public=False),
        _count("leads", _("Leads"), _("How many pledges it leads."), PLEDGES),
        _count("supports", _("Supports"), _("How many pledges it supports."), PLEDGES),
        _count("late", Flag.LATE.label, Flag.LATE.definition, PLEDGES),
        _count("stale", Flag.STALE.label, Flag.STALE.definition, PLEDGES),
        _count("no_evidence", Flag.NO_EVIDENCE.label, Flag.NO_EVIDENCE.definition, PLEDGES),
        _count("drafts", _("Drafts"), _("How many entries are being written."), ENTRIES),
        _count("returned", _("Returned"), _("How many entries a reviewer has returned."), ENTRIES),
        _count("waiting", _("Waiting for review"), _("How many entries wait for review."), ENTRIES),
        Column(
            "oldest_waiting_days",
            Kind.INTEGER,
            _("Oldest waits"),
            _("For how many days the oldest of these has waited; empty where none waits."),
            _oldest,
            DAYS,
            is_public=False,
        ),
    ),
)
