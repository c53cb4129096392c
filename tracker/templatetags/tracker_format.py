"""How values are printed. Formatting only: nothing here asks the database."""

from urllib.parse import urlencode

from django import template
from django.urls import translate_url
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.rules.translation import Wording
from tracker.vocabulary import DatePrecision, Language, Role, Status

register = template.Library()


@register.filter
def said(wording: Wording) -> str:
    """A wording as text; where it is not in the reader's language, marked so."""
    if not wording.is_fallback:
        return wording.text
    note = (
        _("Only in Chinese so far")
        if wording.language == Language.ZH_HANS
        else _("Only in English so far")
    )
    return format_html(
        '<span lang="{}">{}</span> <span class="fallback-note">({})</span>',
        wording.language.value,
        wording.text,
        note,
    )


@register.filter
def status(code: str) -> Status:
    """The status with a code, for its label, definition and tone."""
    return Status(code)


@register.filter
def role_label(code: str) -> str:
    return Role(code).label


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
def dated(address: str, asof) -> str:
    """An address that keeps the day that the page is read for."""
    parameters = asof.parameters if asof else {}
    if not parameters:
        return address
    path, mark, anchor = address.partition("#")
    joint = "&" if "?" in path else "?"
    return f"{path}{joint}{urlencode(parameters)}{mark}{anchor}"


@register.simple_tag(takes_context=True)
def this_page_in(context, language: str) -> str:
    """The address of this page in another language, its parameters kept."""
    return translate_url(context["request"].get_full_path(), language)
