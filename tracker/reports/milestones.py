"""The report `milestones`: each step of a pledge as the record has it on a day."""

from django.utils.translation import gettext_lazy as _

from tracker.models import Milestone
from tracker.models.texts import InByteOrder
from tracker.reports.base import Column, Kind, Report, code_with_labels, in_both_languages
from tracker.vocabulary import MilestoneState


def _rows(pledges, asof, options):
    return (
        Milestone.objects.as_of(asof.day, asof.known_on)
        .filter(pledge__in=pledges.order_by().values("pk"))
        .select_related("pledge")
        .order_by(InByteOrder("pledge__code"), "order", "uid")
    )


def _reworded(rows, words):
    return words.milestones(rows)


REPORT = Report(
    name="milestones",
    title=_("Milestones"),
    description=_(
        "Each milestone that an entry in effect by a day names, as it stood on that day, one row a "
        "milestone."
    ),
    rows=_rows,
    reworded=_reworded,
    reorders=True,
    key=("uid",),
    refers={"pledge": ("pledges", "code")},
    columns=(
        Column(
            "uid",
            Kind.CODE,
            _("Identifier"),
            _("Its identifier for ever."),
            "uid",
        ),
        Column(
            "pledge",
            Kind.CODE,
            _("Pledge"),
            _("The pledge's public code."),
            "pledge__code",
        ),
        Column(
            "order",
            Kind.INTEGER,
            _("Order"),
            _("Its place among the pledge's milestones."),
            "order",
        ),
        *in_both_languages("title", _("Title"), _("The step in a few words.")),
        *code_with_labels(
            "state",
            _("State"),
            _("Open, done or dropped on the day."),
            "state",
            MilestoneState,
        ),
        Column(
            "original_due_on",
            Kind.DATE,
            _("Originally due"),
            _("The last day of the due date that it had at first."),
            "original_due_on",
        ),
        Column(
            "original_due_precision",
            Kind.CODE,
            _("Precision of the original due date"),
            _("How exactly that date is stated: day, month, year or none."),
            "original_due_precision",
        ),
        Column(
            "due_on",
            Kind.DATE,
            _("Due"),
            _("The last day of its due date, as moved by then."),
            "due_on",
        ),
        Column(
            "due_precision",
            Kind.CODE,
            _("Precision of the due date"),
            _("How exactly the due date is stated: day, month, year or none."),
            "due_precision",
        ),
        Column(
            "done_on",
            Kind.DATE,
            _("Done"),
            _("The day on which it was done; empty while it is not."),
            "done_on",
        ),
    ),
)
