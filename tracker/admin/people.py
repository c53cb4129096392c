from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice

from tracker.actions import factors, sessions
from tracker.admin import invitations, proof
from tracker.admin.audited import AuditedAdmin
from tracker.admin.steps import StepsAdmin
from tracker.models import Body, User
from tracker.vocabulary import StaffRole

#: Rights are given, and passwords taken away, only by who has just proved that it is they.
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


def invite(desk, request, person):
    """The step: has this person choose a password by a link. Who has one loses it, which is asked
    again first."""
    _may_change(desk, request, person)
    if person == request.user:
        messages.error(request, _("Your own password you change at the top of this page."))
    elif not person.is_active:
        messages.error(request, _("First make the account active: it lets nobody in."))
    elif person.has_usable_password() and not request.POST.get("confirmed"):
        return _asked_again(desk, request, person)
    else:
        invitations.begin(request, person)
    return None


def _asked_again(desk, request, person):
    """What a reset does, and whether it is meant: one press must not lock a colleague out."""
    context = {
        **desk.admin_site.each_context(request),
        "opts": desk.opts,
        "title": _("Reset the password of %(name)s") % {"name": person.get_username()},
        "person": person,
        "is_mailed": invitations.is_mailed_to(person),
        "page_address": desk.page_of(person),
        "reset_address": desk.step_address(person, "invite"),
    }
    return TemplateResponse(request, "admin/tracker/user/reset.html", context)


def _may_change(desk, request, person) -> None:
    if not desk.has_change_permission(request, person):
        raise PermissionDenied


class RolesField(forms.ModelMultipleChoiceField):
    """The groups, by the names of the roles that they are."""

    def label_from_instance(self, group):
        names = dict(StaffRole.choices)
        return names.get(group.name, group.name)


class InvitationForm(forms.ModelForm):
    """A new colleague: who they are and what they work on. The password they choose themselves."""

    groups = RolesField(
        label=gettext_lazy("Roles"),
        queryset=Group.objects.order_by("pk"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    bodies = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Bodies"),
        queryset=Body.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = User
        fields = (
            "username",
            "first_name",
            "last_name",
            "email",
            "language",
            "groups",
            "bodies",
            "is_site_wide",
        )
        field_classes = {"username": UsernameField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True

    def clean_username(self):
        """A name that differs from another's by capitals alone would be taken for it."""
        name = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(self.instance.unique_error_message(User, ["username"]))
        return name


@admin.register(User)
class StaffAdmin(StepsAdmin, AuditedAdmin, UserAdmin):
    """The people who sign in here. Nobody's password is typed or shown: `invitations`."""

    change_form_template = "admin/tracker/user/change_form.html"
    add_form_template = "admin/tracker/user/add_form.html"
    add_form = InvitationForm
    steps = {"invite": invite, "end-sessions": end_sessions, "take-factors": take_factors_away}
    list_display = (*UserAdmin.list_display, "is_site_wide")
    readonly_fields = ("password_state",)
    fieldsets = (
        (None, {"fields": ("username", "password_state")}),
        *UserAdmin.fieldsets[1:],
        (gettext_lazy("At this desk"), {"fields": ("language", "is_site_wide")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email", "language")}),
        (gettext_lazy("At this desk"), {"fields": ("groups", "bodies", "is_site_wide")}),
    )

    def get_urls(self):
        # Django's page on which one types the password of another.
        return [
            address for address in super().get_urls() if address.name != "auth_user_password_change"
        ]

    @admin.display(description=gettext_lazy("password"))
    def password_state(self, person):
        if person.has_usable_password():
            return _("Chosen. Nobody can see it.")
        return _("None yet: nobody can sign in with this account.")

    def save_model(self, request, obj, form, change):
        if not change:
            obj.is_staff = True
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if not change:
            form.instance.bodies.set(form.cleaned_data["bodies"])

    def log_addition(self, request, obj, message):
        entry = super().log_addition(request, obj, message)
        invitations.begin(request, obj)
        return entry

    def add_view(self, request, form_url="", extra_context=None):
        response = super().add_view(request, form_url, extra_context)
        return invitations.hand_over(self.admin_site, request) or response

    def response_add(self, request, obj, post_url_continue=None):
        # Not Django's words, which speak of a form below: where the link is shown there is none.
        name = {"name": obj.get_username()}
        messages.success(request, _("The account %(name)s is made.") % name)
        return redirect(request.path if "_addanother" in request.POST else self.page_of(obj))

    def has_delete_permission(self, request, obj=None):
        # The record and the histories name people: an account is deactivated, never deleted.
        return False

    @recently
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        return super().changeform_view(request, object_id, form_url, extra_context)

    @recently
    def step_view(self, request, object_id, step):
        response = super().step_view(request, object_id, step)
        return invitations.hand_over(self.admin_site, request) or response

    def change_view(self, request, object_id, form_url="", extra_context=None):
        person = self.get_object(request, object_id)
        own = {}
        if person is not None and self.has_change_permission(request, person):
            own = {
                "has_password": person.has_usable_password(),
                "has_second_factor": person.has_second_factor,
                "invite": person != request.user and self.step_address(person, "invite"),
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
