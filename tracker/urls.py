"""The public addresses (DESIGN, section 4). They stand under a language: /en/, /zh-hans/."""

from django.urls import path, re_path

from tracker.models.pledge import CODE_PATTERN
from tracker.views import (
    calendars,
    cards,
    data,
    embeds,
    feeds,
    follow,
    groups,
    home,
    pledges,
    sources,
    updates,
)

app_name = "tracker"
urlpatterns = [
    path("", home.home, name="home"),
    path("card.png", cards.home_card, name="home-card"),
    path("pledges/", pledges.pledge_list, name="pledge-list"),
    # Before the page itself, whose address takes any slug.
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
    path("data/", data.data, name="data"),
    path("data/record.jsonl", data.record, name="record"),
    path("data/<slug:name>.csv", data.report_csv, name="report-csv"),
    path("follow/", follow.follow, name="follow"),
    path("follow/asked/", follow.follow_asked, name="follow-asked"),
    path("follow/<slug:token>/confirm/", follow.follow_confirm, name="follow-confirm"),
    path("follow/<slug:token>/stop/", follow.follow_stop, name="follow-stop"),
    path("embed/pillars/<int:order>/", embeds.pillar_embed, name="pillar-embed"),
    re_path(
        rf"^embed/pledges/(?P<code>{CODE_PATTERN})/$", embeds.pledge_embed, name="pledge-embed"
    ),
]
