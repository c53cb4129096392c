"""The report `measurements`: the values of each indicator, with where each comes from."""

from django.db.models import F, Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from tracker.models import Measurement
from tracker.models.texts import InByteOrder
from tracker.reports.base import Column, Kind, Report, in_both_languages, plain
from tracker.rules.dates import day_of

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
            lambda m: m.indicator.code,
        ),
        *in_both_languages(
            "name", _("Name"), _("What the indicator counts."), lambda m: m.indicator
        ),
        *in_both_languages(
            "unit", _("Unit"), _("What the value is given in."), lambda m: m.indicator
        ),
        Column(
            "programme",
            Kind.CODE,
            _("Programme"),
            _("The programme it belongs to."),
            lambda m: m.indicator.programme.slug,
        ),
        Column(
            "pledge",
            Kind.CODE,
            _("Pledge"),
            _("The pledge that it is about; empty where it is about the whole programme."),
            lambda m: m.indicator.pledge.code if m.indicator.pledge else "",
        ),
        Column(
            "measured_on",
            Kind.DATE,
            _("Measured"),
            _("The day of the value, or the last day of its period."),
            lambda m: m.measured_on,
        ),
        *in_both_languages("period", _("Period"), _("The period of the value, in words.")),
        Column(
            "value",
            Kind.DECIMAL,
            _("Value"),
            _("The value, in the indicator's unit."),
            lambda m: plain(m.value),
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
            lambda m: m.is_baseline,
        ),
        Column(
            "target",
            Kind.DECIMAL,
            _("Target"),
            _("The value aimed at, in the indicator's unit; empty where none is set."),
            lambda m: None if m.indicator.target is None else plain(m.indicator.target),
            _UNIT,
        ),
        Column(
            "target_on",
            Kind.DATE,
            _("Target date"),
            _("The day by which it is aimed at."),
            lambda m: m.indicator.target_on,
        ),
        Column(
            "source",
            Kind.CODE,
            _("Source"),
            _("The source of this record that states it; empty where it comes from elsewhere."),
            lambda m: m.source_slug or "",
        ),
        Column(
            "quotation",
            Kind.TEXT,
            _("Quotation"),
            _("The words of that source that state it."),
            lambda m: m.quoted or "",
        ),
        Column(
            "publisher",
            Kind.TEXT,
            _("Publisher"),
            _("Who published it, where it comes from elsewhere."),
            lambda m: m.publisher,
        ),
        Column("url", Kind.TEXT, _("Web address"), _("Where it was read."), lambda m: m.url),
        Column(
            "published_on",
            Kind.DATE,
            _("Published here"),
            _("The day on which it became part of this record."),
            lambda m: day_of(m.published_at),
        ),
        *in_both_languages(
            "note",
            _("Note"),
            _("What a reader should know of the indicator."),
            lambda m: m.indicator,
        ),
    ),
)
