"""What pages tell programs: those that show a shared address, and those that read data."""

import json
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tracker.reports.base import Report

register = template.Library()

#: The short names under which DCAT's words stand beside those of schema.org.
DCAT = {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/"}
#: How programs that show shared addresses name our languages.
LOCALES = {"en": "en_US", "zh-hans": "zh_CN"}
#: Inside a script these would end it, or begin a comment; in JSON they may be written so.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


class Remembered(template.Node):
    """Prints what is inside, and keeps it under a name for the rest of the page's head."""

    def __init__(self, name: str, nodelist: template.NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context):
        text = self.nodelist.render(context)
        context[self.name] = mark_safe(text.strip())  # noqa: S308  # nosec B308 B703  # rendered, and so escaped
        return context[self.name]


@register.tag
def remember(parser, token):
    """`{% remember name %}…{% endremember %}`: a block can be printed only once, this twice."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endremember",))
    parser.delete_first_token()
    return Remembered(name, nodelist)


@register.simple_tag
def locale_of(language: str) -> str:
    return LOCALES[language]


@register.simple_tag
def other_locale(language: str) -> str:
    return next(LOCALES[code] for code, _name in settings.LANGUAGES if code != language)


@register.simple_tag(takes_context=True)
def linked_pledge(context, description: str) -> SafeString:
    """A pledge's page for programs, in the words of schema.org.

    The pledge is a text that somebody published. Where it stands is no property that schema.org
    has for such a text, and it is no review of a claim: so it stands in the description only.
    """
    request, pledge = context["request"], context["pledge"]
    latest = context["timeline"].latest
    url = request.build_absolute_uri(pledge.get_absolute_url())
    home = request.build_absolute_uri(reverse("tracker:home"))
    pledges = request.build_absolute_uri(reverse("tracker:pledge-list"))
    site = {"@type": "WebSite", "@id": f"{home}#site", "name": _("Lingang Pledge Tracker")}
    page = {
        "@type": "WebPage",
        "@id": url,
        "url": url,
        "name": str(pledge),
        "description": str(description),
        "inLanguage": get_language(),
        "isPartOf": site | {"url": home},
        "breadcrumb": {"@id": f"{url}#way"},
        "mainEntity": {"@id": f"{url}#pledge"},
    }
    if latest:
        page["dateModified"] = latest.update.published_on.isoformat()
    text = {
        "@type": "CreativeWork",
        "@id": f"{url}#pledge",
        "identifier": pledge.code,
        "name": str(pledge.title),
        "text": pledge.wording,
        "inLanguage": pledge.wording_language,
        "datePublished": pledge.announced_on.isoformat(),
        "isPartOf": {"@type": "CreativeWork", "name": str(pledge.programme.name)},
    }
    way = [(_("Home"), home), (_("Pledges"), pledges), (pledge.code, url)]
    return _linked({"@graph": [page, text, _breadcrumbs(f"{url}#way", way)]})


@register.simple_tag(takes_context=True)
def linked_data(context, description: str) -> SafeString:
    """The record as a data set, with a download for each report, in the words of schema.org and
    of DCAT, by which data portals list each other's sets."""
    request, licence = context["request"], context["licence"].address
    url = request.build_absolute_uri(reverse("tracker:data"))
    return _linked(
        {
            "@context": ["https://schema.org", DCAT],
            "@type": ["Dataset", "dcat:Dataset"],
            "@id": f"{url}#record",
            "url": url,
            "name": _("The record of the Lingang Pledge Tracker"),
            "description": str(description),
            "inLanguage": ["en", "zh-hans"],
            "isAccessibleForFree": True,
            "license": licence,
            "dct:title": _("The record of the Lingang Pledge Tracker"),
            "dct:description": str(description),
            "dct:license": {"@id": licence},
            "dcat:landingPage": {"@id": url},
            "distribution": [_distribution(request, report) for report in context["reports"]],
            "dcat:distribution": [
                {"@id": f"{url}#report-{report.name}"} for report in context["reports"]
            ],
        }
    )


def _distribution(request, report: Report) -> dict[str, Any]:
    """One report's CSV, with what describes its columns."""
    page = request.build_absolute_uri(reverse("tracker:data"))
    address = request.build_absolute_uri(reverse("tracker:report-csv", args=[report.name]))
    key = request.build_absolute_uri(reverse("tracker:data-csvw"))
    return {
        "@id": f"{page}#report-{report.name}",
        "@type": ["DataDownload", "dcat:Distribution"],
        "name": str(report.title),
        "description": str(report.description),
        "encodingFormat": "text/csv",
        "contentUrl": address,
        "dct:title": str(report.title),
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {"@id": "https://www.iana.org/assignments/media-types/text/csv"},
        "dct:conformsTo": {"@id": key},
    }


def _breadcrumbs(identifier: str, way: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "@type": "BreadcrumbList",
        "@id": identifier,
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": address}
            for place, (name, address) in enumerate(way, start=1)
        ],
    }


def _linked(data: dict[str, Any]) -> SafeString:
    text = json.dumps({"@context": "https://schema.org"} | data, ensure_ascii=False)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text.translate(ESCAPES)),  # noqa: S308  # nosec B308 B703  # escaped for a script
    )
