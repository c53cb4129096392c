from functools import wraps

from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest, FieldDoesNotExist
from django.db import DataError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.admin import reports
from tracker.queries.desk import desk
from tracker.rules.dates import day_of

#: The order of the tables: daily work first, what rarely changes last.
ORDER = [
    "Pledge",
    "Update",
    "Milestone",
    "Report",
    "Period",
    "Reply",
    "Feedback",
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
    index_title = _("My desk")

    def admin_view(self, view, cacheable=False):
        """As ever; but what no column could hold is a bad request, not a fault of ours."""

        @wraps(view)
        def answered(request, *args, **kwargs):
            try:
                response = view(request, *args, **kwargs)
            except (OverflowError, DataError, FieldDoesNotExist) as error:
                raise BadRequest(_("The address asks for what cannot be.")) from error
            return _rendered(response)

        return super().admin_view(answered, cacheable)

    def index(self, request, extra_context=None):
        """The first page: what needs this person today, and below it every table."""
        today = day_of(timezone.now())
        may = request.user.has_perm
        mine = {
            "desk": desk(request.user, on=today),
            "may_write_update": may("tracker.add_update"),
            "may_mark": may("tracker.add_completion"),
            "may_keep_periods": may("tracker.close_period"),
            "may_import": may("tracker.add_importfile"),
        }
        return super().index(request, mine | (extra_context or {}))

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


def _rendered(response):
    """The page, with its choices looked up: of what it is made of only their keys were sent."""
    try:
        return response.render() if hasattr(response, "render") else response
    except (OverflowError, DataError, ValueError) as error:
        raise BadRequest(_("The address asks for what cannot be.")) from error


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
