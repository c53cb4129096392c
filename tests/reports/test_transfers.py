"""A report that fails half-way: the client is told, over a real connection to the site's server."""

import http.client
import os
import socket
import subprocess
import sys
import time

import pytest
from django.conf import settings

#: As `failing.ROWS`, which is imported by the server alone: it is a site of its own.
ROWS = 20_000


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """The port of gunicorn, as `bin/run` starts it, with the failing report."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "2"]
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            *address,
            "--no-control-socket",
            "tests.reports.failing",
        ],
        cwd=settings.BASE_DIR,
        env=os.environ | {"VAR_DIR": str(tmp_path_factory.mktemp("failing"))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _try in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port
    server.terminate()
    server.wait(timeout=20)


def answer(port, extension):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", f"/{extension}")
    return connection.getresponse()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("extension", ["csv", "json"])
def test_a_streamed_file_breaks_off(port, extension):
    response = answer(port, extension)
    assert response.status == 200
    with pytest.raises(http.client.IncompleteRead) as broken:
        response.read()
    assert 0 < broken.value.partial.count(b"a row") < ROWS
    assert not broken.value.partial.rstrip().endswith(b"}]}")


@pytest.mark.sqlite_only
def test_a_spreadsheet_is_whole_or_not_there(port):
    response = answer(port, "xlsx")
    assert response.status == 500
    assert not response.read().startswith(b"PK")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("extension", ["csv", "json", "xlsx"])
def test_a_client_of_http_1_0_gets_no_short_file_either(port, extension):
    """It cannot tell a broken transfer from a finished one, and so is not sent a part."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(f"GET /{extension} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert b" 500 " in received.split(b"\r\n", 1)[0]
    assert b"a row" not in received
