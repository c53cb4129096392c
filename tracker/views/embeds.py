"""Cards for other sites: without cookie or script, and any site may show them in a frame."""

from collections.abc import Callable
from functools import wraps

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import conditional_page, require_safe

from tracker.models import Pledge
from tracker.queries.facets import facets_on
from tracker.queries.timeline import timeline
from tracker.views.asof import asof_form, render_asof
from tracker.views.groups import asked_pillar


def embeddable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose answer may stand in a frame on any site. Every other answer may in none."""

    @wraps(view)
    @require_safe
    @csp_replace({"frame-ancestors": ["*"], "form-action": ["'none'"]})
    @xframe_options_exempt
    @cache_control(public=True, max_age=300)
    @conditional_page
    def framed(*args, **kwargs):
        return view(*args, **kwargs)

    return framed


@embeddable
def pledge_embed(request: HttpRequest, code: str) -> HttpResponse:
    """Where one pledge stands."""
    form = asof_form(request)
    asof = form.asof()
    pledge = get_object_or_404(Pledge.objects.seen(asof), code=code)
    context = {"pledge": pledge, "since": timeline(pledge, asof).since}
    return render_asof(request, "tracker/pledge_embed.html", form, context)


@embeddable
def pillar_embed(request: HttpRequest, order: int) -> HttpResponse:
    """Where a pillar's pledges stand."""
    pillar = asked_pillar(request, order)
    form = asof_form(request)
    asof = form.asof()
    day = facets_on(asof)
    context = {"pillar": pillar, "summary": day.summary(day.of("pillar", pillar.pk))}
    return render_asof(request, "tracker/pillar_embed.html", form, context)
