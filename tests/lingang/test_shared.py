"""The cache that machines share. What it does while it is there, `test_cluster` shows."""

import pytest

from bench.processes import free_port
from lingang.shared import Plain, Shared
from tests.test_settings import started
from tracker.views.allowance import allows


@pytest.fixture
def away():
    """A cache that is not there."""
    return Shared(f"redis://127.0.0.1:{free_port()}/0", {})


def test_while_it_is_away_nothing_is_found_and_nothing_fails(away):
    away.set("a", b"1")
    assert away.get("a", "nothing") == "nothing"
    assert away.add("a", 1) is False
    with pytest.raises(ValueError, match="No number"):
        away.incr("a")


def test_while_it_is_away_it_is_another_number_each_time(away):
    """By which `Beacon` knows that it must ask the database."""
    numbers = iter(range(9))
    assert away.get_or_set("a", lambda: next(numbers), None) == 0
    assert away.get_or_set("a", lambda: next(numbers), None) == 1


def test_while_it_is_away_readers_may_still_write_to_us(away, monkeypatch):
    monkeypatch.setattr("tracker.views.allowance.cache", away)
    assert allows("message", "somebody", times=1, seconds=60)


@pytest.mark.parametrize("value", [0, -7, 10**18, b"", b"\x89PNG"])
def test_numbers_and_bytes_come_back_as_they_were(value):
    kept = Plain().dumps(value)
    assert Plain().loads(str(kept).encode() if isinstance(kept, int) else kept) == value


@pytest.mark.parametrize("value", ["text", True, 1.5, None, object()])
def test_nothing_is_kept_that_would_have_to_be_made_by_code(value):
    with pytest.raises(TypeError):
        Plain().dumps(value)


def test_it_is_named_by_its_address(tmp_path):
    code = "from django.conf import settings; print(settings.CACHES['default'])"
    address = "valkey://:secret@valkey:6379/1"
    done = started(["shell", "-c", code], VAR_DIR=str(tmp_path), DEBUG="1", CACHE_URL=address)
    assert "'LOCATION': 'redis://:secret@valkey:6379/1'" in done.stdout, done.stderr
    assert "lingang.shared.Shared" in done.stdout
