from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tracker.models import Body, Pillar, Pledge, Programme, Sector, Source, Update
from tracker.queries.summary import by_pillar, summary
from tracker.views.asof import asof_of

LATEST = 6


def home(request: HttpRequest) -> HttpResponse:
    """What this is, how many pledges stand where, each pillar's progress, the latest entries."""
    asof = asof_of(request)
    pledges = list(Pledge.objects.seen(asof))
    return render(
        request,
        "tracker/home.html",
        {
            "asof": asof,
            "programmes": Programme.objects.all(),
            "sources": Source.objects.all(),
            "summary": summary(pledges, asof),
            "pillars": by_pillar(pledges, Pillar.objects.all(), asof),
            "latest": Update.objects.seen(asof).with_details().newest_first()[:LATEST],
            "sectors": Sector.objects.with_public_pledges(),
            "bodies": Body.objects.with_public_pledges(),
        },
    )
