"""Sets of places as whole numbers: what they hold, and pages of them in any order."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules import bits
from tracker.rules.bits import Numbers, Order, packed, places

SIZE = 300
some = st.sets(st.integers(0, SIZE - 1))


@given(some)
def test_a_set_holds_the_places_that_were_put_into_it(members):
    assert list(places(packed(members, SIZE))) == sorted(members)


@given(some)
def test_a_set_says_of_each_place_whether_it_is_in_it(members):
    assert [
        n for n, is_in in enumerate(bits.flags(packed(members, SIZE), SIZE)) if is_in
    ] == sorted(members)


def test_no_places_are_the_empty_set():
    assert packed([], 0) == 0
    assert list(places(0)) == []


@given(some, st.randoms(), st.integers(0, SIZE), st.integers(0, 40), st.sampled_from([0, 1000]))
def test_a_page_is_what_sorting_and_cutting_gives(members, random, start, number, few):
    order = list(range(SIZE))
    random.shuffle(order)
    kept = bits.STEP, bits.FEW
    bits.STEP, bits.FEW = 32, few
    try:
        page = Order(order).page(packed(members, SIZE), start, number)
    finally:
        bits.STEP, bits.FEW = kept
    assert page == [place for place in order if place in members][start : start + number]


@given(st.lists(st.integers(0, 20), max_size=SIZE), st.integers(-1, 21))
def test_an_order_knows_what_lies_below_a_key(keys, key):
    order = sorted(range(len(keys)), key=keys.__getitem__)
    by_key = Order(order, [keys[place] for place in order])
    assert set(places(by_key.below(key))) == {n for n, each in enumerate(keys) if each < key}
    assert set(places(by_key.up_to(key))) == {n for n, each in enumerate(keys) if each <= key}


@given(st.lists(st.integers(0, 2**31 - 1) | st.integers(0, 600)), st.integers(-1, 2**31 - 1))
def test_numbers_are_compared_all_at_once(numbers, limit):
    held = Numbers(array("q", numbers))
    for least in (limit, limit % 600, 0, 1, *numbers[:3]):
        assert list(places(held.below(least))) == [n for n, o in enumerate(numbers) if o < least]
