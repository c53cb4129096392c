"""The chart of an indicator, drawn to scale. Its table stands beside it and says the same."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django import template

from tracker.models import Indicator
from tracker.rules.asof import AsOf

register = template.Library()

WIDTH, HEIGHT = 320, 132
LEFT, RIGHT, TOP, BOTTOM = 30, 290, 26, 108


@dataclass(frozen=True)
class Mark:
    """One value in the chart: where it stands, and where its number is written."""

    value: Decimal
    on: date | None
    x: int
    y: int
    #: Only the first value, the last and the target have room for their number.
    is_labelled: bool = False


@dataclass(frozen=True)
class Chart:
    """The values by their days, on stems from `zero`: a single one still shows how much it is."""

    marks: tuple[Mark, ...]
    target: Mark | None
    zero: int
    line: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    base: int = BOTTOM


def chart(indicator: Indicator) -> Chart:
    """The chart of an indicator with its `values_then`."""
    values = [(each.value, each.measured_on) for each in indicator.values_then]
    target = (indicator.target, indicator.target_on)
    days = [on for _, on in [*values, target] if on]
    numbers = [value for value, _ in [*values, target] if value is not None]
    low, high = min([*numbers, Decimal(0)]), max([*numbers, Decimal(0)])
    first, last = min(days), max(days)

    def x(on: date | None) -> int:
        if first == last:
            return (LEFT + RIGHT) // 2
        return RIGHT if on is None else _between(LEFT, RIGHT, on - first, last - first)

    def y(value: Decimal) -> int:
        return BOTTOM if high == low else _between(BOTTOM, TOP, value - low, high - low)

    ends = {0, len(values) - 1}
    marks = tuple(
        Mark(value, on, x(on), y(value), is_labelled=place in ends)
        for place, (value, on) in enumerate(values)
    )
    aim = None
    if indicator.target is not None:
        aim = Mark(indicator.target, indicator.target_on, x(indicator.target_on), y(target[0]))
    line = " ".join(f"{mark.x},{mark.y}" for mark in marks) if len(marks) > 1 else ""
    return Chart(marks, aim, y(Decimal(0)), line)


def _between(start: int, end: int, part, whole) -> int:
    return round(start + (end - start) * float(part / whole))


@register.inclusion_tag("components/indicator.html", takes_context=True)
def indicator_figure(context, indicator: Indicator) -> dict:
    """An indicator as a chart and a table."""
    asof: AsOf = context["asof"]
    return {
        "indicator": indicator,
        "chart": chart(indicator),
        "asof": asof,
        "language": context["language"],
    }
