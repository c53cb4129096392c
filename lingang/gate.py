"""The outermost gate: what is no request that the site could answer is turned away here.

Behind it every part of a request can be read without an exception of the parser.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from tracker.views.errors import is_away, unavailable

logger = logging.getLogger(__name__)

API = "/api/"
METHODS = ("GET", "HEAD", "OPTIONS", "POST")
_UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError)


def gate(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: 405 for a method that nothing here knows, 400 for what cannot be read."""

    def answer(request: HttpRequest) -> HttpResponse:
        # The API refuses methods itself, in the shape of its own errors.
        if request.method not in METHODS and not request.path_info.startswith(API):
            return HttpResponseNotAllowed(METHODS)
        try:
            _length(request)
            # Both are parsed when they are first asked for, wherever that is.
            _read = request.GET, request.POST
        except _UNREADABLE as error:
            return HttpResponse(f"{error}\n", status=400, content_type="text/plain; charset=utf-8")
        return get_response(request)

    return answer


def _length(request: HttpRequest) -> None:
    """Refuses a length that is none: Django asks for it as a number, and not every server does.

    Nor is one that no machine could count up to.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit() and len(length) < 19):
        raise BadRequest("The Content-Length is no number, or none of a request.")


class Unavailable:
    """Middleware: while the database does not answer, neither do we, and say so: 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What a view raised; of what a middleware raised, `server_error` thinks the same."""
        if not is_away(error):
            return None
        logger.error("The database does not answer, or takes no writes: %s", error)
        return unavailable(request)


def own_origin_only(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: what is not made for other sites is not handed to them by a browser.

    What is made for them says so: open data by its CORS header, embeds by letting itself be framed.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_open = "Access-Control-Allow-Origin" in response or getattr(
            response, "xframe_options_exempt", False
        )
        response.setdefault(
            "Cross-Origin-Resource-Policy", "cross-origin" if is_open else "same-origin"
        )
        return response

    return answer


def gated(application: Callable) -> Callable:
    """A WSGI application that answers 400 where Django cannot even make a request of what came."""

    def answer(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except _UNREADABLE as error:
            body = f"{error}\n".encode()
            headers = [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("X-Content-Type-Options", "nosniff"),
            ]
            start_response("400 Bad Request", headers)
            return [body]

    return answer
