from django.http import HttpRequest, HttpResponse

from tracker.models import Body, Pillar, Pledge, Programme, Sector, Source, Update
from tracker.queries.summary import by_pillar, summary
from tracker.views.asof import asof_form, render_asof

LATEST = 6


def home(request: HttpRequest) -> HttpResponse:
    """What this is, how many pledges stand where, each pillar's progress, the latest entries."""
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
            "latest": Update.objects.seen(asof).with_details().newest_first()[:LATEST],
            "sectors": Sector.objects.with_public_pledges(),
            "bodies": Body.objects.with_public_pledges(),
        },
    )
