from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from lingang.metrics import metrics
from tracker.views import health, sitemaps

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics, name="metrics"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap, name="sitemap-section"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("tracker.api.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    # The reader's language comes from the address, the cookie or the browser, in this order.
    path("", RedirectView.as_view(pattern_name="tracker:home")),
    *i18n_patterns(path("", include("tracker.urls"))),
]

handler404 = "tracker.views.errors.not_found"
handler500 = "tracker.views.errors.server_error"
