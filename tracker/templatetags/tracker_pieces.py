"""Pieces of pages that cost more than they say: what never changes, and long lists of choices.

Django's template language is slow where a page says a hundred small things. What rests on nothing
but the program and the reader's language is printed once and kept; choices are joined here.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context, Template, engines
from django.template.base import FilterExpression
from django.urls import get_script_prefix
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tracker.vocabulary import Status

register = template.Library()

BADGE = "components/status_badge.html"

#: So many variants of one piece are kept; then it begins anew. Values and days may come from an
#: address.
MOST = 200


class Constant(template.Node):
    """Prints what is inside, from its memory where it printed the same before.

    The memory is this node's own, and so lives as long as the template: an edited one begins anew.
    """

    def __init__(self, values: list[FilterExpression], nodelist: template.NodeList) -> None:
        self.values = values
        self.nodelist = nodelist
        self.kept: dict[tuple, SafeString] = {}

    def render(self, context):
        asof = context.get("asof")
        key = (
            get_language(),
            get_script_prefix(),
            # Addresses carry the day along.
            *(asof.parameters.items() if asof else ()),
            *(value.resolve(context) for value in self.values),
        )
        found = self.kept.get(key)
        if found is None:
            found = self.nodelist.render(context)
            if len(self.kept) >= MOST:
                self.kept.clear()
            self.kept[key] = found
        return found


@register.tag
def constant(parser, token):
    """`{% constant value … %}…{% endconstant %}`: what rests on the values, the language and
    nothing else. Nothing of the record, of the request or of a person may be printed inside."""
    values = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(("endconstant",))
    parser.delete_first_token()
    return Constant(values, nodelist)


@register.simple_tag
def badge(status: str) -> SafeString:
    """A status as shape, word and colour: a page may have dozens, and there are few of them."""
    return _badge(engines["django"].get_template(BADGE).template, Status(status), get_language())


@lru_cache(maxsize=64)
def _badge(template: Template, status: Status, language: str) -> SafeString:
    return template.render(Context({"status": status}))


@register.simple_tag
def choices(options: Iterable[Any]) -> SafeString:
    """The options of a filter, each with how many pledges it gives, for a `<select>`."""
    counted = _("%(label)s (%(n)s)")
    lines = []
    for option in options:
        label = conditional_escape(option.label)
        if option.count is not None:
            label = counted % {"label": label, "n": option.count}
        value = conditional_escape(option.value)
        chosen = " selected" if option.is_chosen else ""
        none = ' class="is-none"' if option.count == 0 else ""
        lines.append(f'<option value="{value}"{chosen}{none}>{label}</option>')
    return mark_safe("\n".join(lines))  # noqa: S308  # nosec B308 B703  # escaped above


@register.simple_tag
def choice_count(count: int | None) -> SafeString | str:
    """How many pledges a choice gives; nothing where that cannot be said."""
    if count is None:
        return ""
    word = conditional_escape(ngettext("pledge", "pledges", count))
    return mark_safe(  # noqa: S308  # nosec B308 B703  # numbers, and an escaped word
        f'<span class="choice-count">{count}<span class="visually-hidden"> {word}</span></span>'
    )
