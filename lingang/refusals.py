"""What staff were refused is in the audit log: what they may not, and forms that are not ours."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tracker.actions import audit
from tracker.actions.audit import Doer
from tracker.views.allowance import sender
from tracker.vocabulary import AuditKind

FORBIDDEN = 403


def telling(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware: adds an entry to the audit log for each answer 403 to who is signed in."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # Of others it would only be a way to fill the log.
        if (
            response.status_code == FORBIDDEN
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and request.user.is_authenticated
        ):
            is_forged = getattr(request, "is_forged", False)
            match = request.resolver_match
            audit.write(
                Doer(request.user, timezone.now(), sender(request)),
                AuditKind.FORGED if is_forged else AuditKind.FORBIDDEN,
                about=match.view_name if match else "",
                detail=request.method,
            )
        return response

    return answer
