"""The API keeps to its own description, whatever it is asked."""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

#: Which slugs there are depends on the record: a description cannot list them.
NOT_ASKED = [positive_data_acceptance]
#: `API_EXAMPLES=500` looks much longer than a run of the suite can.
EXAMPLES = int(os.environ.get("API_EXAMPLES", "5"))


@pytest.fixture
def application(lingang):
    """The site as a server calls it, on this test's own connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.sqlite_only
def test_every_answer_is_as_described(application):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= 9
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=EXAMPLES < 100,
            suppress_health_check=list(HealthCheck),
        )
        def keeps_to_it(case):
            # As it is: a call without a server in between unpacks nothing.
            plain = {"Accept-Encoding": "identity"}
            case.call_and_validate(excluded_checks=NOT_ASKED, headers=plain)

        keeps_to_it()
