from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from tracker.actions import periods as steps
from tracker.admin.audited import AuditedAdmin
from tracker.admin.steps import StepsAdmin, is_of_this_site, refusals_as_messages
from tracker.models import Period, Pledge, Programme
from tracker.queries.periods import completeness
from tracker.reports import REPORTS, freezing
from tracker.rules.closing import known_on
from tracker.rules.dates import day_of


def _chosen(request):
    """The pledges that a form names, those in this person's care only."""
    keys = [key for key in request.POST.getlist("pledge") if key.isascii() and key.isdigit()]
    return list(Pledge.objects.in_care_of(request.user).filter(pk__in=[k[:18] for k in keys]))


def _back(desk, request, period):
    """To the page that the form was on: the first page, a pledge's or the period's own."""
    asked = request.POST.get("next", "")
    if is_of_this_site(asked):
        return redirect(asked)
    return redirect(desk.page_of(period))


def _mark(desk, request, period):
    chosen = _chosen(request)
    if not chosen:
        messages.warning(request, _("Choose at least one pledge."))
        return _back(desk, request, period)
    with refusals_as_messages(request):
        marks = steps.mark(period, chosen, by=request.user, at=timezone.now())
        codes = ", ".join(mark.pledge.code for mark in marks)
        if codes:
            desk.log_change(request, period, _("Marked complete: %s.") % codes)
        messages.success(
            request,
            ngettext(
                "%(count)d entry is marked complete.",
                "%(count)d entries are marked complete.",
                len(chosen),
            )
            % {"count": len(chosen)},
        )
    return _back(desk, request, period)


def _unmark(desk, request, period):
    chosen = _chosen(request)
    with refusals_as_messages(request):
        steps.unmark(period, chosen, by=request.user)
        codes = ", ".join(pledge.code for pledge in chosen)
        desk.log_change(request, period, _("No longer marked complete: %s.") % codes)
        messages.success(request, _("No longer marked complete: %s.") % codes)
    return _back(desk, request, period)


def _close(desk, request, period):
    now = timezone.now()
    if not desk.has_close_permission(request):
        raise PermissionDenied
    with refusals_as_messages(request):
        missing = steps.close(
            period,
            by=request.user,
            at=now,
            files=list(freezing.files(period, closed_on=day_of(now))),
            although_missing=request.POST.get("although_missing") == "1",
        )
        # Who closed it although what was missing is told for ever.
        codes = ", ".join(pledge.code for pledge in missing) or _("nothing")
        desk.log_change(request, period, _("Closed. Missing: %s.") % codes)
        messages.success(request, _("The period is closed, and its reports are kept for ever."))
        return redirect(desk.page_of(period))
    return redirect(desk.closing_address(period))


@admin.register(Period)
class PeriodAdmin(StepsAdmin, AuditedAdmin):
    """Reporting periods: opened and closed by managers, marked complete by the bodies."""

    steps = {"mark": _mark, "unmark": _unmark, "close": _close}
    change_form_template = "admin/tracker/period/change_form.html"
    list_display = ("name_shown", "programme", "starts_on", "ends_on", "due_on", "state_shown")
    list_filter = ("programme",)
    list_select_related = ("programme",)
    prepopulated_fields = {"slug": ("name_en",)}
    fields = (
        "programme",
        ("name_en", "name_zh"),
        "slug",
        ("starts_on", "ends_on"),
        "due_on",
    )

    def get_urls(self):
        view = self.admin_site.admin_view(self.closing_view)
        own = [path("<path:object_id>/closing/", view, name="tracker_period_close")]
        return own + super().get_urls()

    @admin.display(description=gettext_lazy("name"), ordering="name_en")
    def name_shown(self, period):
        return str(period.name)

    @admin.display(description=gettext_lazy("state"), ordering="closed_at")
    def state_shown(self, period):
        if period.is_closed:
            return pgettext("state of a period", "Closed")
        return pgettext("state of a period", "Open")

    def view_on_site(self, obj):
        return obj.get_absolute_url() if obj.is_closed else None

    def closing_address(self, period):
        return reverse("admin:tracker_period_close", args=[period.pk])

    # --- who may do what ---------------------------------------------------------------

    # A period is every body's: only those who work for every body open, change and close it.

    def has_add_permission(self, request):
        return super().has_add_permission(request) and request.user.cares_for_all

    def has_change_permission(self, request, obj=None):
        return (
            super().has_change_permission(request, obj)
            and request.user.cares_for_all
            and not (obj and obj.is_closed)
        )

    def has_close_permission(self, request):
        return request.user.has_perm("tracker.close_period") and request.user.cares_for_all

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        # The entries that are marked complete are of this programme's pledges.
        return ("programme",) if obj else ()

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    # --- its pages ---------------------------------------------------------------------

    def get_changeform_initial_data(self, request):
        # Where there is one programme only, it is that one.
        programmes = list(Programme.objects.all()[:2])
        only = {"programme": programmes[0].pk} if len(programmes) == 1 else {}
        return only | super().get_changeform_initial_data(request)

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
        else:
            steps.open_(obj, by=request.user, at=timezone.now())

    def response_add(self, request, obj, post_url_continue=None):
        if "_addanother" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, _("The period is open: bodies can mark their entries complete."))
        return redirect(self.page_of(obj))

    def render_change_form(self, request, context, add=False, change=False, obj=None, **kwargs):
        if obj:
            mine = Pledge.objects.in_care_of(request.user).reported_in(obj)
            context |= {
                "completeness": completeness(obj, mine, by_whom=True),
                "may_mark": not obj.is_closed and request.user.has_perm("tracker.add_completion"),
                "may_unmark": (
                    not obj.is_closed and request.user.has_perm("tracker.delete_completion")
                ),
                "may_close": not obj.is_closed and self.has_close_permission(request),
                "may_edit": self.has_change_permission(request, obj),
                "is_over": day_of(timezone.now()) > obj.ends_on,
                "sees_all": request.user.cares_for_all,
                "mark_address": self.step_address(obj, "mark"),
                "unmark_address": self.step_address(obj, "unmark"),
                "closing_address": self.closing_address(obj),
                "files": obj.files.defer("content"),
            }
        return super().render_change_form(request, context, add, change, obj=obj, **kwargs)

    def closing_view(self, request, object_id):
        """Asks whether the period is to be closed, and says what is missing."""
        period = self.get_object(request, object_id)
        if period is None:
            raise Http404
        if not self.has_close_permission(request):
            raise PermissionDenied
        if period.is_closed:
            return redirect(self.page_of(period))
        today = day_of(timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Close this reporting period?"),
            "opts": self.opts,
            "period": period,
            "completeness": completeness(period),
            "is_over": today > period.ends_on,
            "known_on": known_on(today),
            "reports": REPORTS.values(),
            "close_address": self.step_address(period, "close"),
            "page_address": self.page_of(period),
        }
        return TemplateResponse(request, "admin/tracker/period/close.html", context)
