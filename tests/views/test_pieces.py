"""Pieces of pages that are printed once and kept, and choices joined in Python."""

from datetime import date

import pytest
from django.template import Context, Template
from django.utils.translation import override

from tracker.forms.pledges import Option
from tracker.rules.asof import AsOf
from tracker.templatetags import tracker_pieces
from tracker.templatetags.tracker_pieces import choice_count, choices
from tracker.vocabulary import Status

TODAY = date(2024, 5, 1)


@pytest.fixture
def piece():
    return Template("{% load i18n tracker_pieces %}{% constant kind %}{{ said }}{% endconstant %}")


def test_a_piece_is_printed_once_for_each_value_and_language(piece):
    def said(kind, word, language="en"):
        with override(language):
            return piece.render(Context({"kind": kind, "said": word}))

    assert said("a", "first") == "first"
    assert said("a", "second") == "first"
    assert said("b", "second") == "second"
    assert said("a", "第一", "zh-hans") == "第一"


def test_on_a_page_of_another_day_nothing_is_taken_and_nothing_left(piece):
    then = AsOf(TODAY, TODAY.replace(day=2, month=4))
    piece.render(Context({"kind": 1, "said": "today"}))
    assert piece.render(Context({"kind": 1, "said": "then", "asof": then})) == "then"
    assert piece.render(Context({"kind": 1, "said": "again"})) == "today"
    assert piece.render(Context({"kind": 1, "said": "again", "asof": AsOf(TODAY)})) == "today"


def test_a_badge_is_printed_once_for_each_status_and_language():
    page = Template("{% load tracker_pieces %}{% badge status %}")

    def said(status, language):
        with override(language):
            return page.render(Context({"status": status}))

    assert "In progress" in said("in_progress", "en")
    assert "推进中" in said(Status.IN_PROGRESS, "zh-hans")
    assert "In progress" in said("in_progress", "en")
    assert said("kept", "en") != said("stalled", "en")


def test_values_of_an_address_cannot_fill_the_memory(piece, monkeypatch):
    monkeypatch.setattr(tracker_pieces, "MOST", 3)
    for kind in range(10):
        piece.render(Context({"kind": kind, "said": kind}))
    (node,) = piece.nodelist.get_nodes_by_type(tracker_pieces.Constant)
    assert len(node.kept) <= 3


def test_what_choices_are_called_is_escaped():
    odd = '<b>&"'
    assert choices([Option(odd, odd, 2, is_chosen=True), Option("x", "X", 0, is_chosen=False)]) == (
        '<option value="&lt;b&gt;&amp;&quot;" selected>&lt;b&gt;&amp;&quot; (2)</option>\n'
        '<option value="x" class="is-none">X (0)</option>'
    )
    assert choices([Option("x", odd, None, is_chosen=False)]) == (
        '<option value="x">&lt;b&gt;&amp;&quot;</option>'
    )
    assert "1<span" in choice_count(1)
    assert choice_count(None) == ""
