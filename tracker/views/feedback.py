"""A reader's way to say that something is wrong, or to send evidence. What they send is never
public, and nothing of them is kept but what they write."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tracker.actions.feedback import KEEPS_ADDRESS_DAYS, receive
from tracker.forms.feedback import FeedbackForm
from tracker.models import Pledge
from tracker.views.allowance import allows, sender
from tracker.views.asof import asof_form, render_asof, today
from tracker.views.processes import for_the_desk

#: How many messages one address may send in an hour.
MOST_AN_HOUR = 5
HOUR = 60 * 60


@for_the_desk
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, code: str) -> HttpResponse:
    """The form to report a problem on a pledge's page, or to send evidence."""
    day = asof_form(request)
    pledge = get_object_or_404(Pledge.objects.seen(day.asof()), code=code)
    form = FeedbackForm(request.POST or None, pledge=pledge, at=timezone.now())
    context = {"pledge": pledge, "form": form, "days": KEEPS_ADDRESS_DAYS}
    template = "tracker/feedback.html"
    if request.method != "POST":
        return render_asof(request, template, day, context)
    context |= {"asof": day.asof(), "asof_form": day}
    if not form.is_valid():
        return render(request, template, context, status=400)
    if not allows("feedback", sender(request), times=MOST_AN_HOUR, seconds=HOUR):
        return render(request, template, context | {"is_too_many": True}, status=429)
    sent = {name: form.cleaned_data[name] for name in ("kind", "text", "url", "email")}
    receive(pledge, on=today(), **sent)
    return redirect("tracker:feedback-thanks", code=code)


@for_the_desk
def feedback_thanks(request: HttpRequest, code: str) -> HttpResponse:
    """What happens with the message now."""
    day = asof_form(request)
    pledge = get_object_or_404(Pledge.objects.seen(day.asof()), code=code)
    return render_asof(request, "tracker/feedback_thanks.html", day, {"pledge": pledge})
