"""The reports by name, in the order in which pages list them."""

from tracker.reports import (
    attention,
    changes,
    evidence,
    measurements,
    milestones,
    pledges,
    summary,
    updates,
    workload,
)
from tracker.reports.base import Report

#: What anyone may have.
REPORTS: dict[str, Report] = {
    module.REPORT.name: module.REPORT
    for module in (pledges, updates, changes, milestones, evidence, measurements, summary)
}

#: For managers only: they count what is not published, and so no public address has them.
STAFF_REPORTS: dict[str, Report] = {
    module.REPORT.name: module.REPORT for module in (attention, workload)
}

EVERY_REPORT = REPORTS | STAFF_REPORTS
