"""What caches are told of an answer: the one place that says which are the same for everybody."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header

#: Kept by whoever likes, but asked about each time: a publication shows at once. Where we do not
#: answer, the last copy is better than none.
PUBLIC = "public, max-age=0, stale-if-error=86400"
PRIVATE = "private, no-store"


def caching(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: gives each answer that does not say it yet its `Cache-Control`."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = PUBLIC if _is_public(request, response) else PRIVATE
        return response

    return answer


def _is_public(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether it is the same for everybody: it rests on nobody's cookie, and sets none."""
    return (
        request.method in ("GET", "HEAD")
        and response.status_code in (200, 301, 302, 304, 404)
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and not response.cookies
        and not has_vary_header(response, "Cookie")
    )
