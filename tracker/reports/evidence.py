"""The report `evidence`: what the entries of the record rest on, one row a document."""

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from tracker.models import Evidence, Update
from tracker.reports.base import (
    Column,
    Kind,
    Report,
    code_with_labels,
    in_both_languages,
    pledge_columns,
)
from tracker.vocabulary import EvidenceKind


def _rows(pledges, asof, options):
    entries = Update.objects.seen(asof).filter(pledge__in=pledges.order_by().values("pk"))
    return (
        Evidence.objects.filter(update__in=entries.order_by().values("pk"))
        .select_related("update__pledge")
        .order_by("update__sequence", F("published_on").asc(nulls_last=True), "uid")
    )


def _reworded(rows, words):
    return words.of_pledges(rows, lambda e: e.update.pledge)


REPORT = Report(
    name="evidence",
    title=_("Evidence"),
    description=_(
        "What every published entry in effect by a day rests on, corrected entries too, one row a "
        "document."
    ),
    rows=_rows,
    reworded=_reworded,
    key=("uid",),
    refers={"pledge": ("pledges", "code"), "entry": ("updates", "number")},
    columns=(
        Column(
            "uid",
            Kind.CODE,
            _("Identifier"),
            _("Its identifier for ever."),
            "uid",
        ),
        Column(
            "entry",
            Kind.INTEGER,
            _("Entry"),
            _("The number of the entry that cites it."),
            "update__sequence",
        ),
        *pledge_columns("update__pledge"),
        *code_with_labels(
            "kind", _("Kind"), _("What sort of document it is."), "kind", EvidenceKind
        ),
        Column(
            "title",
            Kind.TEXT,
            _("Title"),
            _("The document's title as it has it, in its own language."),
            "title",
        ),
        Column(
            "language",
            Kind.CODE,
            _("Language"),
            _("The document's language."),
            "language",
        ),
        Column(
            "publisher",
            Kind.TEXT,
            _("Publisher"),
            _("Who published it."),
            "publisher",
        ),
        Column(
            "url",
            Kind.TEXT,
            _("Web address"),
            _("Where it was read; empty where the record keeps a copy instead."),
            "url",
        ),
        Column(
            "file_sha256",
            Kind.CODE,
            _("SHA-256 of the copy"),
            _("The digest of the record's copy; empty where it keeps none."),
            "file_sha256",
        ),
        Column(
            "published_on",
            Kind.DATE,
            _("Published"),
            _("When it was published; empty where it does not say."),
            "published_on",
        ),
        Column(
            "seen_on",
            Kind.DATE,
            _("Seen"),
            _("When it was last looked up for the record."),
            "seen_on",
        ),
        Column(
            "quotation",
            Kind.TEXT,
            _("Quotation"),
            _("A sentence or two of it, verbatim."),
            "quotation",
        ),
        *in_both_languages("note", _("Note"), _("What it shows, and what it does not.")),
    ),
)
