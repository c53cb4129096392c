import pytest

from tracker.rules.coverage import Span, sentences, unaccounted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n \n", []),
        ("One.", ["One."]),
        ("No mark at the end", ["No mark at the end"]),
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("  One.   Two.  ", ["One.", "Two."]),
        # A line of its own is a sentence: a heading, a dateline.
        ("A heading\n\nOne. Two.\n", ["A heading", "One.", "Two."]),
        # A closing mark belongs to its sentence.
        ('He said "yes." Then (no.) Done.', ['He said "yes."', "Then (no.)", "Done."]),
        ("“Yes!” she said.", ["“Yes!”", "she said."]),
        # A point inside a number, an address or a form of address ends nothing.
        ("It grew by 2.5 times.", ["It grew by 2.5 times."]),
        ("Mr. Zhang and Ms. Li met Dr. Wu.", ["Mr. Zhang and Ms. Li met Dr. Wu."]),
        # Chinese puts no space between sentences.
        ("我们将加快建设。力争建成！好吗？", ["我们将加快建设。", "力争建成！", "好吗？"]),
        ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
        ("“（好！）”然后。", ["“（好！）”", "然后。"]),
    ],
)
def test_a_text_falls_into_sentences(text, expected):
    assert [text[span.start : span.end] for span in sentences(text)] == expected


@pytest.mark.parametrize(
    ("one", "other", "touch"),
    [
        (Span(0, 5), Span(5, 9), False),
        (Span(0, 5), Span(4, 9), True),
        (Span(2, 3), Span(0, 9), True),
        (Span(0, 9), Span(0, 9), True),
        (Span(0, 1), Span(8, 9), False),
    ],
)
def test_stretches_touch_where_they_share_a_character(one, other, touch):
    assert one.touches(other) is touch
    assert other.touches(one) is touch


TEXT = "First one. Second one. Third one."


@pytest.mark.parametrize(
    ("passages", "left"),
    [
        ([], ["First one.", "Second one.", "Third one."]),
        ([Span(0, 33)], []),
        ([Span(0, 10)], ["Second one.", "Third one."]),
        # A part of a sentence accounts for it; white space between accounts for none.
        ([Span(0, 5), Span(11, 12), Span(32, 33)], []),
        ([Span(10, 11), Span(22, 23)], ["First one.", "Second one.", "Third one."]),
        ([Span(5, 15)], ["Third one."]),
    ],
)
def test_a_sentence_is_accounted_for_by_a_passage_that_touches_it(passages, left):
    found = unaccounted(TEXT, iter(passages))
    assert [TEXT[span.start : span.end] for span in found] == left
