"""The report `changes`: each time that a pledge came to another status, one row a change."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from tracker.queries.changes import status_changes
from tracker.reports.base import (
    Column,
    Kind,
    Report,
    code_with_labels,
    pledge_columns,
)

#: Where no first day is asked for: before every pledge.
BEGINNING = date(1900, 1, 1)


def _rows(pledges, asof, options):
    start, end = options.start or BEGINNING, options.end or asof.day
    return status_changes(start, end, pledges, asof.known_on)


def _reworded(rows, words):
    return words.of_pledges(rows, lambda c: c.pledge)


REPORT = Report(
    name="changes",
    title=_("Changes of status"),
    description=_(
        "Each time that a pledge came to another status, one row a change, pledge by pledge. A "
        "period begins after the day “from” and ends with the day “to”; without them it is all "
        "days up to the one asked about. Without “known_on” a change belongs to the day on which "
        "it was published; with it, to the day from which it holds, as known on that day."
    ),
    rows=_rows,
    reworded=_reworded,
    parameters=("from", "to"),
    key=("entry",),
    refers={
        "pledge": ("pledges", "code"),
        "entry": ("updates", "number"),
        "rests_on": ("updates", "number"),
    },
    columns=(
        *pledge_columns("pledge"),
        *code_with_labels(
            "from_status", _("From status"), _("The status before."), lambda c: c.before
        ),
        *code_with_labels("to_status", _("To status"), _("The status after."), lambda c: c.after),
        Column(
            "effective_on",
            Kind.DATE,
            _("In effect from"),
            _("The day from which the new status holds; empty where no entry holds any more."),
            lambda c: c.effective_on,
        ),
        Column(
            "published_on",
            Kind.DATE,
            _("Published"),
            _("The day on which readers first saw it."),
            lambda c: c.published_on,
        ),
        Column(
            "correction",
            Kind.BOOLEAN,
            _("Correction"),
            _("Whether it came about by the correction of an earlier entry."),
            lambda c: c.is_correction,
        ),
        Column(
            "entry",
            Kind.INTEGER,
            _("Entry"),
            _("The number of the entry whose publication brought it."),
            lambda c: c.entry.sequence,
        ),
        Column(
            "rests_on",
            Kind.INTEGER,
            _("Rests on"),
            _("The number of the entry that the new status rests on; empty where none holds."),
            lambda c: c.rests_on.sequence if c.rests_on else None,
        ),
    ),
)
