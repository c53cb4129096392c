import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.rules.cells import begins_as_formula, guarded, unguarded


@pytest.mark.parametrize("start", list("=+-@＝＋－＠"))
@pytest.mark.parametrize("before", ["", " ", "\t", "\u3000", "\u200b", "\ufeff"])
def test_what_a_spreadsheet_might_run_is_marked_as_text(before, start):
    text = f"{before}{start}1+1"
    assert begins_as_formula(text)
    assert guarded(text).replace("\t'", "\t") == "'" + text


@pytest.mark.parametrize("start", list("=+-@＝＋－＠"))
@pytest.mark.parametrize("before", [";", "\t", "; ", ";\ufeff", "\t\u3000"])
def test_so_is_what_would_begin_a_cell_for_who_takes_other_separators(before, start):
    for text in (f"a{before}{start}1+1", f"a, b{before}{start}1;c{before}{start}2"):
        assert guarded(text) == text.replace(before + start, f"{before}'{start}")
        assert not begins_as_formula(text)
    # One that stands there already is doubled, as in front.
    assert guarded(f"a{before}'{start}1") == f"a{before}''{start}1"


@pytest.mark.parametrize(
    "text", ["a; b", "a;b=1", "1\t2", "one\ntwo", "a;'b", "a,=1", "a;(-1)", "a:\n- b;\n- c"]
)
def test_separators_before_other_text_change_nothing(text):
    assert guarded(text) == text


@pytest.mark.parametrize("start", list("\t\r\n\x00"))
def test_a_control_character_in_front_is_marked_too(start):
    assert guarded(f"{start}x") == f"'{start}x"


@pytest.mark.parametrize("text", ["'=1", "'plain", "'"])
def test_an_apostrophe_in_front_is_doubled(text):
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "plain", "1.5", "临港", "a=b", "(=1)", " ", "\u3000"])
def test_other_text_stands_as_it_is(text):
    assert guarded(text) == text


@given(st.text() | st.text(alphabet=";\t\n '=-a\u200b"))
@example("'")
@example("''=")
@example("a;''=;='=")
def test_taking_the_mark_off_gives_the_text_back(text):
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["'s-Hertogenbosch", "'tis so", "'", "a; 's-Hertogenbosch"])
def test_an_apostrophe_that_a_file_of_others_has_of_its_own_stays(text):
    assert unguarded(text) == text
