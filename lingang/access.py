"""Each request has an id, a line in the log and, where they are asked for, a place in counts."""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from lingang import metrics
from lingang.gate import METHODS
from lingang.logs import REQUEST_ID

_log = logging.getLogger("lingang.access")
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)


def access(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware, the outermost: gives the request an id, and tells what became of it."""

    def answer(request: HttpRequest) -> HttpResponse:
        request.id = request_id(request.META.get("HTTP_X_REQUEST_ID", ""))
        REQUEST_ID.set(request.id)
        begun = time.monotonic()
        response = get_response(request)
        response["X-Request-ID"] = request.id
        if response.streaming:
            response.streaming_content = _told_at_its_end(
                response.streaming_content, request, response.status_code, begun
            )
        else:
            _tell(request, response.status_code, begun, len(response.content))
        return response

    return answer


def request_id(offered: str) -> str:
    """The proxy's own where it is well formed, else a new one."""
    return offered if _WELL_FORMED.fullmatch(offered) else secrets.token_hex(16)


def _told_at_its_end(
    parts: Iterable[bytes], request: HttpRequest, status: int, begun: float
) -> Iterator[bytes]:
    sent, is_whole = 0, False
    try:
        for part in parts:
            sent += len(part)
            yield part
        is_whole = True
    finally:
        getattr(parts, "close", lambda: None)()
        _tell(request, status, begun, sent, is_whole=is_whole)


def _tell(
    request: HttpRequest, status: int, begun: float, size: int, *, is_whole: bool = True
) -> None:
    seconds = time.monotonic() - begun
    method = request.method if request.method in METHODS else "other"
    route = _route(request)
    metrics.count(route=route, method=method, status=status, seconds=seconds)
    fields = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "bytes": size,
        "user": _person(request),
    }
    if not is_whole:
        fields["broken"] = True
    _log.info("answered", extra={"request_id": request.id, "fields": fields})
    REQUEST_ID.set("")


def _route(request: HttpRequest) -> str:
    """The name of the address: what a reader put into it is not told."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"
    return match.view_name if match.url_name else match.route or "root"


def _person(request: HttpRequest) -> int | None:
    """Who is signed in, by number, where the answer asked for it anyway."""
    session = getattr(request, "session", None)
    if session is None or not session.accessed:
        return None
    key = str(session.get(SESSION_KEY, ""))
    return int(key) if key.isdecimal() else None
