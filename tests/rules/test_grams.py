"""Keys of pledges as sets of bits, and the places that they stand for."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.bits import places
from tracker.rules.grams import BLOCK, Keys, Places

SIZE = 60
#: Keys in several blocks, at their edges too.
KEYS = [*range(30), *range(BLOCK - 10, BLOCK + 10), *range(3 * BLOCK, 3 * BLOCK + 20)]


@given(st.permutations(KEYS), st.sets(st.sampled_from(KEYS)), st.sampled_from([1, 40, 8000]))
def test_keys_become_the_places_of_those_that_have_one(keys, wanted, many):
    placed = keys[:SIZE]
    expected = {placed.index(key) for key in wanted if key in placed}
    assert set(places(Places(placed, many).of(Keys.of(wanted)))) == expected


def test_keys_far_apart_become_places_too():
    keys = [place * BLOCK * 100 for place in range(50)]
    assert list(places(Places(keys, 1).of(Keys.of([*keys, 7, 8, 9])))) == [*range(50)]
