"""The report `summary`: how many pledges stand where, the table that a council reads."""

from datetime import date
from typing import TypeAlias

from django.utils.translation import gettext_lazy as _

from tracker.models import Pillar
from tracker.queries.tables import Part, by_group
from tracker.reports.base import PERCENT, PLEDGES, Column, Kind, Report, each_language
from tracker.reports.labels import text_in
from tracker.vocabulary import Flag, Language, Status

#: What a row counts that is no pillar and no body.
OTHERS = {
    ("pillar", "none"): _("No pillar"),
    ("body", "none"): _("No leading body"),
    ("body", "several"): _("Led by several bodies"),
    ("pillar", "total"): _("All pledges"),
    ("body", "total"): _("All pledges"),
}


def _rows(pledges, asof, options):
    for part in by_group(pledges, options.by, asof):
        yield options.by, part, asof.known_on


Row: TypeAlias = tuple[str, Part, date | None]


def _name(row: Row, suffix: str) -> str:
    by, part, known_on = row
    if part.group is None:
        language = next(language for language in Language if language.suffix == suffix)
        return text_in(f"summary.{by}.{part.kind}", OTHERS[by, part.kind], language, known_on)
    return getattr(part.group, f"{'title' if by == 'pillar' else 'name'}_{suffix}")


def _code(row: Row) -> str:
    group = row[1].group
    if group is None:
        return ""
    return str(group.order) if isinstance(group, Pillar) else group.slug


def _programme(row: Row) -> str:
    group = row[1].group
    return group.programme.slug if isinstance(group, Pillar) else ""


def _status(status: Status) -> Column:
    place = list(Status).index(status)
    return Column(
        status.value,
        Kind.INTEGER,
        status.label,
        status.definition,
        lambda row: row[1].summary.counts[place].count,
        PLEDGES,
    )


def _flag(flag: Flag) -> Column:
    place = list(Flag).index(flag)
    return Column(
        flag.value,
        Kind.INTEGER,
        flag.label,
        flag.definition,
        lambda row: row[1].summary.flags[place].count,
        PLEDGES,
    )


REPORT = Report(
    name="summary",
    title=_("Summary of statuses"),
    description=_(
        "How many pledges stand where on a day, one row a pillar, or with “by=body” one row a "
        "leading body, and a last row for all. Each pledge counts in just one row above the last, "
        "so the rows add up: one that several bodies lead counts in a row of its own kind, and in "
        "the column “led_jointly” of each of them."
    ),
    rows=_rows,
    parameters=("by",),
    key=("kind", "programme", "code"),
    columns=(
        Column(
            "kind",
            Kind.CODE,
            _("Kind of row"),
            _("What the row counts: a pillar, a body, several (led jointly), none, or the total."),
            lambda row: row[1].kind,
        ),
        Column(
            "programme",
            Kind.CODE,
            _("Programme"),
            _("The programme of the pillar; empty in other rows."),
            _programme,
        ),
        Column(
            "code",
            Kind.CODE,
            _("Code"),
            _("The pillar's number or the body's code; empty in other rows."),
            _code,
        ),
        *each_language(
            "name", _("Name"), _("The pillar's title, the body's name, or what is counted."), _name
        ),
        *(_status(status) for status in Status),
        Column(
            "total",
            Kind.INTEGER,
            _("Total"),
            _("All pledges of the row: the sum of its statuses."),
            lambda row: row[1].summary.total,
            PLEDGES,
        ),
        *(_flag(flag) for flag in Flag),
        Column(
            "with_figure",
            Kind.INTEGER,
            _("With a figure"),
            _("How many of them have a progress figure."),
            lambda row: row[1].summary.progress.counted,
            PLEDGES,
        ),
        Column(
            "progress",
            Kind.INTEGER,
            _("Progress"),
            _("The mean of those that have a figure, rounded; empty where none has one."),
            lambda row: row[1].summary.progress.shown,
            PERCENT,
        ),
        Column(
            "led_jointly",
            Kind.INTEGER,
            _("Led jointly"),
            _("How many more pledges the body leads together with others; empty in other rows."),
            lambda row: row[1].jointly,
            PLEDGES,
        ),
    ),
)
