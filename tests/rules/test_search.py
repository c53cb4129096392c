from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.search import (
    Term,
    correction,
    excerpt,
    nearest,
    occurring,
    pieces,
    slips,
    terms,
)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", []),
        ("  hydrogen  port ", ["hydrogen", "port"]),
        ("氢 数据", ["氢", "数据"]),
        ("data data", ["data"]),
        ('"data port" x', ['"data port"', "x"]),
        ("“数据 港”", ['"数据 港"']),
        # A lone mark is none.
        ('"data', ["data"]),
        ('" “ ”', []),
    ],
)
def test_words_are_parted_by_space_and_held_together_by_quotation_marks(asked, expected):
    assert [str(term) for term in terms(asked)] == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("hydrogen", "hydrogen", 0),
        ("hydrogn", "hydrogen", 1),
        ("hydroogen", "hydrogen", 1),
        ("hydrojen", "hydrogen", 1),
        ("hyrdogen", "hydrogen", 1),
        ("hidrojen", "hydrogen", 2),
        ("", "abc", 3),
        ("ca", "abc", 3),
    ],
)
def test_slips_are_counted_letter_by_letter(one, other, expected):
    assert slips(one, other) == expected


@given(st.text("abcd", max_size=7), st.text("abcd", max_size=7))
def test_slips_are_the_same_in_both_directions_and_no_more_than_the_longer_word(one, other):
    assert slips(one, other) == slips(other, one) <= max(len(one), len(other))
    assert (slips(one, other) == 0) == (one == other)


WORDS = Counter({"hydrogen": 3, "planned": 2, "planner": 5, "data": 9, "intelligence": 1})


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("hydrogn", "hydrogen"),
        ("inteligense", "intelligence"),
        # Of two equally near, the commoner.
        ("plannex", "planner"),
        ("dta", None),
        ("data", "data"),
        ("date", "data"),
        ("dxtx", None),
        ("windmill", None),
        ("氢能源车", None),
        ("p2.01", None),
    ],
)
def test_the_nearest_word_is_one_of_the_record_s_own(word, expected):
    assert nearest(word, WORDS) == expected


TEXTS = ["Hydrogen trucks", "Driving on roads", "P1.01", "氢能"]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("hydrogen", None),
        ("氢", None),
        ("hydrog", None),
        ("", None),
        ("hydrogn", ("hydrogen", ("hydrogen",), ())),
        ("HYDROGN truks", ("hydrogen trucks", ("hydrogen", "trucks"), ())),
        ("autonomous driving", ("driving", (), ("autonomous",))),
        ("自动 driving", ("driving", (), ("自动",))),
        # In quotation marks it is searched for as it stands; and something must remain.
        ('"hydrogn"', None),
        ('"hydrogn" driving', None),
        ("autonomous", None),
        ('autonomous "on roads"', ('"on roads"', (), ("autonomous",))),
    ],
)
def test_a_search_is_set_right_by_what_the_texts_say(asked, meant):
    found = correction(asked, TEXTS)
    assert (found and (found.meant, found.replaced, found.left_out)) == meant


def shown(found):
    return "".join(f"[{p.text}]" if p.is_found else p.text for p in found)


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("A Data port", "data", "A [Data] port"),
        ("data port, data", 'data "data port"', "[data port], [data]"),
        ("氢能与氢", "氢", "[氢]能与[氢]"),
        ("a.c abc", "a.c", "[a.c] abc"),
        ("nothing", "data", "nothing"),
        ("", "data", ""),
        ("nothing", "", "nothing"),
    ],
)
def test_found_words_are_marked_where_they_stand(text, asked, expected):
    assert shown(pieces(text, terms(asked))) == expected


def test_an_excerpt_shows_the_word_among_its_neighbours():
    text = "begin " + "one two " * 60 + "hydrogen " + "three four " * 60 + "end"
    cut = shown(excerpt(text, terms("hydrogen"), 80))
    assert "[hydrogen]" in cut
    assert cut.startswith("…")
    assert cut.endswith("…")
    assert set(cut.strip("…").split()) <= {"one", "two", "[hydrogen]", "three", "four"}
    assert len(cut) <= 84
    assert shown(excerpt(text, terms("begin"), 80)).startswith("[begin] one")
    assert shown(excerpt(text, terms("end"), 80)).endswith("four [end]")
    assert shown(excerpt("short text", terms("text"), 80)) == "short [text]"
    chinese = "一二三四五六七八九十" * 20 + "氢" + "一二三四五六七八九十" * 20
    assert "[氢]" in shown(excerpt(chinese, terms("氢"), 40))


@given(st.text("ab c氢", max_size=60), st.text("ab氢", min_size=1, max_size=3))
def test_an_excerpt_says_nothing_that_the_text_does_not(text, word):
    cut = excerpt(text, [Term(word)], 12)
    assert "".join(piece.text for piece in cut).strip("…") in text
    assert "".join(piece.text for piece in pieces(text, [Term(word)])) == text
    assert any(piece.is_found for piece in cut) == (word in text)


def test_which_words_stand_in_a_text():
    assert occurring("Data port", terms("port DATA x")) == terms("port DATA")
