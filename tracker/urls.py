"""The public addresses (DESIGN, section 4). They stand under a language: /en/, /zh-hans/."""

from django.urls import path, re_path

from tracker.models.pledge import CODE_PATTERN
from tracker.views import data, groups, home, periods, pledges, sources, updates

app_name = "tracker"
urlpatterns = [
    path("", home.home, name="home"),
    path("pledges/", pledges.pledge_list, name="pledge-list"),
    re_path(
        rf"^pledges/(?P<code>{CODE_PATTERN})/(?:(?P<slug>[-a-z0-9]+)/)?$",
        pledges.pledge_detail,
        name="pledge-detail",
    ),
    path("pillars/<int:order>/", groups.pillar_detail, name="pillar-detail"),
    path("bodies/<slug:slug>/", groups.body_detail, name="body-detail"),
    path("sectors/<slug:slug>/", groups.sector_detail, name="sector-detail"),
    path("updates/", updates.update_list, name="update-list"),
    path("evidence/<uuid:uid>/", updates.evidence_file, name="evidence-file"),
    path("sources/<slug:slug>/", sources.source_detail, name="source-detail"),
    path("data/", data.data, name="data"),
    path("data/record.jsonl", data.record, name="record"),
    path("data/<slug:name>.csv", data.report_csv, name="report-csv"),
    path("periods/", periods.period_list, name="period-list"),
    path("periods/<slug:slug>/", periods.period_detail, name="period-detail"),
    path("periods/<slug:slug>/<str:filename>", periods.period_file, name="period-file"),
]
