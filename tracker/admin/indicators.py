from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tracker.actions.pledges import publish_measurement
from tracker.models import Indicator, Measurement


class MeasurementInline(admin.StackedInline):
    model = Measurement
    extra = 0
    fields = (
        ("value", "measured_on", "is_baseline"),
        ("qualifier_en", "qualifier_zh"),
        ("period_en", "period_zh"),
        ("source", "start", "end"),
        ("publisher", "url"),
    )


@admin.register(Indicator)
class IndicatorAdmin(admin.ModelAdmin):
    list_display = ("code", "name_en", "name_zh", "unit_en")
    search_fields = ("code", "name_en", "name_zh")
    autocomplete_fields = ("pledge",)
    inlines = (MeasurementInline,)


@admin.register(Measurement)
class MeasurementAdmin(admin.ModelAdmin):
    list_display = ("indicator", "measured_on", "value", "is_baseline", "is_public")
    list_filter = ("indicator", "is_baseline")
    date_hierarchy = "measured_on"
    list_select_related = ("indicator",)
    actions = ("make_public",)

    @admin.display(description=_("public"), boolean=True)
    def is_public(self, measurement):
        return measurement.published_at is not None

    def has_publish_permission(self, request):
        return request.user.has_perm("tracker.publish_measurement")

    @admin.action(description=_("Make the chosen measurements public"), permissions=["publish"])
    def make_public(self, request, queryset):
        measurements = list(queryset.filter(published_at__isnull=True))
        for measurement in measurements:
            publish_measurement(measurement, by=request.user, at=timezone.now())
            self.log_change(request, measurement, str(_("Made public.")))
        messages.success(
            request,
            ngettext(
                "%(count)d measurement is public now.",
                "%(count)d measurements are public now.",
                len(measurements),
            )
            % {"count": len(measurements)},
        )
