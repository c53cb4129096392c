"""The right of reply: what a body that leads a pledge answers to a final status of it."""

from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.actions import replies
from tracker.admin.conflicts import VersionedAdmin
from tracker.admin.steps import StepsAdmin, refusals_as_messages, seen_in
from tracker.admin.update_form import TEXT, is_number
from tracker.models import Body, Pledge, Reply, Update
from tracker.rules.replies import may_be_answered, refusals
from tracker.vocabulary import Refusal

#: Where in the form each refusal is said.
_PLACES = {
    Refusal.REPLIES_TO_UNPUBLISHED: "update",
    Refusal.REPLIES_TO_NOT_FINAL: "update",
    Refusal.REPLIES_TO_CORRECTED: "update",
    Refusal.REPLIES_WITHOUT_LEAD: "body",
    Refusal.SAYS_NOTHING: "text_en",
}


def may_reply(person, update: Update) -> bool:
    """Whether `person` speaks for a body that may answer this update now."""
    return (
        person.has_perm("tracker.add_reply")
        and may_be_answered(
            update.status,
            is_published=update.is_published,
            is_corrected=update.correction is not None,
        )
        and Body.objects.spoken_for_by(person).leading(update.pledge_id).exists()
    )


class ReplyForm(forms.ModelForm):
    """A reply. What could not be published is not kept either."""

    def clean(self):
        data = super().clean()
        if {"update", "body"} <= data.keys():
            # Text before the refusals: they look at the whole of what was typed.
            typed = Reply(**{name: data.get(name) or "" for name in ("text_en", "text_zh")})
            typed.update, typed.body = data["update"], data["body"]
            for refusal in refusals(typed.answer()):
                self.add_error(_PLACES.get(refusal), str(refusal.label))
        return data


def _publish(desk, request, reply):
    _publish_version(desk, request, reply, seen_in(request.POST))


def _publish_version(desk, request, reply, seen):
    with refusals_as_messages(request):
        published = replies.publish(reply, by=request.user, at=timezone.now(), seen=seen)
        desk.log_change(request, published, _("Published."))
        messages.success(request, _("The reply is public now, beside the verdict."))


@admin.register(Reply)
class ReplyAdmin(StepsAdmin, VersionedAdmin):
    """Replies: written and published by those who speak for a body that leads the pledge."""

    steps = {"publish": _publish}
    form = ReplyForm
    change_form_template = "admin/tracker/reply/change_form.html"
    list_display = ("update", "body", "is_public", "edited_at", "edited_by")
    list_select_related = ("update__pledge", "body", "edited_by")
    list_filter = (("body", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("update__pledge__code", "text_en", "text_zh")
    ordering = ("-edited_at", "-pk")
    autocomplete_fields = ("update",)
    formfield_overrides = TEXT
    fields = ("update", "body", ("text_en", "text_zh"))

    class Media:
        css = {"all": ["writing.css"]}
        js = ["unsaved.js"]

    @admin.display(description=gettext_lazy("public"), boolean=True, ordering="published_at")
    def is_public(self, reply):
        return reply.is_published

    # --- who may do what ---------------------------------------------------------------

    def get_queryset(self, request):
        return super().get_queryset(request).in_care_of(request.user)

    def _is_mine(self, request, reply) -> bool:
        """Whether it can still be changed, by somebody who speaks for its body."""
        if reply is None:
            return True
        bodies = Body.objects.spoken_for_by(request.user)
        return not reply.is_published and bodies.filter(pk=reply.body_id).exists()

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._is_mine(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._is_mine(request, obj)

    def get_readonly_fields(self, request, obj=None):
        return ("update", "body") if obj and not self._is_mine(request, obj) else ()

    # --- the form ----------------------------------------------------------------------

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in {"update", "body"} and field is not None:
            # What is answered, and for whom, is chosen here and changed elsewhere.
            widget = field.widget
            widget.can_add_related = widget.can_change_related = False
            widget.can_delete_related = widget.can_view_related = False
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "update":
            mine = Pledge.objects.in_care_of(request.user)
            kwargs["queryset"] = Update.objects.filter(pledge__in=mine)
        if db_field.name == "body":
            bodies = Body.objects.spoken_for_by(request.user)
            update = self._answered(request)
            kwargs["queryset"] = bodies.leading(update.pledge_id) if update else bodies
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _answered(self, request) -> Update | None:
        """The update that the address says is to be answered, if it is in this person's care."""
        asked = request.GET.get("update", "")
        mine = Update.objects.filter(pledge__in=Pledge.objects.in_care_of(request.user))
        return mine.filter(pk=asked).first() if is_number(asked) else None

    def get_changeform_initial_data(self, request):
        update = self._answered(request)
        if update is None:
            return {}
        bodies = Body.objects.spoken_for_by(request.user).leading(update.pledge_id)[:2]
        return {"update": update.pk} | ({"body": bodies[0].pk} if len(bodies) == 1 else {})

    def render_change_form(self, request, context, add=False, change=False, obj=None, **kwargs):
        context["answered"] = obj.update if obj else self._answered(request)
        context["may_edit"] = (
            self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        )
        context["may_publish"] = request.user.has_perm("tracker.publish_reply")
        return super().render_change_form(request, context, add, change, obj=obj, **kwargs)

    # --- saving ------------------------------------------------------------------------

    def lock(self, row):
        # As publishing does: the pledge before the reply.
        Pledge.objects.select_for_update().filter(pk=row.update.pledge_id).first()
        super().lock(row)

    def save_model(self, request, obj, form, change):
        obj.edited_at, obj.edited_by = timezone.now(), request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        return self._published(request, obj) or super().response_add(
            request, obj, post_url_continue
        )

    def response_change(self, request, obj):
        return self._published(request, obj) or super().response_change(request, obj)

    def _published(self, request, obj):
        """Publishes what was just saved, if that button was pressed. A refusal keeps the draft."""
        if "_publish" not in request.POST:
            return None
        _publish_version(self, request, obj, obj.version)
        return redirect(self.page_of(obj))
