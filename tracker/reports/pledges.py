"""The report `pledges`: where each pledge stands on a day."""

from django.utils.translation import gettext_lazy as _

from tracker.reports.base import (
    Column,
    Kind,
    Report,
    code_with_labels,
    each_language,
    in_both_languages,
    joined,
)
from tracker.vocabulary import Flag, Status

CHUNK = 500


def _rows(pledges, asof):
    for pledge in pledges.with_names().iterator(chunk_size=CHUNK):
        pledge.flags_then = pledge.flags(asof.day)
        yield pledge


def _flag(flag):
    return Column(
        flag.value, Kind.BOOLEAN, flag.definition, lambda pledge: flag in pledge.flags_then
    )


def _named(name, description, rows_of):
    """Columns for the bodies or sectors of a pledge: their slugs, and their names."""
    return (
        Column(name, Kind.CODE, description, lambda p: joined(row.slug for row in rows_of(p))),
        *each_language(
            name,
            description,
            lambda p, suffix: joined(getattr(row, f"name_{suffix}") for row in rows_of(p)),
        ),
    )


REPORT = Report(
    name="pledges",
    title=_("Pledges"),
    description=_("Where each pledge stands on a day, one row a pledge."),
    rows=_rows,
    columns=(
        Column("code", Kind.CODE, _("The pledge's public code."), lambda p: p.code),
        Column(
            "programme", Kind.CODE, _("The programme it belongs to."), lambda p: p.programme.slug
        ),
        Column(
            "pillar",
            Kind.INTEGER,
            _("The number of its pillar in the programme."),
            lambda p: p.pillar.order if p.pillar else None,
        ),
        *in_both_languages("pillar", _("The pillar's title."), lambda p: p.pillar, "title"),
        *in_both_languages("title", _("The record's own short title.")),
        *in_both_languages("summary", _("The pledge in the record's own plain words.")),
        Column("wording", Kind.TEXT, _("The source's own words."), lambda p: p.wording),
        Column(
            "wording_language",
            Kind.CODE,
            _("The language of the wording."),
            lambda p: p.wording_language,
        ),
        *code_with_labels("status", _("Where it stands on the day."), lambda p: Status(p.status)),
        Column(
            "last_entry_on",
            Kind.DATE,
            _("The day from which its latest entry holds; empty before the first."),
            lambda p: p.last_entry_on if p.entry_id else None,
        ),
        Column(
            "progress",
            Kind.INTEGER,
            _("Its progress in percent, rounded; empty where there is no figure."),
            lambda p: p.progress.shown,
        ),
        Column(
            "progress_basis",
            Kind.CODE,
            _("What the figure rests on: milestones, reported, or none."),
            lambda p: p.progress.basis.value,
        ),
        Column("milestones_done", Kind.INTEGER, _("Milestones done."), lambda p: p.milestones_done),
        Column(
            "milestones_total",
            Kind.INTEGER,
            _("Milestones in the record, without dropped ones."),
            lambda p: p.milestones_total,
        ),
        *(_flag(flag) for flag in Flag),
        Column("announced_on", Kind.DATE, _("When it was announced."), lambda p: p.announced_on),
        Column(
            "due_on",
            Kind.DATE,
            _("The last day of its due date, as moved by then."),
            lambda p: p.due_on,
        ),
        Column(
            "due_precision",
            Kind.CODE,
            _("How exactly the due date is stated: day, month, year or none."),
            lambda p: p.due_precision,
        ),
        Column(
            "original_due_on",
            Kind.DATE,
            _("The last day of the due date that the source states."),
            lambda p: p.original_due_on,
        ),
        *_named("leads", _("The bodies that lead it."), lambda p: p.leads),
        *_named("supporters", _("The bodies that support it."), lambda p: p.supporters),
        *_named("sectors", _("Its sectors."), lambda p: p.sectors.all()),
    ),
)
