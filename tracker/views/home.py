from django.http import HttpRequest, HttpResponse

from tracker.models import (
    Body,
    Indicator,
    Pillar,
    Pledge,
    Programme,
    Sector,
    Source,
    Update,
)
from tracker.queries.chain import head_known_on
from tracker.queries.summary import by_pillar, freshness, late, summary
from tracker.views.asof import asof_form, render_asof

LATEST = 6
LATE = 5


def home(request: HttpRequest) -> HttpResponse:
    """How many pledges stand where, what changed, what is late, how fresh it is, ways in."""
    form = asof_form(request)
    asof = form.asof()
    pledges = list(Pledge.objects.seen(asof))
    pillars = Pillar.objects.with_public_pledges().select_related("programme")
    return render_asof(
        request,
        "tracker/home.html",
        form,
        {
            "programmes": Programme.objects.with_public_pledges(),
            "sources": Source.objects.all(),
            "summary": summary(pledges, asof),
            "pillars": by_pillar(pledges, pillars, asof),
            "latest": Update.objects.seen(asof).in_brief(asof)[:LATEST],
            "late": late(pledges)[:LATE],
            "freshness": freshness(pledges, asof),
            "head": head_known_on(asof.known_on),
            "indicators": Indicator.objects.seen(asof).filter(pledge=None),
            "sectors": Sector.objects.with_public_pledges(),
            "bodies": Body.objects.with_public_pledges(),
        },
    )
