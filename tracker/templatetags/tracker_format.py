"""How values are printed. Formatting only: nothing here asks the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from html import unescape
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template.defaultfilters import linebreaks_filter
from django.urls import translate_url
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from tracker.models import Update
from tracker.queries.comparison import Line, corrected
from tracker.queries.summary import StatusCount
from tracker.reports.base import Kind
from tracker.reports.csv import written
from tracker.rules.search import Piece, Term, pieces
from tracker.rules.slippage import Shift, Slippage, Unit
from tracker.rules.translation import Wording
from tracker.vocabulary import DatePrecision, Language, MilestoneState, Role, Status

register = template.Library()

#: So many rows of a kind are on a page that has no other pages.
SHOWN = 200

KINDS = {
    Kind.TEXT: gettext_lazy("Text"),
    Kind.CODE: pgettext_lazy("what a column holds", "Code"),
    Kind.INTEGER: gettext_lazy("Whole number"),
    Kind.DECIMAL: gettext_lazy("Decimal number"),
    Kind.DATE: gettext_lazy("Date"),
    Kind.BOOLEAN: gettext_lazy("True or false"),
}


def _fallback_note(wording: Wording) -> str:
    if wording.language == Language.ZH_HANS:
        return _("Only in Chinese so far")
    return _("Only in English so far")


@register.filter
def said(wording: Wording, wanted: Sequence[Term] = ()) -> str:
    """A wording as text; where it is not in the reader's language, marked so.

    With the words of a search, `wanted`, these are marked in it.
    """
    text = marked(wording.text, wanted) if wanted else wording.text
    if not wording.is_fallback:
        return text
    return format_html(
        '<span lang="{}">{}</span> <span class="fallback-note">({})</span>',
        wording.language.value,
        text,
        _fallback_note(wording),
    )


@register.filter
def marked(text: str, wanted: Sequence[Term] = ()) -> str:
    """A text in which the words of a search are marked."""
    return marked_pieces(pieces(text, wanted)) if wanted else text


@register.filter
def marked_pieces(cut: Iterable[Piece]) -> str:
    return format_html_join(
        "",
        "{}{}{}",
        (
            (mark_safe("<mark>"), piece.text, mark_safe("</mark>"))  # nosec B308  # two constants
            if piece.is_found
            else ("", piece.text, "")
            for piece in cut
        ),
    )


@register.filter
def shortened(wording: Wording, characters: int) -> Wording:
    """The beginning of a wording."""
    return replace(wording, text=Truncator(wording.text).chars(characters))


@register.filter
def prose(wording: Wording) -> str:
    """A wording of some length in paragraphs; `said` for a block."""
    paragraphs = linebreaks_filter(wording.text)
    if not wording.is_fallback:
        return paragraphs
    return format_html(
        '<p class="fallback-note">{}</p><div lang="{}">{}</div>',
        _fallback_note(wording),
        wording.language.value,
        paragraphs,
    )


@register.filter
def status(code: str) -> Status:
    """The status with a code, for its label, definition and tone."""
    return Status(code)


@register.filter
def milestone_state(code: str) -> str:
    return MilestoneState(code).label


@register.filter
def corrections(update: Update) -> list[Line]:
    """What a correction, come with its details, changes of the entry that it corrects."""
    return corrected(update)


@register.filter
def role_label(code: str) -> str:
    return Role(code).label


@register.filter
def kind_label(kind: Kind) -> str:
    """What a report's column holds, in a word."""
    return str(KINDS[kind])


@register.filter
def cell(value) -> str:
    """A value of a report as its CSV has it."""
    return written(value)


@register.filter
def day(on: date | None) -> str:
    """A day as its reader writes it, and as a machine reads it; nothing for none."""
    return "" if on is None else _day(on, get_language())


@lru_cache(maxsize=4096)
def _day(on: date, language: str) -> str:
    return format_html(
        '<time datetime="{}">{}</time>', on.isoformat(), date_format(on, "DATE_FORMAT")
    )


@register.simple_tag
def due(due_on, precision: str) -> str:
    """A due date as exactly as it is stated: a day, a month, a year, or that none is stated."""
    if not due_on or precision == DatePrecision.NONE:
        return _("No date stated")
    if precision == DatePrecision.YEAR:
        return date_format(due_on, "Y" if get_language() == "en" else "Y年")
    if precision == DatePrecision.MONTH:
        return date_format(due_on, "YEAR_MONTH_FORMAT")
    return date_format(due_on, "DATE_FORMAT")


@register.filter
def number(value: Decimal | None) -> str:
    """A measured value without the zeros that only fill its column."""
    if value is None:
        return ""
    digits = f"{value:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return number_format(digits, force_grouping=True)


@register.filter
def moved(slippage: Slippage) -> str:
    """How a due date moved, in words; nothing where it did not."""
    count = len(slippage.moves)
    if not count:
        return ""
    if slippage.now.on is None:
        return _("Taken back: no date is stated any more")
    if slippage.first.on is None:
        return _("No date was stated at first")
    times = {1: _("once"), 2: _("twice")}.get(count) or _("%(n)d times") % {"n": count}
    shift = slippage.shift
    if shift is None:
        return _("Due date moved %(times)s, back to the first one") % {"times": times}
    if shift.is_later:
        return _("Due date moved %(times)s, by %(span)s") % {"times": times, "span": span(shift)}
    return _("Due date moved %(times)s, %(span)s earlier than at first") % {
        "times": times,
        "span": span(shift),
    }


@register.filter
def span(shift: Shift) -> str:
    """How far one due date lies from another."""
    n = shift.count
    if shift.unit is Unit.YEAR:
        return ngettext("%(n)d year", "%(n)d years", n) % {"n": n}
    if shift.unit is Unit.MONTH:
        return ngettext("%(n)d month", "%(n)d months", n) % {"n": n}
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


@register.filter
def days_before(asof, day: date) -> int:
    """How many days before the day that the page is read for a day was."""
    return (asof.day - day).days


@dataclass(frozen=True)
class Part:
    """One stretch of a bar, in percent of its length, written as SVG wants it."""

    status: Status
    start: str
    length: str


@register.filter
def stacked(counts: Iterable[StatusCount]) -> list[Part]:
    """The counts end to end, each as long as its share."""
    parts, start = [], 0.0
    for count in counts:
        parts.append(Part(count.status, f"{start:.3f}", f"{count.share:.3f}"))
        start += count.share
    return parts


@register.filter
def dated(address: str, asof) -> str:
    """An address that keeps the day that the page is read for."""
    parameters = asof.parameters if asof else {}
    if not parameters:
        return address
    path, mark, anchor = address.partition("#")
    joint = "&" if "?" in path else "?"
    return f"{path}{joint}{urlencode(parameters)}{mark}{anchor}"


@register.filter
def dated_always(address: str, asof) -> str:
    """An address that names the day that the page is read for, also where that is today."""
    parameters = asof.parameters or {"as_of": asof.day.isoformat()}
    return f"{address}?{urlencode(parameters)}"


@register.simple_tag
def narrowed(address: str, asof=None, **parameters) -> str:
    """The address of a list with more parameters, the day that the page is read for kept."""
    joint = "&" if "?" in address else "?"
    return dated(f"{address}{joint}{urlencode(parameters)}", asof)


@register.simple_tag(takes_context=True)
def this_page_in(context, language: str) -> str:
    """The address of this page in another language, its parameters kept."""
    address = context["request"].get_full_path()
    translated = address if language == get_language() else translate_url(address, language)
    if translated != address or language == get_language():
        return translated
    # No page of ours, and so nothing to translate: the language in front is changed all the same.
    for code, _name in settings.LANGUAGES:
        if address.startswith(f"/{code}/"):
            return f"/{language}/{address.removeprefix(f'/{code}/')}"
    return f"/{language}/"


@register.filter
def in_language(address: str, language: str) -> str:
    """An address of ours, printed already, in another language."""
    plain = unescape(address)
    # To look an address up is slow, and in the page's own language it is what it is.
    return plain if language == get_language() else translate_url(plain, language)


@register.simple_tag(takes_context=True)
def this_page_with(context, names: str) -> str:
    """The address of this page with its parameters `names` alone: no other makes another page."""
    request = context["request"]
    asked = [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if value and name in names.split()
    ]
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


@register.simple_tag(takes_context=True)
def this_page_today(context) -> str:
    """The address of this page without the days that it asks for."""
    request = context["request"]
    parameters = request.GET.copy()
    for name in ("as_of", "known_on", "page"):
        parameters.pop(name, None)
    return f"{request.path}?{parameters.urlencode()}" if parameters else request.path


@register.filter
def other_parameters(request, names: str) -> list[tuple[str, str]]:
    """What an address asks for, but for the parameters `names` and what is empty."""
    return [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if value and name not in names.split()
    ]


@register.simple_tag(takes_context=True)
def absolute(context, address: str) -> str:
    """An address of this site with the site's name in front."""
    return context["request"].build_absolute_uri(address)


@register.filter
def shown(rows: Sequence[Any]) -> Sequence[Any]:
    """As many of `rows` as a page that tells of all of them prints."""
    return rows[:SHOWN]


@register.filter
def left_out(count: int) -> int:
    """How many of so many rows are not `shown`."""
    return max(count - SHOWN, 0)
