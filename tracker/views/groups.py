"""Pages of what pledges are grouped by: a pillar, a body, a sector."""

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from tracker.forms.pledges import Listed
from tracker.models import Body, Pillar, Sector, Update
from tracker.queries.entries import Newest
from tracker.queries.facets import facets_on
from tracker.views.asof import asof_form, render_asof
from tracker.views.parameters import query_of
from tracker.views.pledge_cards import cards, read

LATEST = 3
#: Of a group as small as those of most programmes, all pledges stand on one page.
PAGE_SIZE = 50


def asked_pillar(request: HttpRequest, order: int) -> Pillar:
    """A pillar by its number, of the programme that the address names, else of the first."""
    pillars = Pillar.objects.filter(order=order).select_related("programme")
    programme = request.GET.get("programme", "")
    # Compared here and not by the database, which an address could hand what no slug may hold.
    pillar = next(
        (p for p in pillars.order_by("programme") if programme in ("", p.programme.slug)), None
    )
    if pillar is None:
        raise Http404
    return pillar


def pillar_detail(request: HttpRequest, order: int) -> HttpResponse:
    """A pillar with its pledges."""
    pillar = asked_pillar(request, order)
    return _group(request, "tracker/pillar_detail.html", "pillar", pillar)


def body_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A body with the pledges that it leads or supports."""
    body = get_object_or_404(Body, slug=slug)
    return _group(request, "tracker/body_detail.html", "body", body)


def sector_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A sector with its pledges."""
    sector = get_object_or_404(Sector, slug=slug)
    return _group(request, "tracker/sector_detail.html", "sector", sector)


def _group(request: HttpRequest, template: str, name: str, group) -> HttpResponse:
    form = asof_form(request)
    asof = form.asof()
    day = facets_on(asof)
    members = day.of(name, group.pk)
    paginator = Paginator(Listed(day, members, "code"), PAGE_SIZE)
    try:
        page = paginator.page(request.GET.get("page") or 1)
    except InvalidPage:
        raise Http404(_("There is no such page of this list.")) from None
    newest = Newest(day, asof, members)
    entries = Update.objects.filter(pk__in=newest.first(LATEST))
    context = {
        name: group,
        "page": page,
        "query": query_of(request),
        "cards": cards(page.object_list, day, asof, body=group if name == "body" else None),
        # Where they fill several pages, the download has the figures of all.
        "figures": [] if page.has_other_pages() else read(page.object_list, asof),
        "summary": day.summary(members),
        "latest": entries.in_brief(asof),
    }
    return render_asof(request, template, form, context)
