"""The report `pledges`: where each pledge stands on a day."""

from django.utils.translation import gettext_lazy as _

from tracker.queries.tables import named
from tracker.reports.base import (
    MILESTONES,
    PERCENT,
    Column,
    Kind,
    Report,
    code_with_labels,
    each_language,
    in_both_languages,
    joined,
)
from tracker.rules.dates import day_of
from tracker.vocabulary import Flag, Status


def _rows(pledges, asof, options):
    return pledges.with_groups().select_related("pillar", "programme").in_file_order()


def _reworded(rows, words):
    return words.pledges(rows)


def _finish(asof, words):
    """Adds the bodies and sectors: few enough to be kept at hand."""
    bodies, sectors = words.bodies, words.sectors

    def finish(pledge):
        pledge.leads_then = named(bodies, pledge.lead_keys)
        pledge.supporters_then = named(bodies, pledge.supporter_keys)
        pledge.sectors_then = named(sectors, pledge.sector_keys)
        return pledge

    return finish


def _flag(flag):
    return Column(
        flag.value,
        Kind.BOOLEAN,
        flag.label,
        flag.definition,
        lambda pledge: flag in pledge.flags_then,
    )


def _named(name, label, description):
    """Columns for the bodies or sectors of a pledge: their slugs, and their names."""

    def rows_of(pledge):
        return getattr(pledge, f"{name}_then")

    return (
        Column(
            name, Kind.CODE, label, description, lambda p: joined(row.slug for row in rows_of(p))
        ),
        *each_language(
            name,
            label,
            description,
            lambda p, suffix: joined(getattr(row, f"name_{suffix}") for row in rows_of(p)),
        ),
    )


REPORT = Report(
    name="pledges",
    title=_("Pledges"),
    description=_("Where each pledge stands on a day, one row a pledge."),
    rows=_rows,
    reworded=_reworded,
    finish=_finish,
    key=("code",),
    columns=(
        Column("code", Kind.CODE, _("Code"), _("The pledge's public code."), lambda p: p.code),
        Column(
            "programme",
            Kind.CODE,
            _("Programme"),
            _("The programme it belongs to."),
            lambda p: p.programme.slug,
        ),
        Column(
            "pillar",
            Kind.INTEGER,
            _("Pillar number"),
            _("The number of its pillar in the programme."),
            lambda p: p.pillar.order if p.pillar else None,
        ),
        *in_both_languages("pillar", _("Pillar"), _("The pillar's title."), "pillar__title"),
        *in_both_languages("title", _("Title"), _("The record's own short title.")),
        *in_both_languages(
            "summary", _("Summary"), _("The pledge in the record's own plain words.")
        ),
        Column(
            "wording", Kind.TEXT, _("Wording"), _("The source's own words."), lambda p: p.wording
        ),
        Column(
            "wording_language",
            Kind.CODE,
            _("Language of the wording"),
            _("The language of the wording."),
            lambda p: p.wording_language,
        ),
        *code_with_labels(
            "status", _("Status"), _("Where it stands on the day."), lambda p: Status(p.status)
        ),
        Column(
            "last_entry_on",
            Kind.DATE,
            _("Latest entry"),
            _("The day from which its latest entry holds; empty before the first."),
            lambda p: p.last_entry_on if p.entry_id else None,
        ),
        Column(
            "progress",
            Kind.INTEGER,
            _("Progress"),
            _("Its progress in percent, rounded; empty where there is no figure."),
            lambda p: p.progress.shown,
            PERCENT,
        ),
        Column(
            "progress_basis",
            Kind.CODE,
            _("Basis of the progress"),
            _("What the figure rests on: milestones, reported, or none."),
            lambda p: p.progress.basis.value,
        ),
        Column(
            "milestones_done",
            Kind.INTEGER,
            _("Milestones done"),
            _("How many of its milestones are done on the day."),
            lambda p: p.milestones_done,
            MILESTONES,
        ),
        Column(
            "milestones_total",
            Kind.INTEGER,
            _("Milestones"),
            _("How many milestones it has in the record on the day, without dropped ones."),
            lambda p: p.milestones_total,
            MILESTONES,
        ),
        *(_flag(flag) for flag in Flag),
        Column(
            "announced_on",
            Kind.DATE,
            _("Announced"),
            _("When it was announced."),
            lambda p: p.announced_on,
        ),
        Column(
            "due_on",
            Kind.DATE,
            _("Due"),
            _("The last day of its due date, as moved by then."),
            lambda p: p.due_on,
        ),
        Column(
            "due_precision",
            Kind.CODE,
            _("Precision of the due date"),
            _("How exactly the due date is stated: day, month, year or none."),
            lambda p: p.due_precision,
        ),
        Column(
            "original_due_on",
            Kind.DATE,
            _("Originally due"),
            _("The last day of the due date that the source states."),
            lambda p: p.original_due_on,
        ),
        *_named("leads", _("Leading bodies"), _("The bodies that lead it.")),
        *_named("supporters", _("Supporting bodies"), _("The bodies that support it.")),
        *_named("sectors", _("Sectors"), _("Its sectors.")),
        Column(
            "original_due_precision",
            Kind.CODE,
            _("Precision of the original due date"),
            _("How exactly that date is stated: day, month, year or none."),
            lambda p: p.original_due_precision,
        ),
        *in_both_languages(
            "yardstick", _("Yardstick"), _("What would show progress, in the record's own words.")
        ),
        *in_both_languages(
            "wording_note", _("Note on the wording"), _("What a reader should know of the wording.")
        ),
        *in_both_languages("speaker", _("Speaker"), _("Who said it, in the source.")),
        Column(
            "published_on",
            Kind.DATE,
            _("Published here"),
            _("The day on which it became part of this record."),
            lambda p: day_of(p.published_at),
        ),
    ),
)
