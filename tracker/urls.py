"""The public addresses (DESIGN, section 4). They stand under a language: /en/, /zh-hans/."""

from django.urls import path, re_path

from tracker.models.pledge import CODE_PATTERN
from tracker.reports.formats import FORMATS
from tracker.views import (
    about,
    changes,
    components,
    data,
    feedback,
    groups,
    home,
    periods,
    pledges,
    sources,
    updates,
)

app_name = "tracker"
urlpatterns = [
    path("", home.home, name="home"),
    path("pledges/", pledges.pledge_list, name="pledge-list"),
    # Before the pledge's own page, whose slug they would be taken for.
    re_path(rf"^pledges/(?P<code>{CODE_PATTERN})/feedback/$", feedback.feedback, name="feedback"),
    re_path(
        rf"^pledges/(?P<code>{CODE_PATTERN})/feedback/thanks/$",
        feedback.feedback_thanks,
        name="feedback-thanks",
    ),
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
    path("changes/", changes.change_list, name="change-list"),
    path("corrections/", changes.correction_list, name="correction-list"),
    path("method/", about.method, name="method"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("components/", components.components, name="components"),
    path("data/", data.data, name="data"),
    path("data/record.jsonl", data.record, name="record"),
    path("data/period/", data.period_report, name="period-report"),
    path("data/dictionary.json", data.data_dictionary, name="data-dictionary"),
    *(
        path(
            f"data/<slug:name>.{extension}",
            data.report_file,
            {"extension": extension},
            name=f"report-{extension}",
        )
        for extension in FORMATS
    ),
    path("periods/", periods.period_list, name="period-list"),
    path("periods/<slug:slug>/", periods.period_detail, name="period-detail"),
    path("periods/<slug:slug>/<str:filename>", periods.period_file, name="period-file"),
]
