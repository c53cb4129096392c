from django.core.paginator import InvalidPage, Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from tracker.models import Evidence, Update
from tracker.queries.entries import Newest
from tracker.queries.facets import facets_on
from tracker.views.asof import asof_form, render_asof
from tracker.views.parameters import query_of
from tracker.views.processes import for_the_desk

PAGE_SIZE = 20


def update_list(request: HttpRequest) -> HttpResponse:
    """Every entry of the record, the last published first."""
    form = asof_form(request)
    asof = form.asof()
    day = facets_on(asof)
    paginator = Paginator(Newest(day, asof, day.seen), PAGE_SIZE)
    try:
        page = paginator.page(request.GET.get("page") or 1)
    except InvalidPage:
        raise Http404(_("There is no such page of this list.")) from None
    entries = Update.objects.with_corrections(asof.known_on).with_pledges().with_details()
    page.object_list = entries.filter(pk__in=page.object_list).newest_first()
    context = {"page": page, "query": query_of(request)}
    return render_asof(request, "tracker/update_list.html", form, context)


@for_the_desk
def evidence_file(request: HttpRequest, uid) -> FileResponse:
    """Our copy of a piece of published evidence, as a file to save: nothing of it runs here."""
    evidence = get_object_or_404(Evidence.objects.published().exclude(file=""), uid=uid)
    extension = evidence.file.name.rpartition(".")[2]
    response = FileResponse(
        evidence.file.open("rb"), as_attachment=True, filename=f"evidence-{uid}.{extension}"
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
