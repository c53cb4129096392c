"""The addresses that readers have. A process of readers' own (`PUBLIC_ONLY`) has no others."""

from django.conf.urls.i18n import i18n_patterns
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView

from lingang.metrics import metrics
from tracker.views import health, sitemaps


def elsewhere(_request: HttpRequest) -> HttpResponse:
    """Pages link to the desk, which another process serves."""
    raise Http404


readers = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics, name="metrics"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.sitemap_index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap, name="sitemap-section"),
    path("api/v1/", include("tracker.api.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    # The reader's language comes from the address, the cookie or the browser, in this order.
    path("", RedirectView.as_view(pattern_name="tracker:home")),
    *i18n_patterns(path("", include("tracker.urls"))),
]
urlpatterns = [
    path("admin/", include(([path("", elsewhere, name="index")], "admin"))),
    *readers,
]

handler404 = "tracker.views.errors.not_found"
handler500 = "tracker.views.errors.server_error"
