"""What a page asks of the database does not grow with the record."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.views.addresses import kinds
from tracker.actions import updates
from tracker.vocabulary import Status

# Both databases are asked the same questions, and as many.
pytestmark = pytest.mark.sqlite_only
QUERIES = ["", "?as_of=2025-01-01", "?status=in_progress&sector=hydrogen&pillar=1"]


def more(world, numbers):
    """Pledges with everything that a page may print of them."""
    for number in numbers:
        pledge = world.pledge(f"P1.{number:02}")
        pledge.sectors.add(world.shared["sector"], world.sector(f"sector-{number}"))
        world.responsibility(pledge, world.shared["body"])
        world.responsibility(pledge, world.body(f"body-{number}"), "support")
        for day in range(1, 4):
            _entry(world, pledge, day, number)


def _entry(world, pledge, day, number):
    draft = world.draft(pledge, effective_on=date(2023, number % 12 + 1, day), evidence=2)
    world.change(draft, world.milestone(pledge, f"Step {day}"))
    entry = updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )
    if day == 3:
        world.correction(entry, Status.IN_PROGRESS)


def counts(client, addresses):
    found = {}
    for address in addresses[:6]:
        # What is kept for all pages, until there is another edition, is read once.
        client.get(address)
    for address in addresses:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            response = client.get(address)
            if response.streaming:
                b"".join(response.streaming_content)
        assert response.status_code == 200, address
        found[address] = len(captured)
    return found


# Outside of a transaction, for within one nothing is kept.
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", QUERIES)
def test_the_number_of_queries_stays_the_same_when_the_record_doubles(world, client, query):
    world.shared = {"sector": world.sector(), "body": world.body("sheitc")}
    more(world, range(1, 5))
    pages = [a for a in kinds("en") if "/sources/" not in a]
    addresses = [
        f"{address.replace('P2.01', 'P1.01')}{query}"
        for address in [*pages, "/en/data/pledges.csv", "/en/data/updates.csv"]
    ]
    few = counts(client, addresses)
    more(world, range(5, 13))
    for day in range(4, 9):
        _entry(world, world.programme.pledges.get(code="P1.01"), day, 1)
    assert counts(client, addresses) == few
    assert max(few.values()) <= 20


def test_the_source_asks_as_much_for_many_passages_as_for_few(lingang, client):
    address = "/en/sources/press-conference-2022-08-20/"
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    assert len(captured) <= 6
