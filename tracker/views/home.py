from django.http import HttpRequest, HttpResponse

from tracker.models import Indicator, Source, Update
from tracker.queries.chain import head_known_on
from tracker.queries.entries import Newest
from tracker.queries.facets import facets, facets_on
from tracker.views.asof import asof_form, render_asof
from tracker.views.pledge_cards import read
from tracker.vocabulary import Flag

LATEST = 6
LATE = 5


def home(request: HttpRequest) -> HttpResponse:
    """How many pledges stand where, what changed, what is late, how fresh it is, ways in."""
    form = asof_form(request)
    asof = form.asof()
    day = facets_on(asof)
    newest = Newest(day, asof, day.seen)
    latest = list(Update.objects.filter(pk__in=newest.first(LATEST)).in_brief(asof))
    groups = (day.facets if asof.is_now else facets()).groups
    return render_asof(
        request,
        "tracker/home.html",
        form,
        {
            "programmes": groups("programme"),
            "sources": Source.objects.all(),
            "summary": day.summary(day.seen),
            "pillars": [
                (pillar, day.summary(day.of("pillar", pillar.pk))) for pillar in groups("pillar")
            ],
            "latest": latest,
            "late": read(day.page(day.flags[Flag.LATE], "due", 0, LATE), asof),
            "freshness": day.freshness(latest[0].published_on if latest else None),
            "head": head_known_on(asof.known_on),
            "indicators": Indicator.objects.seen(asof).filter(pledge=None),
            "sectors": groups("sector"),
            "bodies": groups("body"),
        },
    )
