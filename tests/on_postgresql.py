"""A plugin, `-p tests.on_postgresql`: the suite on a PostgreSQL server that it starts itself."""

import atexit
import os

from tests.postgres import Server

if "PYTEST_XDIST_WORKER" not in os.environ:
    server = Server()
    atexit.register(server.remove)
    server.begin()
    os.environ["DATABASE_URL"] = server.url()
    # Its own: those of another version refuse it.
    os.environ["POSTGRES_BIN"] = str(server.binaries)


def pytest_configure(config):
    """The server takes its databases with it: none is dropped under a thread that still reads."""
    config.option.reuse_db = True
