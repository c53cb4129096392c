"""Following the record: every way to, and the e-mails from the question to the end."""

import logging

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from tracker.actions import letters, subscriptions
from tracker.forms.follow import FollowForm, subject_code
from tracker.models import Body, Pillar, Pledge, Subscription
from tracker.views.allowance import allows, sender
from tracker.views.asof import asof_form, render_asof, today
from tracker.views.groups import asked_pillar
from tracker.views.processes import for_the_desk
from tracker.vocabulary import Language

logger = logging.getLogger(__name__)

HOUR, DAY = 60 * 60, 24 * 60 * 60
#: So many times may one sender ask in an hour, and so many mails may an address get in a day.
ASKS_OF_ONE_SENDER = 10
MAILS_TO_ONE_ADDRESS = 3


@for_the_desk
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """All ways to follow the record, or what the address names, and the form for e-mails.

    Whoever asks gets the same answer whether an address is known here or not.
    """
    asof = asof_form(request)
    subject = _asked_subject(request)
    pledge = subject if isinstance(subject, Pledge) else None
    if request.method != "POST":
        form = FollowForm(pledge=pledge, initial={"subject": subject_code(subject)})
        return render_asof(request, "tracker/follow.html", asof, _context(form, subject))
    form = FollowForm(request.POST, pledge=pledge)
    if not form.is_valid():
        return render(
            request,
            "tracker/follow.html",
            {"asof": asof.asof(), "asof_form": asof, **_context(form, subject)},
            status=400,
        )
    if not allows("follow", sender(request), times=ASKS_OF_ONE_SENDER, seconds=HOUR):
        form.add_error(None, _("Too many questions from where you are. Try again in an hour."))
        return render(
            request,
            "tracker/follow.html",
            {"asof": asof.asof(), "asof_form": asof, **_context(form, subject)},
            status=429,
        )
    if not form.is_from_a_program:
        _ask(form)
    return redirect("tracker:follow-asked")


@for_the_desk
@require_safe
def follow_asked(request: HttpRequest) -> HttpResponse:
    """What to do next: the same for every address."""
    return render(request, "tracker/follow_asked.html", {"days": subscriptions.DAYS_TO_CONFIRM})


@for_the_desk
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Asks for a press of the button, which confirms: programs that look into mails only look."""
    if request.method == "POST":
        subscription = subscriptions.confirm(token, on=today())
    else:
        subscription = Subscription.objects.filter(token=token).first()
    return _step(request, subscription, "confirm")


@for_the_desk
@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def follow_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Asks for a press of the button, which ends it, or all that its address follows.

    A mail program's own button (RFC 8058) comes without our page, and so without its secret: the
    token is one already. It ends all, for it stands on a mail about all.
    """
    if request.method == "POST":
        everything = "this" not in request.POST
        subscriptions.stop(token, everything=everything)
        return render(request, "tracker/follow_step.html", {"step": "stopped"})
    return _step(request, Subscription.objects.filter(token=token).first(), "stop")


def _step(request: HttpRequest, subscription: Subscription | None, step: str) -> HttpResponse:
    if subscription is None:
        return render(request, "tracker/follow_step.html", {"step": "gone"}, status=404)
    others = Subscription.objects.filter(email=subscription.email).exclude(pk=subscription.pk)
    context = {"subscription": subscription, "others": others.exists(), "step": step}
    return render(request, "tracker/follow_step.html", context)


def _asked_subject(request: HttpRequest) -> Model | None:
    """What the address names to be followed; None for everything."""
    asked = request.GET
    if "pledge" in asked:
        seen = Pledge.objects.seen(asof_form(request).asof())
        return _first(seen, code=asked["pledge"])
    if "body" in asked:
        return _first(Body.objects.with_public_pledges(), slug=asked["body"])
    if asked.get("pillar", "").isdecimal() and len(asked["pillar"]) < 4:
        return asked_pillar(request, int(asked["pillar"]))
    return None


def _first(rows, **wanted) -> Model:
    (value,) = wanted.values()
    found = None if "\x00" in value else rows.filter(**wanted).first()
    if found is None:
        raise Http404
    return found


def _context(form: FollowForm, subject: Model | None) -> dict:
    return {"form": form, "subject": subject, **_addresses(subject)}


def _addresses(subject: Model | None) -> dict[str, str]:
    """Where the subject's feed and calendar are. What has no calendar of its own has the whole."""
    calendar = reverse("tracker:milestones")
    if isinstance(subject, Pledge):
        return {
            "feed": reverse("tracker:pledge-feed", args=[subject.code]),
            "calendar": reverse("tracker:pledge-milestones", args=[subject.code]),
        }
    if isinstance(subject, Pillar):
        query = f"?programme={subject.programme.slug}"
        feed = reverse("tracker:pillar-feed", args=[subject.order]) + query
        return {"feed": feed, "calendar": calendar}
    if isinstance(subject, Body):
        return {"feed": reverse("tracker:body-feed", args=[subject.slug]), "calendar": calendar}
    return {"feed": reverse("tracker:update-feed"), "calendar": calendar}


def _ask(form: FollowForm) -> None:
    email = form.cleaned_data["email"]
    if not allows("mail", email, times=MAILS_TO_ONE_ADDRESS, seconds=DAY):
        return
    subscription = subscriptions.ask(
        email=email,
        subject=form.asked_subject(),
        language=Language.of(get_language()),
        on=today(),
    )
    try:
        letters.confirmation(subscription).send()
    except OSError:
        # The answer stays the same: it must not tell one address from another.
        logger.exception("A confirmation could not be sent")
