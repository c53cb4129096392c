"""Steps that are taken by a button: each is a POST, answered by a message and a redirect."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tracker.actions.updates import Refused

#: What a step's button does: it gets the admin, the request and the row, and answers a redirect.
Step = Callable[..., HttpResponse]


class StepsAdmin:
    """A ModelAdmin with buttons. `steps` names them: the end of the address, and what it does."""

    steps: dict[str, Step] = {}

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.step_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_step"
        own = [path("<path:object_id>/step/<slug:step>/", view, name=name)]
        return own + super().get_urls()

    def step_view(self, request: HttpRequest, object_id: str, step: str) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None or step not in self.steps or not self.has_view_permission(request, row):
            raise Http404
        # The step and what the desk's log says of it: both, or neither.
        with transaction.atomic():
            return self.steps[step](self, request, row) or redirect(self.page_of(row))

    def page_of(self, row) -> str:
        opts = self.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])

    def step_address(self, row, step: str) -> str:
        opts = self.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_step", args=[row.pk, step])


def is_of_this_site(asked: str) -> bool:
    """Whether the page that a form asks to be led to is one of ours: by its path, from the root.

    What has no slash in it is none: `redirect` would take it for the name of a view.
    """
    return asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)


def seen_in(data: QueryDict) -> int | None:
    """The version that a button's page showed; None where the page does not say.

    What cannot be read is a version that no row has.
    """
    said = data.get("seen")
    if said is None:
        return None
    return int(said) if said.isdecimal() and len(said) < 19 else -1


@contextmanager
def refusals_as_messages(request: HttpRequest) -> Iterator[None]:
    """Turns a refused step into one message a reason; nothing of the step is kept."""
    try:
        yield
    except Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, refusal.label)
