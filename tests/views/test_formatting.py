"""How values are printed: `templatetags/tracker_format.py`."""

from datetime import date

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from tracker.queries.summary import StatusCount
from tracker.rules.asof import AsOf
from tracker.rules.translation import Wording
from tracker.templatetags import tracker_format as formats
from tracker.vocabulary import Language, Status

# How a page looks and what it says of itself does not depend on the database: one is enough.
pytestmark = pytest.mark.sqlite_only

TODAY = date(2026, 11, 23)
CHINESE = Wording("一\n\n二", Language.ZH_HANS, is_fallback=True)


def test_a_wording_in_the_reader_s_language_is_just_said():
    wording = Wording("One.\n\nTwo.", Language.EN)
    assert formats.said(wording) == "One.\n\nTwo."
    assert formats.prose(wording) == "<p>One.</p>\n\n<p>Two.</p>"


def test_a_wording_in_the_other_language_is_marked_and_says_so():
    assert formats.said(Wording("一", Language.ZH_HANS, is_fallback=True)) == (
        '<span lang="zh-hans">一</span> <span class="fallback-note">(Only in Chinese so far)</span>'
    )
    assert formats.prose(CHINESE) == (
        '<p class="fallback-note">Only in Chinese so far</p>'
        '<div lang="zh-hans"><p>一</p>\n\n<p>二</p></div>'
    )


@pytest.mark.parametrize("print_", [formats.said, formats.prose])
@pytest.mark.parametrize("is_fallback", [True, False])
def test_a_wording_is_never_markup(print_, is_fallback):
    text = Template("{{ text }}").render(
        Context({"text": print_(Wording("<b>&", Language.ZH_HANS, is_fallback))})
    )
    assert "<b>" not in text
    assert "&lt;b&gt;&amp;" in text


def test_the_beginning_of_a_wording_keeps_its_language():
    assert formats.shortened(Wording("abcdef", Language.EN), 4) == Wording("abc…", Language.EN)
    assert formats.shortened(CHINESE, 9) == CHINESE


def test_a_day_is_written_for_readers_and_for_machines():
    assert formats.day(TODAY) == '<time datetime="2026-11-23">Nov. 23, 2026</time>'
    assert formats.day(date(1, 1, 1)) == '<time datetime="0001-01-01">Jan. 1, 0001</time>'
    assert formats.day(None) == ""


def test_counts_stand_end_to_end():
    parts = formats.stacked(
        [StatusCount(Status.KEPT, 1, 100 / 3), StatusCount(Status.STALLED, 2, 200 / 3)]
    )
    assert [(p.status, p.start, p.length) for p in parts] == [
        (Status.KEPT, "0.000", "33.333"),
        (Status.STALLED, "33.333", "66.667"),
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/en/", "/en/?as_of=2024-01-01"),
        ("/en/?q=1", "/en/?q=1&as_of=2024-01-01"),
        ("/en/#here", "/en/?as_of=2024-01-01#here"),
    ],
)
def test_an_address_keeps_the_day(address, expected):
    assert formats.dated(address, AsOf(TODAY, date(2024, 1, 1))) == expected
    assert formats.dated(address, AsOf(TODAY)) == address
    assert formats.dated(address, AsOf(TODAY, TODAY)) == address
    assert formats.dated(address, None) == address


def test_a_list_is_narrowed_step_by_step():
    pillar = formats.narrowed("/en/pledges/", pillar=1)
    assert pillar == "/en/pledges/?pillar=1"
    narrower = formats.narrowed(pillar, AsOf(TODAY, date(2024, 1, 1)), status="kept")
    assert narrower == "/en/pledges/?pillar=1&status=kept&as_of=2024-01-01"


@pytest.mark.parametrize(
    ("address", "language", "expected"),
    [
        ("/en/pledges/?q=a%20b", "zh-hans", "/zh-hans/pledges/?q=a%20b"),
        ("/en/pledges/?q=a", "en", "/en/pledges/?q=a"),
        ("/en/nowhere/?q=a", "zh-hans", "/zh-hans/nowhere/?q=a"),
        ("/nowhere", "zh-hans", "/zh-hans/"),
    ],
)
def test_a_page_has_an_address_in_each_language(address, language, expected):
    context = {"request": RequestFactory().get(address)}
    assert formats.this_page_in(context, language) == expected


def test_today_is_the_page_without_its_days():
    request = RequestFactory().get("/en/pledges/?q=a&as_of=2024-01-01&known_on=x&page=3")
    assert formats.this_page_today({"request": request}) == "/en/pledges/?q=a"
    request = RequestFactory().get("/en/?as_of=2024-01-01")
    assert formats.this_page_today({"request": request}) == "/en/"


def test_each_kind_of_column_has_a_word():
    for kind in formats.Kind:
        assert formats.kind_label(kind)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_status_has_a_shape_and_colours(language):
    with open("static/tracker.css") as file:
        sheet = file.read()
    with open("templates/components/glyphs.html") as file:
        shapes = file.read()
    with translation.override(language):
        for status in Status:
            assert f'id="glyph-{status.tone}"' in shapes
            assert f".tone-{status.tone} {{" in sheet
            # In the light and in the dark.
            assert sheet.count(f"  --{status.tone}: #") == 2
            assert sheet.count(f"  --{status.tone}-fill: #") == 2
