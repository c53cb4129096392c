"""The public addresses (DESIGN, section 4). They stand under a language: /en/, /zh-hans/."""

from django.urls import path, re_path

from tracker.reports.formats import FORMATS
from tracker.rules.codes import CODE_PATTERN
from tracker.views import (
    about,
    calendars,
    cards,
    changes,
    components,
    data,
    embeds,
    feedback,
    feeds,
    follow,
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
    path("card.png", cards.home_card, name="home-card"),
    path("pledges/", pledges.pledge_list, name="pledge-list"),
    # Before the pledge's own page, whose slug they would be taken for.
    re_path(rf"^pledges/(?P<code>{CODE_PATTERN})/feedback/$", feedback.feedback, name="feedback"),
    re_path(
        rf"^pledges/(?P<code>{CODE_PATTERN})/feedback/thanks/$",
        feedback.feedback_thanks,
        name="feedback-thanks",
    ),
    re_path(rf"^pledges/(?P<code>{CODE_PATTERN})/feed/$", feeds.pledge_feed, name="pledge-feed"),
    re_path(
        rf"^pledges/(?P<code>{CODE_PATTERN})/milestones\.ics$",
        calendars.pledge_milestones,
        name="pledge-milestones",
    ),
    re_path(
        rf"^pledges/(?P<code>{CODE_PATTERN})/card\.png$", cards.pledge_card, name="pledge-card"
    ),
    re_path(
        rf"^pledges/(?P<code>{CODE_PATTERN})/(?:(?P<slug>[-a-z0-9]+)/)?$",
        pledges.pledge_detail,
        name="pledge-detail",
    ),
    path("pillars/<int:order>/", groups.pillar_detail, name="pillar-detail"),
    path("pillars/<int:order>/feed/", feeds.pillar_feed, name="pillar-feed"),
    path("pillars/<int:order>/card.png", cards.pillar_card, name="pillar-card"),
    path("bodies/<slug:slug>/", groups.body_detail, name="body-detail"),
    path("bodies/<slug:slug>/feed/", feeds.body_feed, name="body-feed"),
    path("sectors/<slug:slug>/", groups.sector_detail, name="sector-detail"),
    path("sectors/<slug:slug>/feed/", feeds.sector_feed, name="sector-feed"),
    path("updates/", updates.update_list, name="update-list"),
    path("updates/feed/", feeds.update_feed, name="update-feed"),
    path("milestones.ics", calendars.milestones, name="milestones"),
    path("evidence/<uuid:uid>/", updates.evidence_file, name="evidence-file"),
    path("sources/<slug:slug>/", sources.source_detail, name="source-detail"),
    path("changes/", changes.change_list, name="change-list"),
    path("corrections/", changes.correction_list, name="correction-list"),
    path("method/", about.method, name="method"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("components/", components.components, name="components"),
    path("data/", data.data, name="data"),
    path("data/record.jsonl", data.record, name="record"),
    path("data/record.zip", data.record_copy, name="record-copy"),
    path("data/period/", data.period_report, name="period-report"),
    path("data/dictionary.json", data.data_dictionary, name="data-dictionary"),
    path("data/datapackage.json", data.data_package, name="data-package"),
    path("data/csvw.json", data.data_csvw, name="data-csvw"),
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
    path("follow/", follow.follow, name="follow"),
    path("follow/asked/", follow.follow_asked, name="follow-asked"),
    path("follow/<slug:token>/confirm/", follow.follow_confirm, name="follow-confirm"),
    path("follow/<slug:token>/stop/", follow.follow_stop, name="follow-stop"),
    path("embed/pillars/<int:order>/", embeds.pillar_embed, name="pillar-embed"),
    re_path(
        rf"^embed/pledges/(?P<code>{CODE_PATTERN})/$", embeds.pledge_embed, name="pledge-embed"
    ),
]
