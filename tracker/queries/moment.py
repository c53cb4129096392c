"""Reading the record as it stands at one moment, whatever is published meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction


@contextmanager
def one_moment(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """All that is read inside is read of one moment, and nobody waits for it; nothing is written.

    `alias` names the database. Inside a transaction that is open already, that one goes on.
    """
    connection: Any = connections[alias]
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(alias):
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # The site's own transactions take SQLite's one lock for writing at once; this one takes none.
    connection.ensure_connection()
    mode, connection.transaction_mode = connection.transaction_mode, "DEFERRED"
    try:
        with transaction.atomic(alias):
            connection.transaction_mode = mode
            yield
    finally:
        connection.transaction_mode = mode
