from django.contrib.admin import AdminSite
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tracker.admin import reports

#: The order of the first page: daily work first, what rarely changes last.
ORDER = [
    "Pledge",
    "Update",
    "Report",
    "Reply",
    "Feedback",
    "Indicator",
    "Measurement",
    "Body",
    "Sector",
    "Programme",
    "Pillar",
    "Source",
]


class Desk(AdminSite):
    """The staff's own site."""

    site_header = _("Pledge tracker: staff desk")
    site_title = _("Staff desk")
    index_title = _("The record")

    def get_urls(self):
        return reports.urls(self) + super().get_urls()

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "tracker":
                if request.user.has_perm("tracker.download_report"):
                    app["models"].append(_reports())
                app["models"].sort(key=_place)
        return sorted(apps, key=lambda app: app["app_label"] != "tracker")


def _reports() -> dict:
    """The reports as one line of the list of tables, though they are none."""
    return {
        "name": _("Reports"),
        "object_name": "Report",
        "admin_url": reverse("admin:reports"),
        "view_only": True,
    }


def _place(model: dict) -> int:
    name = model["object_name"]
    return ORDER.index(name) if name in ORDER else len(ORDER)
