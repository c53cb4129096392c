from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from tracker.models import User


@admin.register(User)
class StaffAdmin(UserAdmin):
    """The people who sign in here."""

    fieldsets = (*UserAdmin.fieldsets, (_("Language"), {"fields": ("language",)}))
