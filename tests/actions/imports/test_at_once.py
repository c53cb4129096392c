"""Two people who bring files in at the same moment, each on a connection of their own."""

import pytest

from tests.actions.imports.bringing import TODAY, as_csv, kept
from tests.actions.test_concurrency import at_once
from tests.conftest import NOW
from tests.factories import World
from tracker.actions import imports
from tracker.models import Pledge
from tracker.vocabulary import StaffRole

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = "code|title_en|wording|programme"


@pytest.fixture
def world(transactional_db):
    return World(at=NOW)


def applying(file, by):
    """A step that applies a file whose preview was seen before; what came of it."""
    plan = imports.preview(file, by=by, on=TODAY)

    def step():
        try:
            return imports.apply(file, digest=plan.digest, by=by, at=NOW, on=TODAY)
        except (imports.Moved, imports.Applied) as stopped:
            return stopped

    return step


def test_one_file_that_is_confirmed_twice_at_once_is_applied_once(world):
    file = kept(as_csv(HEADER, "P1|A|words|test"), world.author)
    steps = [applying(file, world.author) for _press in range(2)]
    outcomes = at_once(*steps)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Applied", "Plan"]
    assert Pledge.objects.count() == 1


def test_of_two_files_that_make_the_same_pledge_the_second_is_shown_the_first(world):
    other = world.person("other", StaffRole.EDITOR)
    outcomes = at_once(
        *(
            applying(kept(as_csv(HEADER, f"P1|{who}|words|test", "P2|B|words|test"), who), who)
            for who in (world.author, other)
        )
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Moved", "Plan"]
    (moved,) = [outcome for outcome in outcomes if isinstance(outcome, imports.Moved)]
    assert moved.plan.counts["new"] == 0
    assert Pledge.objects.count() == 2
