"""Makes files of rows, and brings them in."""

import csv
import io

from tests.conftest import NOW
from tracker.actions import imports
from tracker.actions.imports.columns import Choices
from tracker.models import Pledge
from tracker.reports import REPORTS
from tracker.reports import csv as writer
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of

TODAY = day_of(NOW)


def as_csv(*rows: str, delimiter: str = "|") -> bytes:
    """A CSV file of rows that are written with bars between the cells."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(row.split(delimiter) for row in rows)
    return out.getvalue().encode()


def exported(name: str, on=None) -> bytes:
    """A report as a reader downloads it."""
    asof = AsOf(TODAY, on)
    pledges = Pledge.objects.seen(asof).order_by("code")
    return "".join(writer.lines(REPORTS[name], pledges, asof)).encode()


def kept(content: bytes, by, **choices):
    return imports.keep(
        content=content, filename="a.csv", choices=Choices(**choices), by=by, at=NOW
    )


def planned(content: bytes, by, **choices):
    return imports.preview(kept(content, by, **choices), by=by, on=TODAY)


def applied(content: bytes, by, **choices):
    """The plan that was applied. Raises what `imports.apply` does."""
    file = kept(content, by, **choices)
    plan = imports.preview(file, by=by, on=TODAY)
    imports.remember(file, plan)
    return imports.apply(file, digest=plan.digest, by=by, at=NOW, on=TODAY)


def lines(plan) -> list[str]:
    return [str(row) for row in plan.rows]
