"""The report `attention`, for managers: each pledge that needs someone, why, and since when."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tracker.queries.tables import named, needs
from tracker.reports.base import (
    DAYS,
    ENTRIES,
    Column,
    Kind,
    Report,
    code_with_labels,
    each_language,
    joined,
)
from tracker.reports.labels import label_in
from tracker.vocabulary import Flag, Language, ReminderKind, Status

_STAFF: dict[str, Any] = {"is_public": False}


def _rows(pledges, asof, options):
    rows = pledges.with_groups().in_file_order()
    return needs(rows, asof.day, settings.STALE_AFTER_DAYS)


def _finish(asof, words):
    bodies = words.bodies

    def finish(need):
        return need, named(bodies, need.pledge.lead_keys), asof.day

    return finish


def _labels(row, suffix):
    language = next(language for language in Language if language.suffix == suffix)
    return joined(label_in(reason, language) for reason in row[0].since)


def _since(name, label, reason, description):
    return Column(
        name, Kind.DATE, label, description, lambda row: row[0].since.get(reason), **_STAFF
    )


REPORT = Report(
    name="attention",
    title=_("Attention"),
    description=_(
        "Each pledge that is late or stale, has an entry that waits for review, or rests on no "
        "evidence, with since when. It is of today: what is not published leaves no trace of past "
        "days."
    ),
    rows=_rows,
    finish=_finish,
    is_public=False,
    columns=(
        Column(
            "code",
            Kind.CODE,
            _("Code"),
            _("The pledge's public code."),
            lambda row: row[0].pledge.code,
            **_STAFF,
        ),
        *each_language(
            "title",
            _("Title"),
            _("The record's own short title."),
            lambda row, suffix: getattr(row[0].pledge, f"title_{suffix}"),
            **_STAFF,
        ),
        Column(
            "public",
            Kind.BOOLEAN,
            _("Public"),
            _("Whether readers see the pledge."),
            lambda row: row[0].pledge.is_public,
            **_STAFF,
        ),
        *code_with_labels(
            "status",
            _("Status"),
            _("Where it stands now."),
            lambda row: Status(row[0].pledge.status),
            **_STAFF,
        ),
        Column(
            "leads",
            Kind.CODE,
            _("Leading bodies"),
            _("The bodies that lead it."),
            lambda row: joined(body.slug for body in row[1]),
            **_STAFF,
        ),
        *each_language(
            "leads",
            _("Leading bodies"),
            _("The bodies that lead it."),
            lambda row, suffix: joined(getattr(body, f"name_{suffix}") for body in row[1]),
            **_STAFF,
        ),
        Column(
            "reasons",
            Kind.CODE,
            _("Reasons"),
            _("Why it needs attention: late, stale, review, no_evidence."),
            lambda row: joined(reason.value for reason in row[0].since),
            **_STAFF,
        ),
        *each_language(
            "reasons", _("Reasons"), _("Why it needs attention, in words."), _labels, **_STAFF
        ),
        Column(
            "since",
            Kind.DATE,
            _("Since"),
            _("The earliest of the days below."),
            lambda row: min(row[0].since.values()),
            **_STAFF,
        ),
        Column(
            "days",
            Kind.INTEGER,
            _("Days"),
            _("How many days ago that was."),
            lambda row: (row[2] - min(row[0].since.values())).days,
            DAYS,
            **_STAFF,
        ),
        _since("late_since", _("Late since"), Flag.LATE, _("The day after its due date.")),
        _since(
            "stale_since",
            _("Stale since"),
            Flag.STALE,
            _("The first day on which its latest entry was older than the set number of days."),
        ),
        _since(
            "review_since",
            _("Waiting since"),
            ReminderKind.REVIEW,
            _("The day on which the oldest entry that waits for review was submitted."),
        ),
        _since(
            "no_evidence_since",
            _("Without evidence since"),
            Flag.NO_EVIDENCE,
            _("The day of its latest entry; of its announcement where it has none."),
        ),
        Column(
            "waiting",
            Kind.INTEGER,
            _("Waiting for review"),
            _("How many of its entries wait for review."),
            lambda row: row[0].pledge.waiting,
            ENTRIES,
            **_STAFF,
        ),
    ),
)
