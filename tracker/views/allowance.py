"""How often one may ask for something that costs others: mails to an address, for example."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def allows(purpose: str, who: str, *, times: int, seconds: int) -> bool:
    """Whether `who` may do this once more: `times` in `seconds`. It counts this time.

    The cache holds a keyed digest of `who`, for as long as that, and nothing else of them.
    """
    key = f"allowance:{purpose}:{salted_hmac(purpose, who, algorithm='sha256').hexdigest()}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) <= times
    except ValueError:
        # It ran out between the two lines.
        cache.add(key, 1, seconds)
        return True


def sender(request: HttpRequest) -> str:
    """The network address that a request came from; behind a proxy, as that proxy saw it."""
    if settings.SECURE_PROXY_SSL_HEADER:
        # The proxy adds it at the end; what stands before, anybody may have written.
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if forwarded:
            return forwarded
    return request.META.get("REMOTE_ADDR", "")
