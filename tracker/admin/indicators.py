from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tracker.actions.pledges import publish_measurement
from tracker.admin.history import HistoryAdmin
from tracker.models import Indicator, Measurement, Pledge


class MeasurementInline(admin.StackedInline):
    """The measurements that are not public yet: those that are stay as they are."""

    model = Measurement
    extra = 0
    verbose_name_plural = _("Measurements that are not public yet")
    fields = (
        ("value", "measured_on", "is_baseline"),
        ("qualifier_en", "qualifier_zh"),
        ("period_en", "period_zh"),
        ("source", "start", "end"),
        ("publisher", "url"),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).filter(published_at__isnull=True)


@admin.register(Indicator)
class IndicatorAdmin(HistoryAdmin):
    list_display = ("code", "name_en", "name_zh", "unit_en")
    search_fields = ("code", "name_en", "name_zh")
    autocomplete_fields = ("pledge",)
    inlines = (MeasurementInline,)
    parts = ("measurements",)

    def get_queryset(self, request):
        return super().get_queryset(request).in_care_of(request.user)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "pledge":
            kwargs["queryset"] = Pledge.objects.in_care_of(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request):
        return super().has_add_permission(request) and request.user.cares_for_all


@admin.register(Measurement)
class MeasurementAdmin(HistoryAdmin):
    list_display = ("indicator", "measured_on", "value", "is_baseline", "is_public")
    list_filter = ("indicator", "is_baseline")
    date_hierarchy = "measured_on"
    list_select_related = ("indicator",)
    actions = ("make_public",)

    def get_queryset(self, request):
        mine = Indicator.objects.in_care_of(request.user)
        return super().get_queryset(request).filter(indicator__in=mine)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "indicator":
            kwargs["queryset"] = Indicator.objects.in_care_of(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj and obj.published_at)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.published_at)

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
