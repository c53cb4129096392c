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
