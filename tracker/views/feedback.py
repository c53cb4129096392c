"""A reader's way to say that something is wrong, or to send evidence. What they send is never
public, and nothing of them is kept but what they write."""

import hmac
from datetime import date
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tracker.actions.feedback import KEEPS_ADDRESS_DAYS, receive
from tracker.forms.feedback import FeedbackForm
from tracker.models import Pledge
from tracker.views.asof import asof_form, render_asof, today

#: How many messages one address may send in an hour.
MOST_AN_HOUR = 5
HOUR = 60 * 60


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
    if not _may_send(request, today()):
        return render(request, template, context | {"is_too_many": True}, status=429)
    sent = {name: form.cleaned_data[name] for name in ("kind", "text", "url", "email")}
    receive(pledge, on=today(), **sent)
    return redirect("tracker:feedback-thanks", code=code)


def feedback_thanks(request: HttpRequest, code: str) -> HttpResponse:
    """What happens with the message now."""
    day = asof_form(request)
    pledge = get_object_or_404(Pledge.objects.seen(day.asof()), code=code)
    return render_asof(request, "tracker/feedback_thanks.html", day, {"pledge": pledge})


def _may_send(request: HttpRequest, on: date) -> bool:
    """Whether this address has not sent too much in the last hour.

    The address itself is not kept: only a digest of it with a key of the day, for an hour.
    """
    key = hmac.new(
        f"{settings.SECRET_KEY}{on.isoformat()}".encode(), _address(request).encode(), sha256
    )
    name = f"feedback-{key.hexdigest()}"
    if cache.add(name, 1, HOUR):
        return True
    try:
        return cache.incr(name) <= MOST_AN_HOUR
    except ValueError:  # It ran out between the two questions.
        return cache.add(name, 1, HOUR)


def _address(request: HttpRequest) -> str:
    """Where the request comes from; behind a proxy that we trust, what that proxy says."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.SECURE_PROXY_SSL_HEADER and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")
