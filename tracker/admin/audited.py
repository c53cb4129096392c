"""What staff change by the admin's forms, in the audit log as well as in the admin's own."""

from collections.abc import Iterator

from django.contrib import admin

from tracker.admin import proof
from tracker.vocabulary import AuditKind


class AuditedAdmin(admin.ModelAdmin):
    """A ModelAdmin whose every addition, change and deletion leaves an entry in the audit log.

    The admin's own log can be edited and is shown to whoever may see the row; it stays for that.
    """

    def log_addition(self, request, obj, message):
        proof.note(request, AuditKind.ADDED, about=obj, detail=_detail(request, message))
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        proof.note(request, AuditKind.CHANGED, about=obj, detail=_detail(request, message))
        return super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        for row in queryset:
            proof.note(request, AuditKind.DELETED, about=row)
        return super().log_deletions(request, queryset)


def _detail(request, message) -> str:
    """The step or action that was taken, and the names of the fields: nothing of what they hold."""
    step = request.resolver_match.kwargs.get("step") or request.POST.get("action", "")
    # Only a name of ours is written down, for the rest is whatever was sent.
    said = [step] if step.isidentifier() and len(step) <= 40 else []
    if isinstance(message, list):
        said += _fields(message)
    return ", ".join(said)


def _fields(message: list[dict]) -> Iterator[str]:
    for part in message:
        for verb, what in part.items():
            if fields := what.get("fields"):
                yield from (str(field) for field in fields)
            elif what.get("name"):
                yield f"{verb} {what['name']}"
