from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _

#: The order of the first page: daily work first, what rarely changes last.
ORDER = [
    "Pledge",
    "Update",
    "Indicator",
    "Measurement",
    "ImportFile",
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

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "tracker":
                app["models"].sort(key=_place)
        return sorted(apps, key=lambda app: app["app_label"] != "tracker")


def _place(model: dict) -> int:
    name = model["object_name"]
    return ORDER.index(name) if name in ORDER else len(ORDER)
