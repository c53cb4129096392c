from django.contrib import admin
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tracker.admin.audited import AuditedAdmin
from tracker.models import AuditEntry, User


@admin.register(AuditEntry)
class AuditEntryAdmin(AuditedAdmin):
    """The audit log, for superusers to read and nobody to change."""

    list_display = ("number", "written_at", "person", "kind", "about", "detail", "address")
    list_filter = ("kind", "written_at")
    search_fields = ("=written_by", "=about", "=address")
    list_per_page = 100
    # Its page has the whole of it, and a count of a long log is slow.
    show_full_result_count = False

    def get_queryset(self, request):
        name = User.objects.filter(pk=OuterRef("written_by")).values("username")
        nobody = Value("", output_field=CharField())
        return super().get_queryset(request).annotate(name=Coalesce(Subquery(name), nobody))

    @admin.display(description=_("who"), ordering="written_by", empty_value="–")
    def person(self, entry):
        return entry.name or (entry.written_by or None)

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
