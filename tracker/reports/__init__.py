"""The public reports by name, in the order in which pages list them."""

from tracker.reports import pledges, updates
from tracker.reports.base import Report

REPORTS: dict[str, Report] = {report.name: report for report in (pledges.REPORT, updates.REPORT)}
