"""Pages of what pledges are grouped by: a pillar, a body, a sector."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from tracker.models import Body, Pillar, Pledge, Sector, Update
from tracker.queries.summary import summary
from tracker.views.asof import asof_form, render_asof

LATEST = 3


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
    return _group(
        request,
        "tracker/pillar_detail.html",
        "pillar",
        pillar,
        Pledge.objects.filter(pillar=pillar),
    )


def body_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A body with the pledges that it leads or supports."""
    body = get_object_or_404(Body, slug=slug)
    return _group(
        request,
        "tracker/body_detail.html",
        "body",
        body,
        Pledge.objects.filter(responsibilities__body=body),
    )


def sector_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A sector with its pledges."""
    sector = get_object_or_404(Sector, slug=slug)
    return _group(
        request,
        "tracker/sector_detail.html",
        "sector",
        sector,
        Pledge.objects.filter(sectors=sector),
    )


def _group(request: HttpRequest, template: str, name: str, group, members) -> HttpResponse:
    form = asof_form(request)
    asof = form.asof()
    pledges = list(members.seen(asof).with_names().order_by("code"))
    entries = Update.objects.seen(asof).filter(pledge__in=[pledge.pk for pledge in pledges])
    context = {
        name: group,
        "pledges": pledges,
        "summary": summary(pledges, asof),
        "latest": entries.in_brief(asof)[:LATEST],
    }
    return render_asof(request, template, form, context)
