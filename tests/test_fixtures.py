"""The Lingang record, as loaded: what it must say, and what it must not."""

import json
import re
from collections import Counter
from datetime import date
from hashlib import sha256
from itertools import pairwise

import pytest
from django.db import models, transaction

from tests.conftest import FIXTURES
from tests.nouns import NOUNS
from tracker.actions import loading, staff
from tracker.models import (
    Evidence,
    Indicator,
    Measurement,
    Milestone,
    Passage,
    Pillar,
    Pledge,
    Programme,
    Source,
    SourceNote,
    Standing,
    Update,
)
from tracker.rules.coverage import sentences, unaccounted
from tracker.vocabulary import DatePrecision, Role, Status

FOLDER = FIXTURES / "lingang"
ANNOUNCED = date(2022, 8, 20)
LOADED = date(2026, 11, 23)
SHA256 = "aa9e3d410422d1cbc14fb9d11bd49d8edd9b3f03788067648c30958414a83670"
HAN = re.compile(r"[\u3400-\u9fff]")

STATUSES = {
    "P1.01": "in_progress",
    "P1.02": "not_rated",
    "P1.03": "in_progress",
    "P1.04": "not_rated",
    "P1.05": "in_progress",
    "P1.06": "in_progress",
    "P1.07": "in_progress",
    "P1.08": "in_progress",
    "P1.09": "in_progress",
    "P2.01": "partly_kept",
    "P2.02": "not_rated",
    "P2.03": "partly_kept",
    "P2.04": "in_progress",
    "P2.05": "not_rated",
    "P2.06": "not_rated",
    "P2.07": "kept",
    "P2.08": "in_progress",
    "P3.01": "not_rated",
    "P3.02": "not_rated",
    "P3.03": "not_rated",
    "P3.04": "not_rated",
    "P3.05": "not_rated",
    "P3.06": "not_rated",
    "P3.07": "not_rated",
    "P3.08": "not_rated",
}


@pytest.fixture(scope="module", autouse=True)
def _record(django_db_setup, django_db_blocker):
    """The fixture `lingang` once for the whole file: nothing here writes."""
    with django_db_blocker.unblock(), transaction.atomic():
        staff.sync_roles()
        loading.load(FOLDER)
        yield
        transaction.set_rollback(True)


# --- What was pledged ---------------------------------------------------------------------------


def test_there_are_25_public_pledges_under_three_pillars():
    assert Programme.objects.get().announced_on == ANNOUNCED
    assert Pledge.objects.published().count() == Pledge.objects.count() == 25
    assert Counter(Pledge.objects.values_list("pillar__order", flat=True)) == {1: 9, 2: 8, 3: 8}
    assert [pillar.order for pillar in Pillar.objects.all()] == [1, 2, 3]
    for pledge in Pledge.objects.select_related("pillar"):
        assert pledge.code.startswith(f"P{pledge.pillar.order}.")
        assert pledge.announced_on == ANNOUNCED


def test_every_pledge_says_who_leads_it_and_what_would_show_progress():
    for pledge in Pledge.objects.prefetch_related("responsibilities__body", "sectors"):
        assert [r for r in pledge.responsibilities.all() if r.role == Role.LEAD], pledge.code
        assert pledge.sectors.all(), pledge.code
        assert pledge.yardstick.text, pledge.code
        assert pledge.speaker.text, pledge.code


def test_the_source_is_kept_byte_for_byte():
    content = (FOLDER / "source.txt").read_bytes()
    source = Source.objects.get()
    assert sha256(content).hexdigest() == SHA256
    assert source.text.encode("utf-8") == content
    assert source.sha256 == SHA256
    recorded = json.loads((FOLDER / "programme.json").read_text("utf-8"))
    assert recorded["source"]["sha256"] == SHA256


def test_each_pledges_wording_is_its_passage_of_the_source():
    text = Source.objects.get().text
    pledged = {passage.pledge.code: passage for passage in Passage.objects.exclude(pledge=None)}
    assert set(pledged) == set(STATUSES)
    assert Passage.objects.exclude(pledge=None).count() == 25
    given = json.loads((FOLDER / "pledges.json").read_text("utf-8"))
    for item in given:
        passage = pledged[item["code"]]
        assert (passage.start, passage.end) == (item["start"], item["end"])
        assert passage.pledge.wording == text[item["start"] : item["end"]] == item["wording"]


def test_every_sentence_of_the_source_is_accounted_for():
    source = Source.objects.get()
    assert len(sentences(source.text)) > 15
    assert unaccounted(source.text, [p.span for p in source.passages.all()]) == []


def test_every_word_of_the_source_is_in_a_passage_and_none_is_in_two():
    source = Source.objects.get()
    spans = sorted(passage.span for passage in source.passages.all())
    for one, next_one in pairwise(spans):
        assert one.end <= next_one.start, (one, next_one)
    left = list(source.text)
    for span in spans:
        left[span.start : span.end] = " " * (span.end - span.start)
    # What joins two pledges belongs to neither.
    assert set(re.findall(r"\w+", "".join(left))) <= {"and"}


def test_what_is_no_pledge_says_why():
    for passage in Passage.objects.filter(pledge=None):
        assert passage.reason
        assert passage.note_en, passage
        assert passage.note_zh, passage


def test_the_notes_on_the_text_are_about_the_words_that_they_quote():
    given = json.loads((FOLDER / "programme.json").read_text("utf-8"))["source_notes"]
    notes = {note.key: note for note in SourceNote.objects.select_related("source")}
    assert len(given) == len(notes) == 16
    for item in given:
        assert notes[item["key"]].text == item["quote"]


def test_the_figures_of_the_source_are_in_the_words_that_they_quote():
    assert Indicator.objects.count() == Measurement.objects.published().count() == 3
    for measurement in Measurement.objects.select_related("source"):
        assert f"{measurement.value.normalize():f}" in measurement.quotation
        assert measurement.is_baseline


# --- What came of it ----------------------------------------------------------------------------


def test_each_pledge_stands_where_its_evidence_puts_it():
    found = Pledge.objects.as_of().values_list("code", "status")
    assert dict(found) == STATUSES
    assert dict(Pledge.objects.as_of(LOADED).values_list("code", "status")) == STATUSES


def test_nothing_was_rated_before_it_was_known():
    before = Pledge.objects.as_of(known_on=date(2026, 11, 22))
    assert set(before.values_list("status", flat=True)) == {Status.NOT_RATED}


def test_the_source_sets_no_date_and_no_figure_so_none_is_given():
    assert not Pledge.objects.exclude(original_due_on=None).exists()
    assert set(Pledge.objects.values_list("original_due_precision", flat=True)) == {
        DatePrecision.NONE
    }
    assert not Update.objects.exclude(due_precision="").exists()
    assert not Update.objects.exclude(reported_progress=None).exists()
    assert not Milestone.objects.exists()
    assert not Indicator.objects.exclude(target=None).exists()
    assert {pledge.progress.percent for pledge in Pledge.objects.as_of()} == {None}
    assert not Standing.objects.exclude(due_on=None).exists()


def test_each_pledge_has_an_entry_and_each_entry_is_published():
    assert Update.objects.count() == Update.objects.published().count() == 45
    assert set(Update.objects.values_list("pledge__code", flat=True)) == set(STATUSES)
    numbers = Update.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(1, 46))


def test_each_rating_rests_on_evidence_of_after_the_pledge():
    for update in Update.objects.exclude(status=Status.NOT_RATED).prefetch_related("evidence"):
        assert update.effective_on > ANNOUNCED, update
        dates = [evidence.published_on for evidence in update.evidence.all()]
        assert dates, update
        assert all(day > ANNOUNCED for day in dates if day), update
        assert update.effective_on <= LOADED


def test_a_final_status_was_checked_by_another_than_its_author():
    for update in Update.objects.filter(status__in=Status.final()):
        assert update.published_by not in (update.created_by, update.submitted_by)


def test_every_piece_of_evidence_can_be_looked_up():
    assert Evidence.objects.count() == 54
    for evidence in Evidence.objects.all():
        assert re.match(r"https?://[^\s/]+\.[^\s]+$", evidence.url), evidence.url
        assert evidence.publisher, evidence
        assert evidence.title, evidence


# --- In two languages -----------------------------------------------------------------------------

#: Texts that are there for some rows only, and then in both languages.
OPTIONAL = {
    ("Pledge", "wording_note"),
    ("Responsibility", "note"),
    ("Passage", "note"),
    ("Measurement", "qualifier"),
    ("Update", "correction_reason"),
}


def pairs():
    """Every text of every row, as its two columns: (row, name, English, Chinese)."""
    for model in NOUNS:
        names = [f.name[:-3] for f in model._meta.fields if f.name.endswith("_en")]
        for row in model._default_manager.all() if names else []:
            for name in names:
                yield row, name, getattr(row, f"{name}_en"), getattr(row, f"{name}_zh")


def test_nothing_is_told_in_one_language_only():
    seen = 0
    for row, name, english, chinese in pairs():
        where = (type(row).__name__, row.pk, name)
        if (type(row).__name__, name) in OPTIONAL:
            assert bool(english.strip()) == bool(chinese.strip()), where
        else:
            assert english.strip(), where
            assert chinese.strip(), where
        seen += 1
    assert seen > 300


def test_what_is_said_in_chinese_is_chinese():
    for row, name, _english, chinese in pairs():
        # A unit or a likely meaning may be a sign or a name alone.
        if chinese and (type(row).__name__, name) != ("Indicator", "unit"):
            assert HAN.search(chinese), (type(row).__name__, row.pk, name, chinese)


def test_what_is_said_in_english_is_english():
    """Chinese occurs in it as a word that is quoted or explained, never as a sentence."""
    for row, name, english, _chinese in pairs():
        where = (type(row).__name__, row.pk, name, english)
        assert len(HAN.findall(english)) <= len(english) / 4, where
        assert not re.search(r"[\u3400-\u9fff]{16,}", english), where
        assert not re.search(r"[，。；：？！]", english), where


def test_chinese_texts_use_chinese_punctuation_between_chinese_words():
    for row, name, _english, chinese in pairs():
        where = (type(row).__name__, row.pk, name, chinese)
        assert not re.search(r"[\u3400-\u9fff][,;:?!.][\u3400-\u9fff]", chinese), where


def test_no_text_has_stray_white_space_or_marks():
    for model in NOUNS:
        texts = [
            field.name
            for field in model._meta.fields
            if isinstance(field, models.CharField | models.TextField) and field.name != "text"
        ]
        for row in model._default_manager.values(*texts) if texts else []:
            for name, value in row.items():
                assert value == value.strip(), (model, name, value)
                assert "  " not in value or name == "wording", (model, name, value)
                assert "\ufffd" not in value, (model, name, value)
                assert not re.search(r"\b(TODO|FIXME|TBD)\b", value), (model, name, value)
