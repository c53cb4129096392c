"""The pages for what went wrong. The one for a fault of ours asks nothing of anything."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.csrf import csrf_failure

from tracker.views.asof import asof_form

#: What PostgreSQL calls a write where none is taken.
READ_ONLY = "25006"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    # What is not there on the day asked for may be there on another.
    form = asof_form(request)
    context = {"asof_form": form, "asof": form.asof()}
    return render(request, "tracker/not_found.html", context, status=404)


def is_away(error: BaseException | None) -> bool:
    """Whether it says that the database is not there, or takes no writes: a full disk, a disk that
    is read-only, a server that is a replica."""
    cause = getattr(error, "__cause__", None)
    return (
        isinstance(error, OperationalError | InterfaceError)
        or getattr(cause, "sqlstate", None) == READ_ONLY
    )


def server_error(request: HttpRequest) -> HttpResponse:
    # Django calls this while it handles what was raised. What a middleware raised comes by no
    # other way: who is signed in, for one, is asked of the database before any view.
    if is_away(sys.exception()):
        return unavailable(request)
    # Without the request: no context processor, session or database is in the way of this page.
    context = {"request_id": getattr(request, "id", "")}
    return render(None, "tracker/server_error.html", context, status=500)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that no page of ours sent: Django's own page, and a mark for the audit log."""
    request.is_forged = True
    return csrf_failure(request, reason)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database does not answer: nothing is lost, and nothing can be read or saved just now."""
    return _later("tracker/unavailable.html", status=503, seconds=30)


def too_many_tries(request: HttpRequest, *_asked: object, **_more: object) -> HttpResponse:
    """Whoever gave too many wrong passwords waits; whether there is such a person is not told."""
    return _later("tracker/too_many_tries.html", status=429, seconds=900)


def _later(template: str, *, status: int, seconds: int) -> HttpResponse:
    """A page that says to come back after so many seconds, and that nobody keeps."""
    response = render(None, template, status=status)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response
