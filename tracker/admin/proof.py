"""What a session has proved of whom it belongs to, and what it may reach with that.

The password alone opens a session that reaches the second step and nothing else, as long as its
owner has a second factor or `REQUIRE_2FA` asks for one. What guards the account itself (factors,
rights, other people's passwords) asks for a proof that is not old.
"""

import time
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from tracker.actions import audit
from tracker.actions.audit import Doer
from tracker.admin.steps import is_of_this_site
from tracker.models.session import BEGAN
from tracker.vocabulary import AuditKind

#: The moments, in the session, at which the second step was passed and at which last anything
#: was proved.
VERIFIED, PROVED = "verified_at", "proved_at"

#: Where a session that has proved too little has to go, by name.
SECOND_STEP, SET_UP, PROVE = "admin:second-step", "admin:set-up", "admin:prove"


def doer(request: HttpRequest) -> Doer:
    """Whoever sent this request, for the audit log."""
    person = request.user if request.user.is_authenticated else None
    return Doer(person, timezone.now(), get_client_ip_address(request) or "")


def note(request: HttpRequest, kind: AuditKind, **what) -> None:
    """Adds what this request does to the audit log."""
    audit.write(doer(request), kind, **what)
    request.is_audited = True


def is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff


def awaited(request: HttpRequest) -> str | None:
    """The step of signing in that is still to be taken; None where none is."""
    if not is_staff(request) or VERIFIED in request.session:
        return None
    if not hasattr(request, "_has_second_factor"):
        # A page asks this several times over.
        request._has_second_factor = request.user.has_second_factor
    if request._has_second_factor:
        return SECOND_STEP
    return SET_UP if settings.REQUIRE_2FA else None


def passed(request: HttpRequest) -> None:
    """Marks the second step as passed; the session gets another key."""
    request.session.cycle_key()
    request.session[VERIFIED] = int(time.time())
    proved(request)


def proved(request: HttpRequest) -> None:
    """Marks that who it is was proved just now."""
    request.session[PROVED] = int(time.time())


def is_recent(request: HttpRequest) -> bool:
    """Whether the last proof is young enough; signing in was one."""
    at = request.session.get(PROVED) or request.session.get(BEGAN) or 0
    return time.time() - at <= settings.PROOF_SECONDS


def to(step: str, request: HttpRequest, back: str = "") -> HttpResponse:
    """Sends to a step of signing in, and from there back."""
    back = back or (request.get_full_path() if request.method == "GET" else request.path)
    return redirect(f"{reverse(step)}?{urlencode({'next': back})}")


def needs_recent_proof(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of a request that first asks again who it is, where that was not proved lately."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        return view(request, *args, **kwargs) if is_recent(request) else to(PROVE, request)

    return answer


def back_from(request: HttpRequest) -> str:
    """Where a step leads: to the page that asked for it, if that is one of ours."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if is_of_this_site(asked) else reverse("admin:index")
