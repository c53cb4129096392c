from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class TrackerConfig(AppConfig):
    name = "tracker"
    verbose_name = _("The record")
    default = True

    def ready(self):
        # What `check --deploy` asks. It is found nowhere else: Django looks for none by a name.
        import_module("tracker.management.checks")


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin with our site in its place; it is named in INSTALLED_APPS."""

    default_site = "tracker.admin.site.Desk"
    default = False

    def ready(self):
        super().ready()
        import_module("tracker.admin.registry")
