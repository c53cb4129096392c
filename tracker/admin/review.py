"""Review: what is proposed beside what stands, what would be refused, and publishing many."""

import json
from dataclasses import dataclass

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.actions import updates as steps
from tracker.actions.updates import Refused
from tracker.models import Pledge, Update
from tracker.queries.comparison import Line, corrected, proposed
from tracker.rules.dates import day_of
from tracker.rules.publishing import refusals
from tracker.vocabulary import Refusal


@dataclass(frozen=True)
class Row:
    """One update that is to be published: where its pledge stands, and what stands against it."""

    update: Update
    lines: list[Line]
    refusals: list[Refusal]


@dataclass(frozen=True)
class Outcome:
    """What came of one update: the entry that it is now, or why it is none."""

    update: Update
    entry: Update | None = None
    reasons: tuple[str, ...] = ()


def against(update: Update, reviewer) -> list[Refusal]:
    """What would be refused if `reviewer` published it now."""
    if not update.allows("publish"):
        return [Refusal.NOT_AWAITING_REVIEW]
    return list(refusals(update.proposal(), on=day_of(timezone.now()), reviewer=reviewer.pk))


def compared(update: Update) -> list[Line]:
    """The update beside where its pledge stands today."""
    pledge = Pledge.objects.as_of().get(pk=update.pledge_id)
    return proposed(update, pledge, pledge.milestones.as_of(day_of(timezone.now())))


def waiting_for(person, *, besides: Update | None = None):
    """The updates that `person` could review next, the longest waiting first."""
    mine = Update.objects.awaiting_review().filter(pledge__in=Pledge.objects.in_care_of(person))
    mine = mine.select_related("pledge")
    return mine.exclude(pk=besides.pk) if besides else mine


def review_context(desk, request: HttpRequest, update: Update) -> dict:
    """What the page of an update says to a reviewer, or of a correction to anybody."""
    context = {"changed": corrected(update)}
    if not request.user.has_perm("tracker.publish_update"):
        return context
    waiting = list(waiting_for(request.user, besides=update)[:1])
    context["next_waiting"] = waiting[0] if waiting else None
    if update.allows("publish"):
        context |= {
            "may_review": True,
            "review_lines": compared(update),
            "review_refusals": against(update, request.user),
            "review_writers": update.writers.order_by("pk"),
            "publish_address": desk.step_address(update, "publish"),
            "return_address": desk.step_address(update, "return"),
            "preview_address": desk.preview_address(update),
        }
    return context


@admin.action(
    description=gettext_lazy("Publish the chosen updates, one entry each"), permissions=["publish"]
)
def publish_chosen(desk, request: HttpRequest, queryset):
    """Asks first, row by row; then publishes each by itself and says what came of it."""
    chosen = list(queryset.order_by("submitted_at", "pk").prefetch_related("evidence"))
    context = {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "title": _("Publish the chosen updates"),
        "checkbox_name": ACTION_CHECKBOX_NAME,
    }
    if request.POST.get("confirmed"):
        asked = set(request.POST.getlist(ACTION_CHECKBOX_NAME))
        context["outcomes"] = [_outcome(desk, request, update) for update in chosen]
        context["missing"] = len(asked - {str(update.pk) for update in chosen})
        # What was refused just now is not offered again at once.
        context["next_waiting"] = (
            waiting_for(request.user).exclude(pk__in=[update.pk for update in chosen]).first()
        )
        return TemplateResponse(request, "admin/tracker/update/published_many.html", context)
    context["rows"] = [
        Row(update, compared(update), against(update, request.user)) for update in chosen
    ]
    # What the reviewer looks at here, as the desk's lists carry it.
    versions = {str(update.pk): {"version": update.version} for update in chosen}
    context["opened"] = json.dumps(versions)
    return TemplateResponse(request, "admin/tracker/update/publish_many.html", context)


def _outcome(desk, request: HttpRequest, update: Update) -> Outcome:
    try:
        seen = desk.seen(request, update)
        with transaction.atomic():
            entry = steps.publish(update, by=request.user, at=timezone.now(), seen=seen)
            desk.log_change(request, entry, _("Published as entry %d.") % entry.sequence)
    except Refused as refused:
        return Outcome(update, reasons=tuple(str(one.label) for one in refused.refusals))
    except PermissionDenied:
        return Outcome(update, reasons=(_("You may not publish this one."),))
    return Outcome(update, entry=entry)
