from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from tracker.models import Source
from tracker.queries.annotation import annotation
from tracker.views.asof import asof_form, render_asof


def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A source's whole text: each pledge's passage with its status, the rest with its reason."""
    form = asof_form(request)
    source = get_object_or_404(Source.objects.select_related("programme"), slug=slug)
    context = {"source": source, "annotation": annotation(source, form.asof())}
    return render_asof(request, "tracker/source_detail.html", form, context)
