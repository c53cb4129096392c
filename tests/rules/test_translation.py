import pytest

from tracker.rules.translation import Wording, wording
from tracker.vocabulary import Language

EN, ZH = Language.EN, Language.ZH_HANS


@pytest.mark.parametrize(
    ("en", "zh", "reader", "expected"),
    [
        ("text", "文字", EN, Wording("text", EN)),
        ("text", "文字", ZH, Wording("文字", ZH)),
        ("text", "", EN, Wording("text", EN)),
        ("text", "", ZH, Wording("text", EN, is_fallback=True)),
        ("", "文字", EN, Wording("文字", ZH, is_fallback=True)),
        ("", "文字", ZH, Wording("文字", ZH)),
        # White space is no text.
        (" \n", "文字", EN, Wording("文字", ZH, is_fallback=True)),
        ("text", "\t", ZH, Wording("text", EN, is_fallback=True)),
        # With neither there is nothing to fall back to.
        ("", "", EN, Wording("", EN)),
        ("", "", ZH, Wording("", ZH)),
    ],
)
def test_the_other_language_stands_in_and_says_so(en, zh, reader, expected):
    assert wording({EN: en, ZH: zh}, reader) == expected


def test_a_wording_prints_as_its_text_and_is_false_without_one():
    assert str(Wording("text", EN)) == "text"
    assert Wording("text", EN)
    assert not Wording("", EN)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", EN),
        ("en-gb", EN),
        ("zh-hans", ZH),
        ("ZH-Hans", ZH),
        ("zh-cn", ZH),
        ("fr", EN),
        ("", EN),
        (None, EN),
    ],
)
def test_a_reader_of_any_chinese_gets_the_chinese_text(code, language):
    assert Language.of(code) is language


def test_each_language_has_its_column_and_its_other():
    assert {language: (language.suffix, language.other) for language in Language} == {
        EN: ("en", ZH),
        ZH: ("zh", EN),
    }
