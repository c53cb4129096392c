from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tracker.admin.conflicts import VersionedAdmin
from tracker.admin.filters import AwaitedFilter
from tracker.admin.history import HistoryAdmin
from tracker.models import Milestone, Pledge, Update

#: What the database keeps of a milestone that the record names.
FROZEN = ("pledge", "original_due_on", "original_due_precision")


@admin.register(Milestone)
class MilestoneAdmin(HistoryAdmin, VersionedAdmin):
    """The milestones in one's care; their order and titles are edited in the list."""

    list_display = ("code", "order", "title_en", "title_zh", "original_due_on")
    list_display_links = ("code",)
    list_editable = ("order", "title_en", "title_zh")
    list_filter = (AwaitedFilter, "pledge__pillar", ("pledge", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("pledge",)
    search_fields = ("title_en", "title_zh", "pledge__code", "pledge__title_en", "pledge__title_zh")
    ordering = ("pledge__code", "order", "pk")
    autocomplete_fields = ("pledge",)
    fields = (
        "pledge",
        "order",
        ("title_en", "title_zh"),
        ("original_due_on", "original_due_precision"),
    )

    @admin.display(description=_("pledge"), ordering="pledge__code")
    def code(self, milestone):
        return milestone.pledge.code

    def get_queryset(self, request):
        mine = Pledge.objects.in_care_of(request.user)
        return super().get_queryset(request).filter(pledge__in=mine)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "pledge":
            kwargs["queryset"] = Pledge.objects.in_care_of(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return ()
        recorded = Update.objects.published().filter(milestone_changes__milestone=obj).exists()
        return FROZEN if recorded else ("pledge",)

    def has_delete_permission(self, request, obj=None):
        # As on its pledge's page: one that nothing names can wait unused.
        return False
