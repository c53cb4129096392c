"""A person's own way in: the factors, the recovery codes, the browsers that are signed in."""

import json
from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC, datetime

import segno
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key

from tracker.actions import factors, passkeys, sessions
from tracker.admin import proof
from tracker.admin.second_step import CHALLENGE, host_of
from tracker.models import Session
from tracker.models.session import ADDRESS, BEGAN, SEEN

#: Where the session keeps the secret of an app that is being set up.
KEY = "app_key"


class NameForm(forms.Form):
    """What somebody calls a factor, to tell it from another."""

    name = forms.CharField(
        label=gettext_lazy("Its name, to know it by"), max_length=60, required=False
    )


@dataclass(frozen=True)
class Browser:
    """One session of this person, as the page shows it."""

    handle: str
    address: str
    began: datetime | None
    seen: datetime | None
    is_this: bool


# --- the page -------------------------------------------------------------------------------


def my_sign_in(desk, request: HttpRequest) -> HttpResponse:
    """Shows how this person signs in, and where they are signed in now."""
    person = request.user
    context = {
        **desk.each_context(request),
        "title": _("My sign-in"),
        "apps": person.totpdevice_set.filter(confirmed=True).order_by("pk"),
        "passkeys": person.passkeys.all(),
        "codes": person.recovery_codes.count(),
        "browsers": _browsers(request),
        "may_add_passkey": passkeys.is_possible(host_of(request)),
    }
    return TemplateResponse(request, "admin/sign_in/mine.html", context)


def _browsers(request: HttpRequest) -> list[Browser]:
    own = request.session.session_key
    found = []
    for session in Session.objects.of(request.user):
        data = session.get_decoded()
        # What is signed with another key, or is over, lets nobody in.
        if data and session.expire_date > proof.doer(request).at:
            found.append(
                Browser(
                    session.handle,
                    str(data.get(ADDRESS, "")),
                    _moment(data.get(BEGAN)),
                    _moment(data.get(SEEN)),
                    session.session_key == own,
                )
            )
    return sorted(found, key=lambda one: (not one.is_this, -(one.seen or one.began).timestamp()))


def _moment(seconds: int | None) -> datetime:
    return datetime.fromtimestamp(seconds or 0, UTC)


# --- sessions -------------------------------------------------------------------------------


def end_session(desk, request: HttpRequest, handle: str) -> HttpResponse:
    """Ends one session of this person."""
    if not sessions.end(request.user, doer=proof.doer(request), handle=handle):
        raise Http404
    request.is_audited = True
    messages.success(request, _("That browser is signed out."))
    return redirect("admin:my-sign-in")


def end_others(desk, request: HttpRequest) -> HttpResponse:
    """Ends every session of this person but this one."""
    own = request.session.session_key
    sessions.end(request.user, doer=proof.doer(request), but=own)
    request.is_audited = True
    messages.success(request, _("Every other browser is signed out."))
    return redirect("admin:my-sign-in")


# --- factors --------------------------------------------------------------------------------


def set_up(desk, request: HttpRequest) -> HttpResponse:
    """Where who must have a second factor and has none chooses one."""
    context = {
        **desk.each_context(request),
        "title": _("A second factor"),
        "next": proof.back_from(request),
        "may_add_passkey": passkeys.is_possible(host_of(request)),
    }
    return TemplateResponse(request, "admin/sign_in/set_up.html", context)


def add_app(desk, request: HttpRequest) -> HttpResponse:
    """Shows a new secret to an app, and keeps it once the app gives the right code."""
    key = request.session.get(KEY)
    if not key:
        key = request.session[KEY] = default_key()
    form = NameForm(request.POST or None)
    is_refused = False
    if request.method == "POST" and form.is_valid():
        device = factors.add_app(
            request.user,
            key=key,
            code=request.POST.get("code", "").replace(" ", "")[:10],
            name=form.cleaned_data["name"] or _("App"),
            doer=proof.doer(request),
        )
        if device:
            del request.session[KEY]
            return _added(desk, request)
        is_refused = True
    address = TOTPDevice(user=request.user, key=key).config_url
    secret = b32encode(bytes.fromhex(key)).decode()
    context = {
        **desk.each_context(request),
        "title": _("An app that shows codes"),
        "form": form,
        "next": proof.back_from(request),
        "picture": _picture(address),
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "is_refused": is_refused,
    }
    return TemplateResponse(request, "admin/sign_in/add_app.html", context)


def _picture(text: str) -> dict[str, str | int]:
    """A QR code of `text`: how many squares wide it is, and the path of its dark ones."""
    rows = list(segno.make(text, error="m").matrix_iter(border=4))
    dark = (
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, is_dark in enumerate(row)
        if is_dark
    )
    return {"width": len(rows), "path": "".join(dark)}


def add_passkey(desk, request: HttpRequest) -> HttpResponse:
    """Has the browser make a passkey, and keeps its public half."""
    host = host_of(request)
    if not passkeys.is_possible(host):
        raise Http404
    form = NameForm(request.POST or None)
    is_refused = False
    if request.method == "POST" and form.is_valid():
        row = passkeys.add(
            request.user,
            host=host,
            state=request.session.pop(CHALLENGE, None),
            sent=request.POST.get("passkey", ""),
            name=form.cleaned_data["name"] or _("Passkey"),
            doer=proof.doer(request),
        )
        if row:
            return _added(desk, request)
        is_refused = True
    question = passkeys.offer(request.user, host=host)
    request.session[CHALLENGE] = question.state
    context = {
        **desk.each_context(request),
        "title": _("A passkey"),
        "form": form,
        "next": proof.back_from(request),
        "passkey": json.dumps(question.for_browser),
        "is_refused": is_refused,
    }
    return TemplateResponse(request, "admin/sign_in/add_passkey.html", context)


def _added(desk, request: HttpRequest) -> HttpResponse:
    """What follows a new factor: with the first one come recovery codes."""
    request.is_audited = True
    proof.passed(request)
    # Who signed in elsewhere by the password alone does so anew, with the factor.
    person, hand = request.user, proof.doer(request)
    sessions.end(person, doer=hand, but=request.session.session_key)
    if not person.recovery_codes.exists():
        return _codes(desk, request, factors.make_codes(person, doer=hand))
    messages.success(request, _("It is asked for from the next time you sign in."))
    return redirect("admin:my-sign-in")


def _codes(desk, request: HttpRequest, codes) -> HttpResponse:
    context = {
        **desk.each_context(request),
        "title": _("Recovery codes"),
        "codes": codes,
        "next": proof.back_from(request),
    }
    return TemplateResponse(request, "admin/sign_in/codes.html", context)


def new_codes(desk, request: HttpRequest) -> HttpResponse:
    """Makes recovery codes anew, and shows them this once."""
    if not request.user.has_second_factor:
        raise Http404
    request.is_audited = True
    return _codes(desk, request, factors.make_codes(request.user, doer=proof.doer(request)))


def remove_factor(desk, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Takes one of this person's factors away."""
    own = {"app": request.user.totpdevice_set, "passkey": request.user.passkeys}
    if kind not in own:
        raise Http404
    factors.take_away(
        request.user, get_object_or_404(own[kind].all(), pk=pk), doer=proof.doer(request)
    )
    request.is_audited = True
    messages.success(request, _("It is taken away."))
    return redirect("admin:my-sign-in")
