import re
from functools import partial, wraps

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest, FieldDoesNotExist
from django.db import DataError
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from tracker.admin import my_sign_in, proof, reports, second_step
from tracker.admin.choose_password import ChoosePassword
from tracker.models import Session, User
from tracker.queries.desk import desk
from tracker.rules.dates import day_of
from tracker.vocabulary import AuditKind

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
    "AuditEntry",
]


class Desk(AdminSite):
    """The staff's own site."""

    site_header = _("Pledge tracker: staff desk")
    site_title = _("Staff desk")
    index_title = _("My desk")

    def has_permission(self, request):
        """Whether this session may work at the desk: who has not proved enough may not yet."""
        return super().has_permission(request) and proof.awaited(request) is None

    def admin_view(self, view, cacheable=False):
        """As ever; but what no column could hold is a bad request, not a fault of ours, a session
        that has proved too little is sent to prove more, and what is sent leaves a trace."""
        answered = _answered(view)
        whole = super().admin_view(answered, cacheable)

        @wraps(view)
        def walled(request, *args, **kwargs):
            step = proof.awaited(request)
            if step is None or self.is_open_at(view, step):
                response = (whole if step is None else _half_open(answered))(
                    request, *args, **kwargs
                )
                _leave_a_trace(request, response)
                return response
            return proof.to(step, request)

        return walled

    def each_context(self, request):
        context = super().each_context(request)
        if not context["has_permission"]:
            # Nothing of the desk stands beside a step of signing in.
            context |= {"available_apps": [], "is_nav_sidebar_enabled": False}
        return context

    def is_open_at(self, view, step: str) -> bool:
        """Whether a page of Django's is reached while a step of signing in is still awaited."""
        if view == self.logout:
            return True
        return step == proof.SET_UP and view in (self.password_change, self.password_change_done)

    # --- the door ----------------------------------------------------------------------------

    def login(self, request, extra_context=None):
        """The first step: name and password."""
        if proof.awaited(request):
            return proof.to(proof.awaited(request), request, proof.back_from(request))
        if request.method != "POST":
            return super().login(request, extra_context)
        typed = {"username": request.POST.get("username", "")}
        # What can be nobody's name is not looked for.
        is_name = re.fullmatch(r"[\w.@+-]{1,150}", typed["username"]) is not None
        was_locked = is_name and not AxesProxyHandler.is_allowed(request, typed)
        response = super().login(request, extra_context)
        if response.status_code == 302 and request.user.is_authenticated:
            proof.proved(request)
            # What a session of before had passed is not this one's.
            request.session.pop(proof.VERIFIED, None)
            proof.note(request, AuditKind.SIGNED_IN, about=request.user)
            # Somebody has to take away what is over: whoever comes in does.
            Session.objects.filter(expire_date__lt=timezone.now()).delete()
        elif not was_locked:
            # A name that is nobody's may be a password typed in its place.
            about = (is_name and User.objects.filter(**typed).first()) or ""
            proof.note(request, AuditKind.REFUSED_SIGN_IN, about=about)
            if getattr(request, "axes_locked_out", False):
                proof.note(request, AuditKind.LOCKED_OUT, about=about)
        return response

    def logout(self, request, extra_context=None):
        if request.method == "POST" and request.user.is_authenticated:
            proof.note(request, AuditKind.SIGNED_OUT, about=request.user)
        return super().logout(request, extra_context)

    def password_change(self, request, extra_context=None):
        response = super().password_change(request, extra_context)
        if request.method == "POST" and response.status_code == 302:
            proof.proved(request)
            proof.note(request, AuditKind.PASSWORD_CHANGED, about=request.user)
        return response

    def sign_in_urls(self):
        """The pages of signing in: those of the steps, and those of one's own account."""
        recent = proof.needs_recent_proof

        def own(address, view, name):
            return path(f"sign-in/{address}", self.admin_view(view), name=name)

        def step(address, view, name, *steps):
            return path(f"sign-in/{address}", self.step_of_signing_in(view, *steps), name=name)

        def bound(view):
            return wraps(view)(partial(view, self))

        page = my_sign_in
        # Whoever has the link has not signed in yet.
        choose = _answered(ChoosePassword.as_view(desk=self))
        return [
            path("sign-in/choose/<uidb64>/<token>/", choose, name="choose-password"),
            step("second-step/", bound(second_step.second_step), "second-step", proof.SECOND_STEP),
            step("set-up/", recent(bound(page.set_up)), "set-up", proof.SET_UP),
            step("set-up/app/", recent(bound(page.add_app)), "set-up-app", proof.SET_UP),
            step(
                "set-up/passkey/", recent(bound(page.add_passkey)), "set-up-passkey", proof.SET_UP
            ),
            # Who has no factor yet proves it again by the password, to set one up.
            step("prove/", bound(second_step.prove), "prove", proof.SET_UP),
            own("", bound(page.my_sign_in), "my-sign-in"),
            own("codes/", require_POST(recent(bound(page.new_codes))), "new-codes"),
            own(
                "factors/<slug:kind>/<int:pk>/remove/",
                require_POST(recent(bound(page.remove_factor))),
                "remove-factor",
            ),
            own("sessions/others/end/", require_POST(bound(page.end_others)), "end-others"),
            own(
                "sessions/<slug:handle>/end/",
                require_POST(bound(page.end_session)),
                "end-session",
            ),
        ]

    def step_of_signing_in(self, view, *steps):
        """A page that a session reaches while one of `steps` is awaited of it, and later."""
        half, whole = _half_open(_answered(view)), self.admin_view(view)

        @wraps(view)
        def answer(request, *args, **kwargs):
            return (half if proof.awaited(request) in steps else whole)(request, *args, **kwargs)

        return answer

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
        return reports.urls(self) + self.sign_in_urls() + super().get_urls()

    def get_app_list(self, request, app_label=None):
        apps = super().get_app_list(request, app_label)
        for app in apps:
            if app["app_label"] == "tracker":
                if request.user.has_perm("tracker.download_report"):
                    app["models"].append(_reports())
                app["models"].sort(key=_place)
        return sorted(apps, key=lambda app: app["app_label"] != "tracker")


def _answered(view):
    """The view, whose questions that cannot be are bad requests."""

    @wraps(view)
    def answered(request, *args, **kwargs):
        try:
            response = view(request, *args, **kwargs)
        except (OverflowError, DataError, FieldDoesNotExist) as error:
            raise BadRequest(_("The address asks for what cannot be.")) from error
        return _rendered(response)

    return answered


def _half_open(view):
    """The view for who is signed in by half; nothing of it is kept by a browser."""
    return never_cache(csrf_protect(view))


def _leave_a_trace(request, response) -> None:
    """A form that was taken is in the audit log, also where nothing more exact was written."""
    is_taken = request.method == "POST" and response.status_code in {302, 303}
    if is_taken and request.user.is_authenticated and not getattr(request, "is_audited", False):
        match = request.resolver_match
        number = str(match.kwargs.get("object_id") or match.kwargs.get("pk") or "")
        about = f"{match.view_name} {number if number.isdecimal() else ''}".strip()
        proof.note(request, AuditKind.SENT, about=about, detail=match.kwargs.get("step", ""))


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
