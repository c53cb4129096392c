"""The report `updates`: the record itself, one row an entry."""

from django.utils.translation import gettext_lazy as _

from tracker.models import Update
from tracker.reports.base import Column, Kind, Report, code_with_labels, in_both_languages
from tracker.vocabulary import Status

CHUNK = 500


def _rows(pledges, asof):
    entries = (
        Update.objects.seen(asof)
        .filter(pledge__in=pledges.order_by().values("pk"))
        .with_corrections(asof.known_on)
        .with_evidence_count()
        .select_related("pledge")
        .order_by("sequence")
    )
    return entries.iterator(chunk_size=CHUNK)


REPORT = Report(
    name="updates",
    title=_("Updates"),
    description=_(
        "Every published entry in effect by a day, corrected ones too, one row an entry."
    ),
    rows=_rows,
    columns=(
        Column("number", Kind.INTEGER, _("Its place in the record."), lambda u: u.sequence),
        Column("uid", Kind.CODE, _("Its identifier for ever."), lambda u: str(u.uid)),
        Column("pledge", Kind.CODE, _("The pledge's public code."), lambda u: u.pledge.code),
        *in_both_languages("pledge_title", _("The pledge's title."), lambda u: u.pledge, "title"),
        *code_with_labels("status", _("The status from then on."), lambda u: Status(u.status)),
        Column(
            "effective_on", Kind.DATE, _("The day from which it holds."), lambda u: u.effective_on
        ),
        Column(
            "published_on",
            Kind.DATE,
            _("The day on which it was published."),
            lambda u: u.published_on,
        ),
        Column(
            "reported_progress",
            Kind.INTEGER,
            _("The progress that it reports, in percent; empty where it reports none."),
            lambda u: u.reported_progress,
        ),
        Column(
            "due_on",
            Kind.DATE,
            _("The last day of the due date that it sets; empty where it sets none."),
            lambda u: u.due_on,
        ),
        Column(
            "due_precision",
            Kind.CODE,
            _("How exactly that due date is stated; empty where it leaves the date as it was."),
            lambda u: u.due_precision,
        ),
        *in_both_languages("narrative", _("What happened, in the record's own words.")),
        Column(
            "evidence_count",
            Kind.INTEGER,
            _("How many pieces of evidence it cites."),
            lambda u: u.evidence_count,
        ),
        Column(
            "corrects",
            Kind.INTEGER,
            _("The number of the entry that it corrects."),
            lambda u: u.corrects_number,
        ),
        *in_both_languages("correction_reason", _("Why it corrects that entry.")),
        Column(
            "corrected_by",
            Kind.INTEGER,
            _("The number of the entry that corrects it."),
            lambda u: u.corrected_by_number,
        ),
    ),
)
