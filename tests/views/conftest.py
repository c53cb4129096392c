"""What the tests of the public pages share: the day is fixed, and answers can be asked about."""

import csv
import io

import pytest
import time_machine

from tests.conftest import NOW
from tests.views.markup import Page


@pytest.fixture(autouse=True)
def _on_the_day():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def read(client):
    """Reads an address: checks the answer's status and gives its page."""

    def read(address, status=200, **headers):
        response = client.get(address, headers=headers)
        assert response.status_code == status, (address, response.status_code)
        return Page(response.content.decode())

    return read


@pytest.fixture
def rows(client):
    """The lines of a CSV download, the header first."""

    def rows(address):
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        return csv_rows(response)

    return rows


def csv_rows(response):
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text, newline="")))
