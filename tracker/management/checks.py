"""What `check --deploy` says of the other machines that the site speaks to.

Each must prove which one it is, or whoever sits between reads passwords and addresses.
"""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Tags, Warning, register  # noqa: A004

DATABASE = Warning(
    "A database on another machine is not asked to prove which one it is.",
    hint="Write sslmode=verify-full (and sslrootcert, where its certificate is of your own making) "
    "into DATABASE_URL and DATABASE_REPLICA_URL.",
    id="tracker.W003",
)
CACHE = Warning(
    "The cache on another machine is spoken to in the clear, or proves nothing.",
    hint="Write CACHE_URL with rediss:// and without ssl_cert_reqs.",
    id="tracker.W004",
)
MAIL = Warning(
    "Mails are handed to another machine in the clear.",
    hint="Write EMAIL_URL with smtp+tls:// or smtp+ssl://.",
    id="tracker.W005",
)


def is_here(hosts: str | None) -> bool:
    """Whether all of `hosts`, parted by commas, are this machine: its sockets or loopback."""
    return all(_is_here(host.strip().strip("[]")) for host in (hosts or "").split(","))


def _is_here(host: str) -> bool:
    if not host or host == "localhost" or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proves_itself(database: dict[str, Any]) -> bool:
    """Whether one of DATABASES is here, or proves by its certificate which machine it is."""
    return (
        "sqlite3" in database["ENGINE"]
        or is_here(database.get("HOST"))
        or database.get("OPTIONS", {}).get("sslmode") == "verify-full"
    )


def is_safe_cache(cache: dict[str, Any]) -> bool:
    """The same of one of CACHES. The library asks for a certificate unless it is told not to."""
    place, options = cache.get("LOCATION") or "", cache.get("OPTIONS", {})
    parts = urlsplit(place)
    if "://" not in place or is_here(parts.hostname):
        return True
    asks = options.get("ssl_cert_reqs", "required") == "required"
    compares = str(options.get("ssl_check_hostname", True)).lower() == "true"
    return parts.scheme == "rediss" and asks and compares


@register(Tags.security, deploy=True)
def other_machines(app_configs, **options) -> list[Warning]:
    """Warns of each kind of machine that is spoken to without a proof of which one it is."""
    is_mail_safe = (
        "smtp" not in settings.EMAIL_BACKEND
        or is_here(settings.EMAIL_HOST)
        or settings.EMAIL_USE_TLS
        or settings.EMAIL_USE_SSL
    )
    return [
        warning
        for warning, holds in (
            (DATABASE, all(proves_itself(one) for one in settings.DATABASES.values())),
            (CACHE, all(is_safe_cache(one) for one in settings.CACHES.values())),
            (MAIL, is_mail_safe),
        )
        if not holds
    ]
