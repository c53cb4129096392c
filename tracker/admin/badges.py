"""How the desk shows a status and a state: by word and by colour."""

from django.utils.html import format_html

from tracker.vocabulary import Status, UpdateState


def status_badge(code: str) -> str:
    status = Status(code)
    return format_html('<span class="badge badge--{}">{}</span>', status.tone, status.label)


def state_badge(code: str) -> str:
    state = UpdateState(code)
    return format_html('<span class="badge badge--{}">{}</span>', state.value, state.label)
