from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from tracker.models import Source
from tracker.queries.annotation import annotation
from tracker.views.asof import asof_of


def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A source's whole text: each pledge's passage with its status, the rest with its reason."""
    asof = asof_of(request)
    source = get_object_or_404(Source.objects.select_related("programme"), slug=slug)
    return render(
        request,
        "tracker/source_detail.html",
        {"asof": asof, "source": source, "annotation": annotation(source, asof)},
    )
