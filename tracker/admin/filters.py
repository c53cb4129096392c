"""The filters of the desk's lists that its first page counts by."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.models import Responsibility
from tracker.queries.desk import NEAR
from tracker.rules.dates import day_of
from tracker.vocabulary import Flag

#: Asks for the pledges to which any flag applies.
ANY = "any"


def _today():
    return day_of(timezone.now())


class FlagFilter(admin.SimpleListFilter):
    """Pledges by what is computed about them today."""

    title = gettext_lazy("flag")
    parameter_name = "flag"

    def lookups(self, request, model_admin):
        return [*Flag.choices, (ANY, _("Any flag"))]

    def queryset(self, request, queryset):
        if self.value() == ANY:
            # The list has an order of its own, which the reader chooses.
            return queryset.as_of().needing_attention(_today()).order_by()
        if self.value() in Flag.values:
            return queryset.as_of().flagged(self.value(), _today())
        return queryset


class MyBodiesFilter(admin.SimpleListFilter):
    """For those who work for every body: the pledges of the bodies that they belong to."""

    title = gettext_lazy("bodies")
    parameter_name = "mine"

    def lookups(self, request, model_admin):
        return [("1", _("My bodies"))] if request.user.cares_for_all else []

    def queryset(self, request, queryset):
        if self.value() == "1":
            theirs = Responsibility.objects.filter(body__members=request.user)
            return queryset.filter(pk__in=theirs.values("pledge"))
        return queryset


class WrittenByMeFilter(admin.SimpleListFilter):
    """Updates that this person began, wrote in or submitted."""

    title = gettext_lazy("writer")
    parameter_name = "mine"

    def lookups(self, request, model_admin):
        return [("1", _("Me"))]

    def queryset(self, request, queryset):
        return queryset.written_by(request.user) if self.value() == "1" else queryset


class AwaitedFilter(admin.SimpleListFilter):
    """Milestones of public pledges that are open today: due soon, or late."""

    title = gettext_lazy("due")
    parameter_name = "awaited"

    def lookups(self, request, model_admin):
        return [("soon", _("Within 30 days")), ("late", _("Late"))]

    def queryset(self, request, queryset):
        today = _today()
        if self.value() not in {"soon", "late"}:
            return queryset
        awaited = queryset.filter(pledge__published_at__isnull=False).as_of(today)
        awaited = awaited.awaited_by(today + NEAR)
        return awaited.filter(**{"due_on__gte" if self.value() == "soon" else "due_on__lt": today})
