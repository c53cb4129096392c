"""The chain: any change, gap or insertion is found, and the first broken place is named."""

import copy
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.chain import START, End, Fault, Link, canonical, digest, first_fault


def chained(*contents):
    """Links over `contents`, each with its number, and their end."""
    links, reached = [], START
    for number, content in enumerate(contents, 1):
        numbered = {"number": number, **content}
        reached = digest(reached, numbered)
        links.append(Link(numbered, reached))
    return links, End(len(links), reached)


def test_the_canonical_form_is_one_whatever_the_order_of_the_keys():
    assert canonical({"b": 1, "a": "承诺\n", "c": [None, {"e": "é", "d": 0}]}) == (
        '{"a":"承诺\\n","b":1,"c":[null,{"d":0,"e":"é"}]}'.encode()
    )


def test_the_digest_is_the_one_that_the_documentation_states():
    # Computed by: printf '%064d\n{"a":1}' 0 | sha256sum
    assert (
        digest(START, {"a": 1})
        == "f21735afd2cd6af4fc5804b0045cebfd545aef8396d29d030c39cb8880b45b7f"
    )


def test_a_whole_chain_has_no_fault():
    assert first_fault([], End()) is None
    assert first_fault(*chained({"a": "x"}, {"a": "y"}, {"a": "z"})) is None


TEXTS = st.lists(st.text(max_size=5), min_size=2, max_size=6)


@given(TEXTS, st.data())
def test_a_changed_entry_is_named(texts, data):
    links, end = chained(*({"a": text} for text in texts))
    at = data.draw(st.integers(0, len(links) - 1))
    content = copy.deepcopy(links[at].content)
    content["a"] += "."
    links[at] = replace(links[at], content=content)
    assert first_fault(links, end).number == at + 1


@given(TEXTS, st.data())
def test_a_missing_entry_is_named(texts, data):
    links, end = chained(*({"a": text} for text in texts))
    at = data.draw(st.integers(0, len(links) - 1))
    del links[at]
    assert first_fault(links, end).number == at + 1


def test_an_entry_that_was_put_in_is_named():
    links, end = chained({"a": "x"}, {"a": "y"})
    put_in = Link({"number": 2, "a": "!"}, digest(links[0].digest, {"number": 2, "a": "!"}))
    assert first_fault([links[0], put_in, links[1]], end).number == 3


def test_an_end_that_is_another_is_named():
    links, end = chained({"a": "x"}, {"a": "y"})
    assert first_fault(links, replace(end, number=3)) == Fault(
        3, "the record is to end with entry 3"
    )
    assert first_fault(links, replace(end, digest="1" * 64)).number == 2
