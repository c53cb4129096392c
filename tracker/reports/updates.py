"""The report `updates`: the record itself, one row an entry."""

from django.utils.translation import gettext_lazy as _

from tracker.models import Update
from tracker.reports.base import (
    DOCUMENTS,
    PERCENT,
    Column,
    Kind,
    Report,
    code_with_labels,
    in_both_languages,
    pledge_columns,
)
from tracker.vocabulary import Status


def _rows(pledges, asof, options):
    return _told(Update.objects.seen(asof).of_pledges(pledges), asof).with_evidence_count()


def _all_rows(asof):
    return _told(Update.objects.seen(asof), asof).with_evidence_counted()


def _told(entries, asof):
    return entries.with_corrections(asof.known_on).select_related("pledge").order_by("sequence")


def _reworded(rows, words):
    return words.of_pledges(rows, lambda u: u.pledge)


REPORT = Report(
    name="updates",
    title=_("Updates"),
    description=_(
        "Every published entry in effect by a day, corrected ones too, one row an entry."
    ),
    rows=_rows,
    all_rows=_all_rows,
    reworded=_reworded,
    key=("number",),
    refers={
        "pledge": ("pledges", "code"),
        "corrects": ("updates", "number"),
        "corrected_by": ("updates", "number"),
    },
    columns=(
        Column(
            "number",
            Kind.INTEGER,
            _("Number"),
            _("Its place in the record."),
            "sequence",
        ),
        Column(
            "uid",
            Kind.CODE,
            _("Identifier"),
            _("Its identifier for ever."),
            "uid",
        ),
        *pledge_columns("pledge"),
        *code_with_labels("status", _("Status"), _("The status from then on."), "status", Status),
        Column(
            "effective_on",
            Kind.DATE,
            _("In effect from"),
            _("The day from which it holds."),
            "effective_on",
        ),
        Column(
            "published_on",
            Kind.DATE,
            _("Published"),
            _("The day on which it was published."),
            "published_at",
        ),
        Column(
            "reported_progress",
            Kind.INTEGER,
            _("Reported progress"),
            _("The progress that it reports, in percent; empty where it reports none."),
            "reported_progress",
            PERCENT,
        ),
        Column(
            "due_on",
            Kind.DATE,
            _("New due date"),
            _("The last day of the due date that it sets; empty where it sets none."),
            "due_on",
        ),
        Column(
            "due_precision",
            Kind.CODE,
            _("Precision of the new due date"),
            _("How exactly that due date is stated; empty where it leaves the date as it was."),
            "due_precision",
        ),
        *in_both_languages(
            "narrative", _("Narrative"), _("What happened, in the record's own words.")
        ),
        Column(
            "evidence_count",
            Kind.INTEGER,
            _("Pieces of evidence"),
            _("How many pieces of evidence it cites."),
            "evidence_count",
            DOCUMENTS,
        ),
        Column(
            "corrects",
            Kind.INTEGER,
            _("Corrects"),
            _("The number of the entry that it corrects."),
            "corrects_number",
        ),
        *in_both_languages(
            "correction_reason", _("Reason of the correction"), _("Why it corrects that entry.")
        ),
        Column(
            "corrected_by",
            Kind.INTEGER,
            _("Corrected by"),
            _("The number of the entry that corrects it."),
            "corrected_by_number",
        ),
        Column(
            "digest",
            Kind.CODE,
            _("Digest"),
            _("The digest that chains it to the entry before it."),
            "digest",
        ),
    ),
)
