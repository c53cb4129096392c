from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from tracker.forms.sources import SourceForm
from tracker.models import Source
from tracker.queries.annotation import annotation
from tracker.views.asof import asof_form, render_asof
from tracker.views.parameters import asking


def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A source's whole text: each pledge's passage with its status, the rest with its reason."""
    form = asof_form(request)
    source = get_object_or_404(Source.objects.select_related("programme"), slug=slug)
    annotated = annotation(source, form.asof())
    show = SourceForm(request.GET).shown()
    choices = [(code, label, _showing(request, code or None)) for code, label in SourceForm.SHOWN]
    context = {
        "source": source,
        "annotation": annotated,
        "paragraphs": annotated.only(show) if show else annotated.paragraphs,
        "show": show,
        "choices": choices,
        # Links into the text lead to the whole of it where a part is shown.
        "whole": _showing(request, None) if show else "",
    }
    return render_asof(request, "tracker/source_detail.html", form, context)


def _showing(request: HttpRequest, show: str | None) -> str:
    query = asking(request, show=show)
    return f"{request.path}?{query}" if query else request.path
