"""The cache that several machines share: Redis or Valkey.

It holds counts and pictures, nothing that cannot be counted or drawn anew. While it is away nothing
is found in it and nothing is kept, and no page waits for it or fails.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

#: Once it has failed it is left alone for so long, in seconds.
PAUSE = 1.0


class Plain:
    """How values are written: numbers and bytes as they are, nothing else. Django's own way reads
    Python objects back, and whoever got into the cache could have any code run by that."""

    def dumps(self, value: int | bytes) -> int | bytes:
        """Raises TypeError for whatever is neither."""
        if type(value) not in (int, bytes):
            raise TypeError(f"The shared cache takes numbers and bytes, not {type(value)}")
        return value

    def loads(self, kept: bytes) -> int | bytes:
        return int(kept) if kept.removeprefix(b"-").isdigit() else kept


class Shared(RedisCache):
    """Django's backend, whose `OPTIONS` may be those of the library of Redis."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # One that does not answer at all must not hold up whoever waits.
        patience = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
        own = {**patience, "serializer": Plain, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": own})
        self._away_until = 0.0

    def get(self, key, default=None, version=None):
        return self._tried(super().get, default, key, default, version)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        self._tried(super().set, None, key, value, timeout, version)

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self._tried(super().add, False, key, value, timeout, version)

    def incr(self, key, delta=1, version=None):
        """Raises ValueError where there is no such number, or the cache is away."""
        found = self._tried(super().incr, None, key, delta, version)
        if found is None:
            raise ValueError(f"No number {key!r} in the shared cache")
        return found

    def _tried(self, ask: Callable, otherwise: Any, *arguments: Any) -> Any:
        if time.monotonic() < self._away_until:
            return otherwise
        try:
            return ask(*arguments)
        except RedisError as error:
            self._away_until = time.monotonic() + PAUSE
            logger.warning("The shared cache does not answer: %s", error)
            return otherwise
