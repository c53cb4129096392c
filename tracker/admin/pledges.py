from django import forms
from django.contrib import admin, messages
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.actions.pledges import publish_pledge
from tracker.actions.updates import Refused
from tracker.admin.badges import state_badge, status_badge
from tracker.admin.conflicts import VersionedAdmin
from tracker.admin.filters import FlagFilter, MyBodiesFilter
from tracker.admin.history import HistoryAdmin
from tracker.admin.notes import notes_panel, write_note
from tracker.admin.reports import download_pledges, download_updates
from tracker.admin.steps import StepsAdmin, refusals_as_messages, seen_in
from tracker.models import Milestone, Pledge, Responsibility, Update
from tracker.models.pledge import FROZEN
from tracker.queries.periods import marks_of


class ResponsibilityInline(admin.TabularInline):
    model = Responsibility
    extra = 0
    autocomplete_fields = ("body",)


class MilestoneInline(admin.TabularInline):
    model = Milestone
    extra = 0
    fields = ("order", "title_en", "title_zh", "original_due_on", "original_due_precision")
    verbose_name_plural = gettext_lazy("Milestones: readers see them once an update names them")

    def has_delete_permission(self, request, obj=None):
        # A milestone that the record names stays; one that it does not can wait unused.
        return False


class UpdateInline(admin.TabularInline):
    """The pledge's updates with their evidence, to look at; each is edited on its own page."""

    model = Update
    extra = 0
    can_delete = False
    view_on_site = False
    fields = (
        "opened",
        "state_shown",
        "status_shown",
        "evidence_shown",
        "created_by",
        "published_at",
    )
    readonly_fields = fields
    verbose_name_plural = gettext_lazy("Updates, the latest first")

    def get_queryset(self, request):
        return (
            super().get_queryset(request).select_related("created_by").prefetch_related("evidence")
        )

    def has_add_permission(self, request, obj):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=gettext_lazy("in effect from"))
    def opened(self, update):
        address = reverse("admin:tracker_update_change", args=[update.pk])
        return format_html('<a href="{}">{}</a>', address, update.effective_on)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, update):
        return state_badge(update.state)

    @admin.display(description=gettext_lazy("status"))
    def status_shown(self, update):
        return status_badge(update.status)

    @admin.display(description=gettext_lazy("evidence"))
    def evidence_shown(self, update):
        return "; ".join(str(evidence) for evidence in update.evidence.all()) or "–"


class PublicFilter(admin.SimpleListFilter):
    title = gettext_lazy("public")
    parameter_name = "public"

    def lookups(self, request, model_admin):
        return [("1", _("Yes")), ("0", _("No"))]

    def queryset(self, request, queryset):
        if self.value() in {"0", "1"}:
            return queryset.filter(published_at__isnull=self.value() == "0")
        return queryset


def _publish(desk, request, pledge):
    if pledge.is_public:
        messages.info(request, _("%s is public already. Nothing was done twice.") % pledge.code)
        return
    with refusals_as_messages(request):
        seen = seen_in(request.POST)
        published = publish_pledge(pledge, by=request.user, at=timezone.now(), seen=seen)
        desk.log_change(request, published, _("Made public."))
        messages.success(request, _("%s is public now.") % published.code)


@admin.register(Pledge)
class PledgeAdmin(StepsAdmin, HistoryAdmin, VersionedAdmin):
    """Pledges, each with who is responsible, its milestones and its updates."""

    steps = {"publish": _publish, "note": write_note}
    parts = ("responsibilities", "milestones")
    change_form_template = "admin/tracker/pledge/change_form.html"
    list_display = (
        "code",
        "title_shown",
        "status_shown",
        "last_entry_shown",
        "pillar_shown",
        "is_public",
    )
    list_display_links = ("code", "title_shown")
    list_filter = (
        FlagFilter,
        MyBodiesFilter,
        "standing__status",
        "pillar",
        PublicFilter,
        ("responsibilities__body", admin.RelatedOnlyFieldListFilter),
        ("sectors", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("code", "title_en", "title_zh", "summary_en", "summary_zh", "wording")
    date_hierarchy = "announced_on"
    list_select_related = ("pillar", "standing")
    ordering = ("code",)
    autocomplete_fields = ("sectors", "parent")
    inlines = (UpdateInline, ResponsibilityInline, MilestoneInline)
    actions = (download_pledges, download_updates, "make_public")
    formfield_overrides = {
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 4, "cols": 60})}
    }
    fieldsets = (
        (
            gettext_lazy("What was pledged"),
            {
                "fields": (
                    "code",
                    "wording",
                    "wording_language",
                    ("title_en", "title_zh"),
                    ("summary_en", "summary_zh"),
                    ("speaker_en", "speaker_zh"),
                    "announced_on",
                    ("original_due_on", "original_due_precision"),
                )
            },
        ),
        (
            gettext_lazy("Where it belongs"),
            {
                "classes": ["collapse"],
                "fields": ("programme", "pillar", "sectors", "parent", "slug"),
            },
        ),
        (
            gettext_lazy("How it is judged"),
            {
                "classes": ["collapse"],
                "fields": (
                    ("yardstick_en", "yardstick_zh"),
                    ("wording_note_en", "wording_note_zh"),
                ),
            },
        ),
    )

    class Media:
        css = {"all": ["writing.css"]}
        js = ["unsaved.js"]

    @admin.display(description=gettext_lazy("title"), ordering="title_en")
    def title_shown(self, pledge):
        return str(pledge.title)

    @admin.display(description=gettext_lazy("pillar"), ordering="pillar__order")
    def pillar_shown(self, pledge):
        return pledge.pillar.order if pledge.pillar else "–"

    @admin.display(description=gettext_lazy("status"), ordering="standing__status")
    def status_shown(self, pledge):
        return status_badge(pledge.standing.status)

    @admin.display(description=gettext_lazy("last entry"), ordering="standing__last_entry_on")
    def last_entry_shown(self, pledge):
        return pledge.standing.last_entry_on if pledge.standing.entry_id else "–"

    @admin.display(description=gettext_lazy("public"), boolean=True, ordering="published_at")
    def is_public(self, pledge):
        return pledge.is_public

    @admin.action(
        description=gettext_lazy("Make the chosen pledges public"), permissions=["publish"]
    )
    def make_public(self, request, queryset):
        pledges = []
        for pledge in queryset.filter(published_at__isnull=True):
            try:
                seen = self.seen(request, pledge)
                publish_pledge(pledge, by=request.user, at=timezone.now(), seen=seen)
            except Refused as refused:
                messages.error(request, f"{pledge.code}: {refused}")
                continue
            self.log_change(request, pledge, _("Made public."))
            pledges.append(pledge)
        messages.success(
            request,
            ngettext(
                "%(count)d pledge is public now.", "%(count)d pledges are public now.", len(pledges)
            )
            % {"count": len(pledges)},
        )

    def get_queryset(self, request):
        return super().get_queryset(request).in_care_of(request.user)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "parent":
            kwargs["queryset"] = Pledge.objects.in_care_of(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request):
        # A new pledge has no body yet, and so would be in the care of nobody else.
        return super().has_add_permission(request) and request.user.cares_for_all

    def has_publish_permission(self, request):
        return request.user.has_perm("tracker.publish_pledge")

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.is_public)

    def get_readonly_fields(self, request, obj=None):
        # The database refuses to change these once the pledge is public.
        return FROZEN if obj and obj.is_public else ()

    def view_on_site(self, obj):
        return obj.get_absolute_url() if obj.is_public else None

    def render_change_form(self, request, context, add=False, change=False, obj=None, **kwargs):
        context["may_write_update"] = bool(obj) and request.user.has_perm("tracker.add_update")
        if obj:
            context |= notes_panel(self, request, obj)
        if obj and not obj.is_public and self.has_publish_permission(request):
            context["publish_address"] = self.step_address(obj, "publish")
        if obj and request.user.has_perm("tracker.add_completion"):
            context["marks"] = marks_of(obj)
        return super().render_change_form(request, context, add, change, obj=obj, **kwargs)
