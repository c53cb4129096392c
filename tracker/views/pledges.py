from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from tracker.forms import PledgeFilter
from tracker.models import Passage, Pledge
from tracker.queries.timeline import steps, timeline
from tracker.views.asof import asof_form, render_asof
from tracker.views.parameters import applied, query_of

PAGE_SIZE = 25


def pledge_list(request: HttpRequest) -> HttpResponse:
    """The pledges that the reader asks for, page by page."""
    form = asof_form(request)
    asof = form.asof()
    found = PledgeFilter(request.GET, Pledge.objects.seen(asof).with_names(), asof=asof)
    is_valid = form.is_valid() and found.is_valid()
    paginator = Paginator(found.qs if is_valid else Pledge.objects.none(), PAGE_SIZE)
    try:
        page = paginator.page(request.GET.get("page") or 1)
    except InvalidPage:
        raise Http404(_("There is no such page of this list.")) from None
    for pledge in page:
        pledge.flags_then = pledge.flags(asof.day)
    return render(
        request,
        "tracker/pledge_list.html",
        {
            "asof": asof,
            "asof_form": form,
            "filter": found,
            "page": page,
            "query": query_of(request),
            "applied": applied(request, found.form, form) if is_valid else [],
        },
        status=200 if is_valid else 400,
    )


def pledge_detail(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """One pledge: its wording, where it stands and why, every entry with its evidence."""
    form = asof_form(request)
    asof = form.asof()
    pledge = get_object_or_404(Pledge.objects.seen(asof).with_names(), code=code)
    if slug and slug != pledge.slug:
        query = query_of(request)
        return redirect(pledge.get_absolute_url() + (f"?{query}" if query else ""))
    record = timeline(pledge, asof)
    return render_asof(
        request,
        "tracker/pledge_detail.html",
        form,
        {
            "pledge": pledge,
            "flags": pledge.flags(asof.day),
            "timeline": record,
            "steps": steps(pledge, asof),
            "passages": Passage.objects.filter(pledge=pledge).select_related("source"),
            "children": Pledge.objects.seen(asof).filter(parent=pledge).order_by("code"),
            "parent": Pledge.objects.seen(asof).filter(pk=pledge.parent_id).first(),
            "responsibilities": pledge.responsibilities.all(),
        },
    )
