"""What only a process may answer that can write, or that reaches the uploaded files."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse


def for_the_desk(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that is not found in a process of readers' own: the proxy asks the desk's for it.

    `deploy/nginx/tracker.conf` has these addresses; a test compares.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if settings.PUBLIC_ONLY:
            raise Http404
        return view(request, *args, **kwargs)

    answer.is_for_the_desk = True  # type: ignore[attr-defined]
    return answer
