from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice

from tracker.actions import factors, sessions
from tracker.admin import proof
from tracker.admin.audited import AuditedAdmin
from tracker.admin.steps import StepsAdmin
from tracker.models import User
from tracker.vocabulary import AuditKind

#: Rights and passwords are given only by who has just proved that it is they.
recently = method_decorator(proof.needs_recent_proof)


def end_sessions(desk, request, person):
    """The step: signs this person out everywhere."""
    _may_change(desk, request, person)
    count = sessions.end(person, doer=proof.doer(request))
    request.is_audited = bool(count)
    messages.success(request, _("Signed out everywhere."))


def take_factors_away(desk, request, person):
    """The step: for who lost them. They sign in with the password and set a factor up anew."""
    _may_change(desk, request, person)
    factors.take_all_away(person, doer=proof.doer(request))
    request.is_audited = True
    messages.success(request, _("Every second factor and recovery code is taken away."))


def _may_change(desk, request, person) -> None:
    if not desk.has_change_permission(request, person):
        raise PermissionDenied


@admin.register(User)
class StaffAdmin(StepsAdmin, AuditedAdmin, UserAdmin):
    """The people who sign in here."""

    change_form_template = "admin/tracker/user/change_form.html"
    steps = {"end-sessions": end_sessions, "take-factors": take_factors_away}
    list_display = (*UserAdmin.list_display, "is_site_wide")
    fieldsets = (
        *UserAdmin.fieldsets,
        (gettext_lazy("At this desk"), {"fields": ("language", "is_site_wide")}),
    )

    def has_delete_permission(self, request, obj=None):
        # The record and the histories name people: an account is deactivated, never deleted.
        return False

    @recently
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return super().changeform_view(request, object_id, form_url, extra_context)

    @recently
    def user_change_password(self, request, id, form_url=""):  # noqa: A002
        return super().user_change_password(request, id, form_url)

    @recently
    def step_view(self, request, object_id, step):
        return super().step_view(request, object_id, step)

    def log_change(self, request, obj, message):
        if request.resolver_match.url_name == "auth_user_password_change":
            proof.note(request, AuditKind.PASSWORD_CHANGED, about=obj)
        return super().log_change(request, obj, message)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        person = self.get_object(request, object_id)
        own = {}
        if person is not None and self.has_change_permission(request, person):
            own = {
                "has_second_factor": person.has_second_factor,
                "end_sessions": self.step_address(person, "end-sessions"),
                "take_factors": self.step_address(person, "take-factors"),
            }
        return super().change_view(request, object_id, form_url, own | (extra_context or {}))


# Its page would show the secret: whose factors these are sees them under "my sign-in".
admin.site.unregister(TOTPDevice)
admin.site.unregister(Group)


@admin.register(Group)
class RightsAdmin(AuditedAdmin, GroupAdmin):
    """The groups, each with what its members may do."""

    @recently
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return super().changeform_view(request, object_id, form_url, extra_context)

    @recently
    def delete_view(self, request, object_id, extra_context=None):
        return super().delete_view(request, object_id, extra_context)

    @recently
    def _answer_of_list(self, request, extra_context=None):
        return super().changelist_view(request, extra_context)

    def changelist_view(self, request, extra_context=None):
        # An action may delete groups.
        if request.method == "POST":
            return self._answer_of_list(request, extra_context)
        return super().changelist_view(request, extra_context)
