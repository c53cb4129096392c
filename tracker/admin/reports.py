"""Reports as the answer to an action on chosen pledges."""

from django.contrib import admin
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models import Pledge
from tracker.reports import REPORTS
from tracker.reports.downloads import download
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of


def _download(name: str, chosen) -> StreamingHttpResponse:
    asof = AsOf(day_of(timezone.now()))
    pledges = Pledge.objects.seen(asof).filter(pk__in=chosen.order_by().values("pk"))
    return download(REPORTS[name], pledges.order_by("code"), asof)


@admin.action(description=_("Download the report “pledges” for the chosen ones (CSV)"))
def download_pledges(desk, request, queryset):
    return _download("pledges", queryset)


@admin.action(description=_("Download the report “updates” for the chosen ones (CSV)"))
def download_updates(desk, request, queryset):
    return _download("updates", queryset)
