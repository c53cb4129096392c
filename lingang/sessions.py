"""Sessions end: after hours whatever happens, and sooner where nothing does."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from tracker.models.session import ADDRESS, BEGAN, SEEN
from tracker.views.allowance import sender

#: The moment of the last request is kept no more exactly than this, in seconds: each is a write.
GRAIN = 60


def ending(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: signs out who came back too late, and has the browser forget who signs out."""

    def answer(request: HttpRequest) -> HttpResponse:
        # Nobody's session is looked for where no cookie says that there is one.
        had_one = settings.SESSION_COOKIE_NAME in request.COOKIES
        if had_one and request.user.is_authenticated:
            _look_at(request)
        response = get_response(request)
        if had_one and request.session.is_empty():
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return answer


def _look_at(request: HttpRequest) -> None:
    now, session = int(time.time()), request.session
    session.setdefault(ADDRESS, sender(request))
    began, seen = session.setdefault(BEGAN, now), session.setdefault(SEEN, now)
    if now - began > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_SECONDS:
        logout(request)
    elif now - seen > GRAIN:
        session[SEEN] = now
