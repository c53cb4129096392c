"""Sessions: how they are kept, and that they end, after hours whatever happens, else sooner."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from tracker.models.session import ADDRESS, BEGAN, SEEN, Session
from tracker.views.allowance import sender
from tracker.views.errors import is_away

#: The moment of the last request is kept no more exactly than this, in seconds: each is a write.
GRAIN = 60


class SessionStore(DatabaseStore):
    """Django's sessions in the database, told apart by account. Named by SESSION_ENGINE."""

    cache_key_prefix = "tracker.session"

    @classmethod
    def get_model_class(cls):
        return Session

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        number = str(data.get(SESSION_KEY, ""))
        row.person = int(number) if number.isdecimal() else None
        return row


class Sessions(SessionMiddleware):
    """Django's, but that a page is shown where its session cannot be kept just now: whoever reads
    while the database takes no writes was not signed out by anybody, as Django would say."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except (DatabaseError, SessionInterrupted) as error:
            reason: BaseException | None = error
            while reason and not is_away(reason):
                reason = reason.__context__
            if not reason:
                raise
            return response


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
