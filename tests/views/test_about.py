"""The pages about the record: they say what the code does, in both languages."""

import inspect
import re

import pytest
from django.utils import translation

from tests.views.addresses import LANGUAGES
from tracker.rules import publishing
from tracker.vocabulary import (
    DatePrecision,
    EvidenceKind,
    Flag,
    MilestoneState,
    NotPledgeReason,
    Refusal,
    Role,
    Status,
    UpdateState,
)

# How a page looks and what it says of itself does not depend on the database: one is enough.
pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "words",
    [
        Status,
        Flag,
        EvidenceKind,
        UpdateState,
        MilestoneState,
        DatePrecision,
        Role,
        NotPledgeReason,
        publishing.OF_THE_RECORD,
    ],
    ids=lambda words: getattr(words, "__name__", "refusals"),
)
def test_the_method_names_every_controlled_word(read, language, words):
    text = read(f"/{language}/method/").text
    with translation.override(language):
        for word in words:
            assert str(word.label) in text
            assert str(getattr(word, "definition", "")) in text


def test_every_refusal_of_a_publication_is_among_those_that_the_method_names():
    asked = inspect.getsource(publishing.refusals) + inspect.getsource(
        publishing._correction_refusals
    )
    named = re.findall(r"yield Refusal\.(\w+)", asked)
    assert len(named) > 10
    assert {Refusal[name] for name in named} == set(publishing.OF_THE_RECORD)


def test_each_status_and_flag_has_a_place_on_the_page(read):
    ids = set(read("/en/method/").ids)
    assert {f"status-{status.tone}" for status in Status} <= ids
    assert {flag.value for flag in Flag} <= ids
    assert {"statuses", "progress", "corrections", "as-of", "evidence", "dates", "source"} <= ids
    marked = [text for text in read("/en/method/").texts("dt") if text.endswith("final")]
    assert len(marked) == len(Status.final())


def test_the_method_states_the_setting_that_is_in_force(read, settings):
    settings.STALE_AFTER_DAYS = 123
    assert "Here that number is 123 days." in read("/en/method/").text


def test_the_worked_examples_come_from_the_rules(read):
    page = read("/en/method/")
    figures = re.findall(r'class="progress-figure">(\d+%)<', page.html)
    assert figures == ["40%", "75%", "58%"]
    assert "2 of 3 pledges have a progress figure." in page.text
    rows = page.texts("tr")
    for row in (
        "Jan. 31, 2024 Jan. 31, 2024 In progress",
        "April 30, 2024 April 30, 2024 Kept",
        "April 30, 2024 June 30, 2024 Partly kept",
        "Jan. 1, 2026 In progress late",
        "Dec. 31, 2025 In progress not late",
        "Jan. 1, 2026 Kept not late",
    ):
        assert row in rows
    assert "“February 2025”: in time until Feb. 28, 2025" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_accessibility_statement_is_dated_and_says_what_falls_short(read, language):
    page = read(f"/{language}/accessibility/")
    assert "limits" in page.ids
    assert len(page.all("time")) == 1
    assert f"/{language}/pledges/" in page.links


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_leads_to_them_from_its_foot(read, language):
    links = read(f"/{language}/").links
    for name in ("changes", "corrections", "method", "accessibility"):
        assert f"/{language}/{name}/" in links
