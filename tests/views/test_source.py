"""The annotated source, on the Lingang record."""

import re
from html.parser import HTMLParser

import pytest

from tracker.models import Passage, Source, SourceNote


class SourceText(HTMLParser):
    """The text of the source's own paragraphs, without the labels that the page adds to it."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.paragraphs, self._depth, self._added, self._body = [], 0, 0, False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "source-body" in (attributes.get("class") or ""):
            self._body = True
        elif self._body and tag == "p":
            self.paragraphs.append("")
        elif self._body and (tag == "sup" or (tag == "a" and not self._added)):
            self._added += 1
            self._depth = 1
        elif self._added:
            self._depth += 1

    def handle_endtag(self, tag):
        if self._added:
            self._depth -= 1
            if self._depth == 0:
                self._added = 0
        elif tag == "div":
            self._body = False

    def handle_data(self, data):
        if self._body and self.paragraphs and not self._added:
            self.paragraphs[-1] += data


@pytest.fixture
def page(lingang, read):
    return read("/en/sources/press-conference-2022-08-20/")


def test_the_whole_text_is_there_and_nothing_is_added_to_it(page):
    source = Source.objects.get()
    shown = SourceText(page.html).paragraphs
    kept = [line.rstrip() for line in source.text.splitlines() if line.strip()]
    assert len([p for p in shown if p.strip()]) == len(kept)
    for ours, theirs in zip([p for p in shown if p.strip()], kept, strict=True):
        # A label and the space after it stand before each pledge.
        assert re.sub(r"[ ]+", " ", ours).strip() == re.sub(r"[ ]+", " ", theirs)


def test_each_pledge_is_marked_in_its_place_and_leads_to_its_page(page):
    for passage in Passage.objects.filter(pledge__isnull=False).select_related("pledge"):
        assert f"passage-{passage.start}" in page.ids
        assert f"/en/pledges/{passage.pledge.code}/" in page.links
    marks = " ".join(page.texts("mark"))
    assert marks.count("P1.08") == 1
    assert "global power city" in marks


def test_what_is_no_pledge_has_its_reason_and_both_lead_to_each_other(page):
    asides = Passage.objects.filter(pledge=None)
    assert asides.count() == 22
    for number, passage in enumerate(asides, start=1):
        assert {f"aside-{number}", f"aside-ref-{number}"} <= set(page.ids)
        assert {f"#aside-{number}", f"#aside-ref-{number}"} <= set(page.links)
        assert passage.get_reason_display() in page.text
        assert passage.note_en in page.text


def test_each_note_on_the_text_is_led_to_and_leads_back(page):
    for note in SourceNote.objects.all():
        assert {f"note-{note.key}", f"note-ref-{note.key}"} <= set(page.ids)
        assert {f"#note-{note.key}", f"#note-ref-{note.key}"} <= set(page.links)
        for text in (note.problem_en, note.meaning_en, note.basis_en):
            assert " ".join(text.split()) in page.text


def test_it_says_what_it_is_and_that_no_sentence_is_left_out(page):
    source = Source.objects.get()
    assert source.sha256 in page.text
    assert "This text makes 25 pledges, in 9 of its 23 sentences." in page.text
    assert "14 other sentences hold none and say why; sentences unaccounted for: 0." in page.text
    assert page.all("div", lang="en")
    assert source.url in page.links


def test_before_the_pledges_were_announced_their_words_are_plain_text(lingang, read):
    page = read("/en/sources/press-conference-2022-08-20/?as_of=2022-08-19")
    assert page.texts("mark") == []
    assert "hold WAIC developer conferences" in page.text
    assert "This text makes 0 pledges, in 0 of its 23 sentences." in page.text


def test_the_text_keeps_its_language_on_a_chinese_page(lingang, read):
    page = read("/zh-hans/sources/press-conference-2022-08-20/")
    assert "hold WAIC developer conferences" in page.text
    assert [a for a in page.all("div", lang="en") if "source-body" in a["class"]]


def test_from_each_pledge_the_ones_before_and_after_it_are_a_step_away(page):
    starts = list(Passage.objects.exclude(pledge=None).values_list("start", flat=True))
    steps = [text for text in page.texts("a") if text.startswith(("↑", "↓"))]
    assert len(steps) == 2 * (len(starts) - 1)
    assert steps[0] == "↓Next pledge: P1.02"
    assert {f"#passage-{start}" for start in starts} <= set(page.links)
    # The list of pledges above the text says each one's status aloud.
    assert "P2.07 Explore an international board for data trading: Kept" in page.texts("li")


@pytest.mark.parametrize("show", ["pledges", "others"])
def test_a_part_of_the_text_can_be_shown_by_itself(lingang, read, show):
    page = read(f"/en/sources/press-conference-2022-08-20/?show={show}&as_of=2026-11-01")
    text = " ".join(SourceText(page.html).paragraphs)
    assert ("hold WAIC developer conferences" in text) == (show == "pledges")
    assert ("At the press conference" in text) == (show == "others")
    assert "[…] […]" not in text
    assert page.faults == []
    # Links into the text lead to the whole of it, on the same day.
    whole = "/en/sources/press-conference-2022-08-20/?as_of=2026-11-01"
    assert {f"{whole}#aside-ref-1", f"{whole}#note-ref-X1"} <= set(page.links)
    (chosen,) = [a for a in page.with_class("chip") if "aria-current" in a]
    assert f"show={show}" in chosen["href"]


def test_a_part_that_there_is_not_shows_the_whole_text(lingang, read):
    page = read("/en/sources/press-conference-2022-08-20/?show=nothing")
    assert len(page.texts("mark")) >= 25
