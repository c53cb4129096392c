from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from tracker.models import User


@admin.register(User)
class StaffAdmin(UserAdmin):
    """The people who sign in here."""

    list_display = (*UserAdmin.list_display, "is_site_wide")
    fieldsets = (
        *UserAdmin.fieldsets,
        (_("At this desk"), {"fields": ("language", "is_site_wide")}),
    )

    def has_delete_permission(self, request, obj=None):
        # The record and the histories name people: an account is deactivated, never deleted.
        return False
