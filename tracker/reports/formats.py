"""The formats of a report's file, by the end of its name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tracker.reports import copying, csv, json, xlsx
from tracker.reports.base import Report
from tracker.rules.asked import NOTHING, Options
from tracker.rules.asof import AsOf


@dataclass(frozen=True)
class Format:
    """One format. `is_whole_first` where the file is there before its first byte is sent."""

    extension: str
    content_type: str
    make: Callable[..., Iterator[bytes]]
    is_whole_first: bool = False

    def pieces(
        self,
        report: Report,
        pledges: QuerySet,
        asof: AsOf,
        options: Options = NOTHING,
        **kwargs: Any,
    ) -> Iterator[bytes]:
        """The report's bytes, piece by piece."""
        return self.make(report, pledges, asof, options, **kwargs)


def _csv(report: Report, pledges, asof: AsOf, options: Options, *, bom: bool = False):
    rows = report.held(pledges, asof, options, is_read_whole=True)
    if rows is not None:
        return copying.pieces(report, rows, bom=bom)
    return csv.chunks(csv.lines(report, pledges, asof, options, bom=bom))


def _json(report: Report, pledges, asof: AsOf, options: Options, *, bom: bool = False):
    return csv.chunks(json.lines(report, pledges, asof, options))


def _xlsx(report: Report, pledges, asof: AsOf, options: Options, *, bom: bool = False):
    return xlsx.pieces(xlsx.book(report, pledges, asof, options))


FORMATS = {
    each.extension: each
    for each in (
        Format("csv", csv.CONTENT_TYPE, _csv),
        Format("xlsx", xlsx.CONTENT_TYPE, _xlsx, is_whole_first=True),
        Format("json", json.CONTENT_TYPE, _json),
    )
}
