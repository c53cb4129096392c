"""The second step of signing in, and the same proof asked for again later."""

import json

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from tracker.actions import factors, passkeys
from tracker.admin import proof
from tracker.vocabulary import AuditKind

#: What a form may bring as a proof: the name of its field.
WAYS = ("code", "passkey", "recovery", "password")
CHALLENGE = "passkey_challenge"


def second_step(desk, request: HttpRequest) -> HttpResponse:
    """Asks for the second factor; whoever gives it is signed in."""
    if proof.awaited(request) != proof.SECOND_STEP:
        return redirect(proof.back_from(request))
    if request.method == "POST":
        way = _way(request, allowed=WAYS[:3])
        if _is_right(request, way):
            proof.passed(request)
            proof.note(request, AuditKind.VERIFIED, about=request.user, detail=way)
            return redirect(proof.back_from(request))
        _refuse(request, AuditKind.REFUSED_SECOND, way)
    return _page(desk, request, _("Second step"), may_use_password=False)


def prove(desk, request: HttpRequest) -> HttpResponse:
    """Asks once more who it is: by the second factor, or by the password."""
    if request.method == "POST":
        way = _way(request, allowed=WAYS)
        if _is_right(request, way):
            proof.proved(request)
            proof.note(request, AuditKind.PROVED, about=request.user, detail=way)
            return redirect(proof.back_from(request))
        _refuse(request, AuditKind.REFUSED_PROOF, way)
    return _page(desk, request, _("Is it you?"), may_use_password=True)


def _way(request: HttpRequest, allowed) -> str:
    return next((name for name in allowed if request.POST.get(name)), "")


def _is_right(request: HttpRequest, way: str) -> bool:
    """Whether what was sent proves who it is; no more than a few times is it looked at."""
    if way == "password":
        # It is counted, and made to wait, with the tries of signing in.
        name = request.user.get_username()
        return authenticate(request, username=name, password=request.POST["password"]) is not None
    if not AxesProxyHandler.is_allowed(request, _counted(request)):
        request.axes_locked_out = True
        return False
    sent, person = request.POST.get(way, ""), request.user
    if way == "code":
        is_right = factors.check_code(person, sent.replace(" ", ""))
    elif way == "recovery":
        is_right = factors.spend_recovery_code(person, sent)
    elif way == "passkey":
        state = request.session.pop(CHALLENGE, None)
        is_right = passkeys.check(person, host=host_of(request), state=state, sent=sent)
    else:
        return False
    if is_right:
        AxesProxyHandler.reset_attempts(username=_counted(request)["username"])
    return is_right


def _counted(request: HttpRequest) -> dict[str, str]:
    """Under what name tries at the second step are counted: a right password forgets none."""
    return {"username": f"second step of {request.user.pk}"}


def _refuse(request: HttpRequest, kind: AuditKind, way: str) -> None:
    was_locked = getattr(request, "axes_locked_out", False)
    if not was_locked and way != "password":
        AxesProxyHandler.user_login_failed(__name__, _counted(request), request)
    if not was_locked or way == "password":
        proof.note(request, kind, about=request.user, detail=way)
    if getattr(request, "axes_locked_out", False) and not was_locked:
        proof.note(request, AuditKind.LOCKED_OUT, about=request.user, detail="second step")
    request.is_refused = True


def _page(desk, request: HttpRequest, title: str, *, may_use_password: bool) -> HttpResponse:
    person = request.user
    options = passkeys.ask(person, host=host_of(request))
    if options:
        request.session[CHALLENGE] = options.state
    context = {
        **desk.each_context(request),
        "title": title,
        "is_refused": getattr(request, "is_refused", False),
        "next": proof.back_from(request),
        "passkey": json.dumps(options.for_browser) if options else "",
        "has_app": person.totpdevice_set.filter(confirmed=True).exists(),
        "has_codes": person.recovery_codes.exists(),
        "may_use_password": may_use_password,
    }
    return TemplateResponse(request, "admin/sign_in/second_step.html", context)


def host_of(request: HttpRequest) -> str:
    """The host name that a passkey is bound to."""
    return split_domain_port(request.get_host())[0]
