"""What the public page will look like: rendered by its own template, kept nowhere."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from tracker.models import Evidence, Milestone, MilestoneChange, Passage, Pledge, Update
from tracker.queries.preview import Foreseen, foresee

#: What a sent form says to the desk alone.
_OF_THE_DESK = {"csrfmiddlewaretoken", "language"}


def preview(desk, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
    """The page with what the sent form says; without a form, with what is kept of the update."""
    update = _opened(desk, request, object_id)
    if update and update.is_published:
        return redirect(update.get_absolute_url())
    at = timezone.now()
    if request.method == "POST":
        faults, typed = _typed(desk, request, update)
    else:
        faults = []
        typed = (update, list(update.evidence.all()), _changes_of(update))
    language = request.POST.get("language") or request.GET.get("language")
    if language not in dict(settings.LANGUAGES):
        language = translation.get_language()
    context = {
        "faults": faults,
        "update": update,
        "sent": _sent(request),
        "page_of_update": desk.page_of(update) if update else "",
    }
    with translation.override(language):
        if not faults:
            context |= _page(foresee(*typed, at=at))
        response = render(request, "admin/tracker/update/preview.html", context)
    response["Content-Language"] = language
    response["X-Robots-Tag"] = "noindex"
    return response


def _opened(desk, request, object_id: str | None) -> Update | None:
    """The update that the preview is of; None for one that is not kept yet."""
    if object_id is None:
        if request.method != "POST":
            raise Http404
        if not desk.has_add_permission(request):
            raise PermissionDenied
        return None
    update = desk.get_object(request, object_id)
    if update is None:
        raise Http404
    # Who sends a form must be one who may write; who looks at what is kept, one who may see it.
    may = desk.has_change_permission if request.method == "POST" else desk.has_view_permission
    if not may(request, update):
        raise PermissionDenied
    return update


def _typed(desk, request, update):
    """The faults of the sent form; where there are none, the update, evidence and changes."""
    fields = flatten_fieldsets(desk.get_fieldsets(request, update))
    form_class = desk.get_form(request, update, change=update is not None, fields=fields)
    form = form_class(request.POST, request.FILES, instance=update)
    rows, _inlines = desk._create_formsets(request, form.instance, change=update is not None)
    valid = [form.is_valid(), *(each.is_valid() for each in rows)]
    if not all(valid):
        return list(_faults(form, rows)), None
    kept = {each.model: list(_rows(each)) for each in rows}
    changes = [*kept[MilestoneChange], *_begun(form)]
    return [], (form.instance, kept[Evidence], changes)


def _rows(formset) -> Iterator[Evidence | MilestoneChange]:
    """What the rows would be: those that are kept and not taken out, and those filled in."""
    for form in formset.forms:
        if form not in formset.deleted_forms and (form.instance.pk or form.has_changed()):
            yield form.instance


def _begun(form) -> Iterator[MilestoneChange]:
    new = form.new_milestone()
    if new:
        due = {"original_due_on": new["due_on"], "original_due_precision": new["due_precision"]}
        milestone = Milestone(title_en=new["title_en"], title_zh=new["title_zh"], order=9999, **due)
        milestone.clean()
        yield MilestoneChange(
            milestone=milestone,
            due_on=milestone.original_due_on,
            due_precision=milestone.original_due_precision,
        )


def _faults(form, formsets) -> Iterator[tuple[str, str]]:
    """Each fault of a sent form: the field's name, and what mends it."""
    for each in [form, *(row for formset in formsets for row in formset.forms)]:
        for name, errors in each.errors.items():
            label = each.fields[name].label if name in each.fields else ""
            for error in errors:
                yield str(label or ""), str(error)
    for formset in formsets:
        for error in formset.non_form_errors():
            yield "", str(error)


def _changes_of(update: Update) -> list[MilestoneChange]:
    return list(update.milestone_changes.select_related("milestone"))


def _sent(request) -> list[tuple[str, str]]:
    """The form as it was sent, to ask for the same page in the other language."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _OF_THE_DESK
        for value in values
    ]


def _page(seen: Foreseen) -> dict:
    """What `tracker/pledge_detail.html` shows."""
    pledge = seen.pledge
    children = Pledge.objects.seen(seen.asof).filter(parent=pledge)
    return {
        "asof": seen.asof,
        "pledge": pledge,
        "flags": pledge.flags(seen.asof.day),
        "timeline": seen.timeline,
        "steps": seen.steps,
        "passages": Passage.objects.filter(pledge=pledge).select_related("source"),
        "children": children.order_by("code"),
        "parent": Pledge.objects.seen(seen.asof).filter(pk=pledge.parent_id).first(),
        "responsibilities": pledge.responsibilities.all(),
    }
