"""The report `measurements`: the values of each indicator, with where each comes from."""

from django.db.models import F, Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from tracker.models import Measurement
from tracker.models.texts import InByteOrder
from tracker.reports.base import Column, Kind, Report, in_both_languages

_UNIT = _("as in the columns unit_en and unit_zh")


def _rows(pledges, asof, options):
    asked = pledges.order_by()
    of_the_programme = Q(
        indicator__pledge__isnull=True, indicator__programme__in=asked.values("programme")
    )
    return (
        Measurement.objects.published(asof.known_on)
        .filter(measured_on__lte=asof.day)
        .filter(Q(indicator__pledge__in=asked.values("pk")) | of_the_programme)
        .select_related("indicator__programme", "indicator__pledge")
        .annotate(
            source_slug=F("source__slug"),
            # A part of the source's text, and not all of it with every row.
            quoted=Substr("source__text", F("start") + 1, F("end") - F("start")),
        )
        .order_by(InByteOrder("indicator__code"), "measured_on")
    )


def _reworded(rows, words):
    return words.measurements(rows)


REPORT = Report(
    name="measurements",
    title=_("Measurements"),
    description=_(
        "The published values of each indicator up to a day, one row a value: of the indicators of "
        "the pledges asked for, and of those of a whole programme that one of these belongs to."
    ),
    rows=_rows,
    reworded=_reworded,
    reorders=True,
    key=("indicator", "measured_on"),
    refers={"pledge": ("pledges", "code")},
    columns=(
        Column(
            "indicator",
            Kind.CODE,
            _("Indicator"),
            _("The indicator's code."),
            "indicator__code",
        ),
        *in_both_languages("name", _("Name"), _("What the indicator counts."), "indicator__name"),
        *in_both_languages("unit", _("Unit"), _("What the value is given in."), "indicator__unit"),
        Column(
            "programme",
            Kind.CODE,
            _("Programme"),
            _("The programme it belongs to."),
            "indicator__programme__slug",
        ),
        Column(
            "pledge",
            Kind.CODE,
            _("Pledge"),
            _("The pledge that it is about; empty where it is about the whole programme."),
            "indicator__pledge__code",
        ),
        Column(
            "measured_on",
            Kind.DATE,
            _("Measured"),
            _("The day of the value, or the last day of its period."),
            "measured_on",
        ),
        *in_both_languages("period", _("Period"), _("The period of the value, in words.")),
        Column(
            "value",
            Kind.DECIMAL,
            _("Value"),
            _("The value, in the indicator's unit."),
            "value",
            _UNIT,
        ),
        *in_both_languages(
            "qualifier", _("Qualifier"), _("What the source says of its exactness: about, nearly.")
        ),
        Column(
            "baseline",
            Kind.BOOLEAN,
            _("Baseline"),
            _("Whether the others are compared with it."),
            "is_baseline",
        ),
        Column(
            "target",
            Kind.DECIMAL,
            _("Target"),
            _("The value aimed at, in the indicator's unit; empty where none is set."),
            "indicator__target",
            _UNIT,
        ),
        Column(
            "target_on",
            Kind.DATE,
            _("Target date"),
            _("The day by which it is aimed at."),
            "indicator__target_on",
        ),
        Column(
            "source",
            Kind.CODE,
            _("Source"),
            _("The source of this record that states it; empty where it comes from elsewhere."),
            "source_slug",
        ),
        Column(
            "quotation",
            Kind.TEXT,
            _("Quotation"),
            _("The words of that source that state it."),
            "quoted",
        ),
        Column(
            "publisher",
            Kind.TEXT,
            _("Publisher"),
            _("Who published it, where it comes from elsewhere."),
            "publisher",
        ),
        Column("url", Kind.TEXT, _("Web address"), _("Where it was read."), "url"),
        Column(
            "published_on",
            Kind.DATE,
            _("Published here"),
            _("The day on which it became part of this record."),
            "published_at",
        ),
        *in_both_languages(
            "note",
            _("Note"),
            _("What a reader should know of the indicator."),
            "indicator__note",
        ),
    ),
)
