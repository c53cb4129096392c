from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect, push_url, replace_url

from tracker.forms.pledges import Asked, asked
from tracker.models import Indicator, Passage, Pledge
from tracker.queries.facets import facets_on
from tracker.queries.search import finds, meant
from tracker.queries.timeline import due_slippage, steps, timeline
from tracker.queries.words import Words
from tracker.rules.asof import AsOf
from tracker.rules.search import Correction, Term, terms
from tracker.views.asof import asof_form, render_asof, today
from tracker.views.parameters import applied, asking, query_of
from tracker.views.pledge_cards import cards, read, rendered
from tracker.vocabulary import Language

PAGE_SIZE = 25
RELATED = 5


def pledge_list(request: HttpRequest) -> HttpResponse:
    """The pledges that the reader asks for, page by page; to htmx, the parts that change."""
    typed = found = asked(request.GET, today=today())
    # A search that finds nothing is set right by the record's own words, once, and says so.
    correction = _correction(found)
    if correction:
        found = asked(_searching(request, correction.meant), today=today())
    paginator = Paginator([] if found.errors else found.filter.listed, PAGE_SIZE)
    try:
        page = paginator.page(request.GET.get("page") or 1)
    except InvalidPage:
        raise Http404(_("There is no such page of this list.")) from None
    wanted = _wanted(found)
    context = {
        "asof": found.asof,
        "asof_form": found.asof_form,
        "form": typed.filter.form,
        "filter": found.filter,
        "page": page,
        "cards": _cards(page.object_list, wanted, found),
        "query": asking(request, q=correction.meant) if correction else query_of(request),
        "correction": correction,
        "exactly": asking(request, q=_quoted(request.GET.get("q", ""))),
        "wanted": wanted,
        "applied": [] if found.errors else applied(request, found.filter.form, found.asof_form),
    }
    return _rendered(request, context, is_valid=not found.errors)


def _rendered(request: HttpRequest, context: dict, *, is_valid: bool) -> HttpResponse:
    if not request.htmx or request.htmx.history_restore_request:
        status = 200 if is_valid else 400
        response = render(request, "tracker/pledge_list.html", context, status=status)
    else:
        query = query_of(request)
        address = f"{request.path}?{query}" if query else request.path
        if not is_valid:
            # What is wrong is said by the page itself.
            response = HttpResponseClientRedirect(address)
        else:
            response = render(request, "tracker/_pledge_list_parts.html", context)
            # What is typed letter by letter is one step back, each choice is one of its own.
            is_typed = request.htmx.trigger == "id_q"
            (replace_url if is_typed else push_url)(response, address)
    # One address, two answers: a browser that goes back must not get the parts.
    patch_vary_headers(response, ["HX-Request"])
    return response


def _correction(found: Asked) -> Correction | None:
    words = "" if found.errors else found.filter.form.cleaned_data["q"]
    # Where the words stand somewhere, other filters are why nothing is found.
    if not words or found.filter.wanted.found:
        return None
    return meant(words, found.asof)


def _searching(request: HttpRequest, words: str):
    parameters = request.GET.copy()
    parameters["q"] = words
    return parameters


def _quoted(words: str) -> str:
    """A search for the same words just as they stand."""
    return " ".join(str(Term(term.text, is_exact=True)) for term in terms(words))


def _wanted(found: Asked) -> list[Term]:
    return [] if found.errors else terms(found.filter.form.cleaned_data["q"])


def _cards(keys: Sequence[int], wanted: list[Term], found: Asked) -> list[str]:
    """The cards of a page's pledges; in a search each tells where the words stand."""
    if not wanted:
        return cards(keys, found.filter.day, found.asof)
    pledges = read(keys, found.asof)
    places = finds(pledges, wanted, found.asof, Language.of(get_language()))
    return [
        rendered(pledge, found.asof, wanted=wanted, finds=places.get(pledge.pk, []))
        for pledge in pledges
    ]


@dataclass(frozen=True)
class Kin:
    """The other pledges that a pledge's page names, as of its day."""

    parent: Pledge | None
    children: list[Pledge]
    related: list[Pledge]


def _kin(pledge: Pledge, asof: AsOf) -> Kin:
    """All at once, by their keys: to read where pledges stand is what costs, not how many."""
    keys = facets_on(asof).related(pledge.pk, RELATED)
    # Asked before and not in the same breath: "a part of it, or one of these keys" is answered by
    # no index where the table is a view (`models.public`).
    parts = Pledge.objects.published().filter(parent=pledge).values_list("pk", flat=True)
    named = Pledge.objects.seen(asof).filter(
        pk__in=[*keys, *parts, *filter(None, [pledge.parent_id])]
    )
    found = {other.pk: other for other in named.order_by("code")}
    children = [other for other in found.values() if other.parent_id == pledge.pk]
    related = Words(asof.known_on).pledges([found[key] for key in keys if key in found])
    return Kin(found.get(pledge.parent_id), children, list(related))


def pledge_detail(request: HttpRequest, code: str, slug: str = "") -> HttpResponse:
    """One pledge: its wording, where it stands and why, every entry with its evidence."""
    form = asof_form(request)
    asof = form.asof()
    pledge = get_object_or_404(Pledge.objects.seen(asof).with_names(), code=code)
    if slug and slug != pledge.slug:
        query = query_of(request)
        return redirect(pledge.get_absolute_url() + (f"?{query}" if query else ""))
    (pledge,) = Words(asof.known_on).pledges([pledge])
    record = timeline(pledge, asof)
    kin = _kin(pledge, asof)
    return render_asof(
        request,
        "tracker/pledge_detail.html",
        form,
        {
            "pledge": pledge,
            "flags": pledge.flags_then,
            "timeline": record,
            "due_slippage": due_slippage(pledge, record),
            "steps": steps(record.counting, asof.day),
            "indicators": Indicator.objects.seen(asof).filter(pledge=pledge),
            "passages": Passage.objects.filter(pledge=pledge).select_related("source"),
            "children": kin.children,
            "parent": kin.parent,
            "related": kin.related,
            "responsibilities": pledge.responsibilities.all(),
        },
    )
