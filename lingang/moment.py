"""A page made of one moment of the record, whatever is published meanwhile."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from lingang import replica
from tracker.queries.moment import one_moment

#: What asks for it, among what a request brings along. No reader can: no header is called so.
AT_ONE_MOMENT = "tracker.at_one_moment"


def at_one_moment(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: reads the database as it stands when the page is begun, where that is asked for.

    It costs more than a page does otherwise: what is kept of the record is not used in it.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.META.get(AT_ONE_MOMENT):
            return get_response(request)
        with one_moment(replica.alias()):
            return get_response(request)

    return answer
