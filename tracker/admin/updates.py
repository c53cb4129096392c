from django.contrib import admin, messages
from django.forms import HiddenInput
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.actions import milestones
from tracker.actions import updates as steps
from tracker.admin.badges import state_badge, status_badge
from tracker.admin.conflicts import VersionedAdmin
from tracker.admin.filters import WrittenByMeFilter
from tracker.admin.milestone_rows import MilestoneChangeInline
from tracker.admin.notes import notes_panel, write_note
from tracker.admin.preview import preview
from tracker.admin.replies import may_reply
from tracker.admin.review import publish_chosen, review_context
from tracker.admin.steps import StepsAdmin, refusals_as_messages, seen_in
from tracker.admin.update_form import (
    TEXT,
    EvidenceInline,
    UpdateForm,
    pledge_of,
)
from tracker.models import Pledge, Update
from tracker.vocabulary import UpdateState


def _publish(desk, request, update):
    if update.is_published:
        said = _("It is published already, as entry %d of the record. Nothing was done twice.")
        messages.info(request, said % update.sequence)
        return
    with refusals_as_messages(request):
        entry = steps.publish(
            update, by=request.user, at=timezone.now(), seen=seen_in(request.POST)
        )
        desk.log_change(request, entry, _("Published as entry %d.") % entry.sequence)
        messages.success(request, _("Published: it is entry %d of the record.") % entry.sequence)


def _return(desk, request, update):
    with refusals_as_messages(request):
        reason = request.POST.get("reason", "")
        returned = steps.return_(
            update,
            by=request.user,
            at=timezone.now(),
            reason=reason,
            seen=seen_in(request.POST),
        )
        desk.log_change(request, returned, _("Returned."))
        messages.success(request, _("Returned to its author."))


def _withdraw(desk, request, update):
    with refusals_as_messages(request):
        draft = steps.withdraw(
            update, by=request.user, at=timezone.now(), seen=seen_in(request.POST)
        )
        desk.log_change(request, draft, _("Withdrawn."))
        messages.success(request, _("Withdrawn: it is a draft again."))


def _submit(desk, request, update):
    _submit_version(desk, request, update, seen_in(request.POST))


def _submit_version(desk, request, update, seen):
    with refusals_as_messages(request):
        submitted = steps.submit(update, by=request.user, at=timezone.now(), seen=seen)
        desk.log_change(request, submitted, _("Submitted for review."))
        messages.success(request, _("Submitted for review."))


def _correct(desk, request, update):
    with refusals_as_messages(request):
        draft = steps.correct(
            update, by=request.user, at=timezone.now(), seen=seen_in(request.POST)
        )
        desk.log_addition(request, draft, _("Correction begun."))
        messages.info(
            request,
            _("This draft corrects an entry. Change what was wrong, give the reason, submit it."),
        )
        return redirect(desk.page_of(draft))


@admin.register(Update)
class UpdateAdmin(StepsAdmin, VersionedAdmin):
    """Updates: written and submitted by editors, published or returned by reviewers."""

    steps = {
        "submit": _submit,
        "withdraw": _withdraw,
        "publish": _publish,
        "return": _return,
        "correct": _correct,
        "note": write_note,
    }
    form = UpdateForm
    change_form_template = "admin/tracker/update/change_form.html"
    list_display = (
        "pledge_code",
        "state_shown",
        "status_shown",
        "effective_on",
        "created_by",
        "submitted_at",
        "published_at",
    )
    list_display_links = ("pledge_code",)
    list_filter = (
        "state",
        WrittenByMeFilter,
        "status",
        "pledge__pillar",
        ("pledge__responsibilities__body", admin.RelatedOnlyFieldListFilter),
        ("created_by", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = (
        "pledge__code",
        "pledge__title_en",
        "pledge__title_zh",
        "narrative_en",
        "narrative_zh",
    )
    date_hierarchy = "effective_on"
    list_select_related = ("pledge", "created_by")
    ordering = ("-edited_at", "-pk")
    autocomplete_fields = ("pledge",)
    formfield_overrides = TEXT
    inlines = (EvidenceInline, MilestoneChangeInline)
    actions = (publish_chosen,)

    class Media:
        css = {"all": ["writing.css"]}
        js = ["unsaved.js"]

    # --- addresses ---------------------------------------------------------------------

    def get_urls(self):
        def view(request, object_id=None):
            return preview(self, request, object_id)

        view = self.admin_site.admin_view(view)
        own = [
            path("preview/", view, name="tracker_update_preview_new"),
            path("<path:object_id>/preview/", view, name="tracker_update_preview"),
        ]
        return own + super().get_urls()

    def preview_address(self, update=None):
        if update is None:
            return reverse("admin:tracker_update_preview_new")
        return reverse("admin:tracker_update_preview", args=[update.pk])

    # --- what is shown -----------------------------------------------------------------

    @admin.display(description=gettext_lazy("pledge"), ordering="pledge__code")
    def pledge_code(self, update):
        return str(update.pledge)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_shown(self, update):
        return status_badge(update.status)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, update):
        return state_badge(update.state)

    @admin.display(description=gettext_lazy("pledge"))
    def pledge_link(self, update):
        address = reverse("admin:tracker_pledge_change", args=[update.pledge_id])
        return format_html('<a href="{}">{}</a>', address, update.pledge)

    @admin.display(description=gettext_lazy("corrects"))
    def corrects_link(self, update):
        return format_html('<a href="{}">{}</a>', self.page_of(update.corrects), update.corrects)

    def view_on_site(self, update):
        return update.get_absolute_url() if update.is_published else None

    def get_fieldsets(self, request, obj=None):
        what = [("status", "effective_on"), ("narrative_en", "narrative_zh")]
        if obj and obj.corrects_id:
            what = [
                "corrects_link",
                ("correction_reason_en", "correction_reason_zh"),
                *what,
            ]
        more = {"fields": ["reported_progress", ("due_on", "due_precision")]}
        if obj is None or obj.allows("edit"):
            more["description"] = _(
                "Leave these empty where nothing is new. The original due date stays."
            )
        return [
            (None, {"fields": ["pledge_link" if obj else "pledge", *what]}),
            (_("Only if the evidence states it"), more),
        ]

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return ()
        return ("pledge_link", "corrects_link") if obj.corrects_id else ("pledge_link",)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None and request.GET.get("pledge") and pledge_of(request):
            # Begun from a pledge's page: which one it is stands beside, and is no question.
            form.base_fields["pledge"].widget = HiddenInput()
        return form

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        initial.pop("pledge", None)
        pledge = pledge_of(request)
        if pledge is not None:
            initial = {"pledge": pledge.pk, "status": pledge.status} | initial
        return initial

    def render_change_form(self, request, context, add=False, change=False, obj=None, **kwargs):
        context["tools"] = self._tools(request, obj) if obj else []
        context["may_edit"] = (
            self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        )
        context["may_submit"] = context["may_edit"] and request.user.has_perm(
            "tracker.submit_update"
        )
        context["standing"] = pledge = pledge_of(request, obj)
        if pledge and pledge.entry_id:
            context["last_entry"] = Update.objects.get(pk=pledge.entry_id)
        context["preview_address"] = self.preview_address(obj)
        if obj:
            context |= review_context(self, request, obj) | notes_panel(self, request, obj)
            context["replies"] = obj.replies.select_related("body")
            context["may_reply"] = may_reply(request.user, obj)
        return super().render_change_form(request, context, add, change, obj=obj, **kwargs)

    def _tools(self, request, obj):
        """The buttons above the form: what this person may do with this update now."""
        may = request.user.has_perm
        tools = []
        if obj.allows("correct") and may("tracker.add_update") and not obj.correction:
            tools.append((self.step_address(obj, "correct"), _("Correct this")))
        if obj.allows("withdraw") and may("tracker.submit_update"):
            tools.append((self.step_address(obj, "withdraw"), _("Withdraw to edit")))
        return tools

    # --- who may do what ---------------------------------------------------------------

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or obj.allows("edit"))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or obj.allows("edit"))

    def has_publish_permission(self, request):
        return request.user.has_perm("tracker.publish_update")

    # --- saving ------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        now = timezone.now()
        if not change:
            obj.created_at, obj.created_by = now, request.user
        obj.edited_at, obj.edited_by = now, request.user
        super().save_model(request, obj, form, change)

    def lock(self, row):
        # As the steps do: the pledge before the update, so that nobody waits for each other.
        Pledge.objects.select_for_update().filter(pk=row.pledge_id).first()
        super().lock(row)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        # Whoever wrote in it reviews no final status of it, whoever edits it after them.
        form.instance.writers.add(request.user)
        new = form.new_milestone()
        if new:
            milestones.begin(form.instance, by=request.user, **new)

    def response_add(self, request, obj, post_url_continue=None):
        return self._submitted(request, obj) or super().response_add(
            request, obj, post_url_continue
        )

    def response_change(self, request, obj):
        return self._submitted(request, obj) or super().response_change(request, obj)

    def _submitted(self, request, obj):
        """Submits what was just saved, if that button was pressed. A refusal keeps the draft."""
        if "_submit" not in request.POST:
            return None
        _submit_version(self, request, obj, obj.version)
        return redirect(self.page_of(obj))

    def get_ordering(self, request):
        # Those that wait for review: who came first is served first.
        queue = request.GET.get("state__exact") == UpdateState.SUBMITTED
        return ("submitted_at", "pk") if queue else super().get_ordering(request)

    def get_queryset(self, request):
        mine = Pledge.objects.in_care_of(request.user)
        updates = super().get_queryset(request).filter(pledge__in=mine)
        return updates.select_related("pledge", "corrects__pledge")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "pledge":
            kwargs["queryset"] = Pledge.objects.in_care_of(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
