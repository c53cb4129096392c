from datetime import date
from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError

from tracker.models import Passage, Source, SourceNote
from tracker.rules.coverage import Span

TEXT = "We will build. 我们希望。\nWe hope."
DIGEST = sha256(TEXT.encode("utf-8")).hexdigest()


@pytest.fixture
def source(world):
    source = Source(
        slug="source",
        programme=world.programme,
        title_en="Source",
        publisher_en="Publisher",
        published_on=date(2022, 8, 20),
        language="en",
        text=TEXT,
    )
    source.full_clean()
    source.save()
    return source


def test_the_digest_of_the_text_is_computed(source):
    assert source.sha256 == DIGEST


def test_a_given_digest_is_checked(source):
    source.sha256 = "0" * 64
    with pytest.raises(ValidationError) as invalid:
        source.full_clean()
    assert DIGEST in invalid.value.message_dict["sha256"][0]
    source.sha256 = DIGEST
    source.full_clean()


def test_one_changed_character_changes_the_digest(source):
    source.text = TEXT.replace("\n", "\r\n")
    with pytest.raises(ValidationError, match="SHA-256"):
        source.full_clean()
    source.sha256 = ""
    source.full_clean()
    assert source.sha256 != DIGEST


def test_a_form_takes_the_text_without_stripping_it():
    field = Source._meta.get_field("text").formfield()
    assert field.clean("  We will build.\n\n") == "  We will build.\n\n"
    assert field.clean("One.\r\nTwo.") == "One.\nTwo."


def test_a_source_is_named_by_its_title(source):
    assert str(source) == "Source"
    assert source.get_absolute_url() == "/en/sources/source/"


# --- Passages ---------------------------------------------------------------------------------


def test_a_passage_is_its_stretch_of_the_text(source):
    passage = Passage(source=source, start=15, end=20, reason="purpose")
    assert (passage.text, passage.span) == ("我们希望。", Span(15, 20))
    assert str(passage) == f"{source.pk}: 15–20"


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [
        (0, 5, False),
        (0, 6, True),
        (5, 9, True),
        (6, 8, True),
        (7, 12, True),
        (4, 15, True),
        (9, 12, True),
        (10, 12, False),
    ],
)
def test_passages_of_a_source_do_not_overlap(source, start, end, overlaps):
    Passage.objects.create(source=source, start=5, end=10, reason="aim")
    passage = Passage(source=source, start=start, end=end, reason="aim")
    if not overlaps:
        passage.full_clean()
        return
    with pytest.raises(ValidationError, match="It overlaps the passage 5–10"):
        passage.full_clean()


def test_a_passage_does_not_overlap_itself_nor_one_of_another_source(source):
    passage = Passage.objects.create(source=source, start=5, end=10, reason="aim")
    passage.end = 12
    passage.full_clean()
    source.pk, source.slug = None, "other"
    source.save()
    Passage(source=source, start=6, end=11, reason="aim").full_clean()


@pytest.mark.parametrize(("end", "valid"), [(len(TEXT), True), (len(TEXT) + 1, False)])
@pytest.mark.parametrize("kind", [Passage, SourceNote])
def test_a_stretch_ends_within_the_text(source, kind, end, valid):
    said = {"reason": "aim"} if kind is Passage else {"key": "X1", "problem_en": "A slip."}
    stretch = kind(source=source, start=15, end=end, **said)
    if valid:
        stretch.full_clean()
        return
    with pytest.raises(ValidationError) as invalid:
        stretch.full_clean()
    said = [f"The text has {len(TEXT)} characters only."]
    assert invalid.value.message_dict == {"end": said}


@pytest.mark.parametrize("missing", ["source", "start", "end"])
def test_a_form_that_lacks_a_part_of_a_passage_says_just_that(source, missing):
    given = {"source": source, "start": 0, "end": 14, "reason": "aim"}
    del given[missing]
    with pytest.raises(ValidationError) as invalid:
        Passage(**given).full_clean()
    assert set(invalid.value.message_dict) == {missing}


def test_a_pledges_wording_is_what_the_source_says(world, source):
    pledge = world.pledge(wording="We will build.")
    Passage(source=source, start=0, end=14, pledge=pledge).full_clean()
    with pytest.raises(ValidationError) as invalid:
        Passage(source=source, start=0, end=13, pledge=pledge).full_clean()
    assert "“We will build”" in invalid.value.message_dict["pledge"][0]


def test_passages_of_pledges_that_are_not_public_are_not_published(world, source):
    public = world.pledge("P1.01", wording="We will")
    hidden = world.pledge("P1.02", wording="build.", public=False)
    source.passages.create(start=0, end=7, pledge=public)
    source.passages.create(start=8, end=14, pledge=hidden)
    source.passages.create(start=15, end=20, reason="purpose")
    assert [passage.start for passage in Passage.objects.published()] == [0, 15]


def test_a_note_is_named_by_its_key_and_the_words_it_is_about(source):
    note = SourceNote(source=source, key="X1", start=3, end=7, problem_en="A slip.")
    assert str(note) == "X1: will"
    assert str(SourceNote(key="X2")) == "X2"
