"""What tests of the desk share: a clock that stands, and who may do everything."""

import pytest
import time_machine

from tests.conftest import NOW
from tests.factories import PASSWORD
from tracker.models import User


@pytest.fixture
def clock():
    """The moment that it is all along; a test may move it on."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def root(world):
    return User.objects.create_superuser("root", password=PASSWORD)
