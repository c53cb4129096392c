"""The API's addresses, under /api/v1/."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularJSONAPIView

from tracker.api.views import Index, PledgeDetail, view_of
from tracker.reports import REPORTS
from tracker.rules.codes import CODE_PATTERN

app_name = "api"
urlpatterns = [
    path("", Index.as_view(), name="index"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    re_path(rf"^pledges/(?P<code>{CODE_PATTERN})/$", PledgeDetail.as_view(), name="pledge"),
    *(path(f"{name}/", view_of(report), name=f"report-{name}") for name, report in REPORTS.items()),
]
