from django.contrib import admin, messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.actions.feedback import handle
from tracker.admin.audited import AuditedAdmin
from tracker.admin.steps import StepsAdmin
from tracker.models import Feedback


class HandledFilter(admin.SimpleListFilter):
    title = gettext_lazy("handled")
    parameter_name = "handled"

    def lookups(self, request, model_admin):
        return [("0", _("No")), ("1", _("Yes"))]

    def queryset(self, request, queryset):
        if self.value() in {"0", "1"}:
            return queryset.filter(handled_at__isnull=self.value() == "0")
        return queryset


def _handle(desk, request, message):
    handled = handle(message, by=request.user, at=timezone.now())
    desk.log_change(request, handled, _("Handled."))
    messages.success(request, _("Marked as handled."))


@admin.register(Feedback)
class FeedbackAdmin(StepsAdmin, AuditedAdmin):
    """What readers wrote, to be read and marked as handled. It is changed by nobody."""

    steps = {"handle": _handle}
    change_form_template = "admin/tracker/feedback/change_form.html"
    list_display = ("pledge", "kind", "beginning", "received_on", "is_handled")
    list_filter = (HandledFilter, "kind")
    list_select_related = ("pledge",)
    search_fields = ("pledge__code", "text", "url")
    date_hierarchy = "received_on"
    ordering = ("-received_on", "-pk")
    fields = ("pledge", "kind", "text", "url", "email", "received_on", "handled_at", "handled_by")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("message"))
    def beginning(self, message):
        return message.text[:80]

    @admin.display(description=gettext_lazy("handled"), boolean=True, ordering="handled_at")
    def is_handled(self, message):
        return message.handled_at is not None

    def get_queryset(self, request):
        return super().get_queryset(request).in_care_of(request.user)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def render_change_form(self, request, context, add=False, change=False, obj=None, **kwargs):
        may = request.user.has_perm
        if obj and obj.handled_at is None and may("tracker.change_feedback"):
            context["handle_address"] = self.step_address(obj, "handle")
        if obj and may("tracker.add_update"):
            add_update = reverse("admin:tracker_update_add")
            context["begin_address"] = f"{add_update}?pledge={obj.pledge_id}"
        # There is nothing to save: the one change is a step.
        context |= {"show_save": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, add, change, obj=obj, **kwargs)
