"""Where the link of an invitation leads: the page on which a person chooses their password."""

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.actions import passwords
from tracker.admin import proof
from tracker.admin.invitations import links
from tracker.models import User
from tracker.vocabulary import AuditKind

#: Under what name wrong links are counted: five from one address, and it waits.
COUNTED = {"username": "a link"}


class ChoosePassword(PasswordResetConfirmView):
    """Django's page for a new password, at the desk. It moves the token of the link into the
    session and goes on at an address without it, so that no referrer gives it away.

    It signs nobody in: that is the door's, which asks for the second factor.
    """

    desk = None
    token_generator = links
    template_name = "admin/sign_in/choose.html"
    title = gettext_lazy("Choose your password")

    def dispatch(self, request, *args, **kwargs):
        """Answers a right link; a wrong one is counted, told to the audit log, and answered 404."""
        if not AxesProxyHandler.is_allowed(request, COUNTED):
            # Its own middleware puts the page that says so in the place of this.
            request.axes_locked_out = True
            return HttpResponse(status=429)
        response = super().dispatch(request, *args, **kwargs)
        if kwargs["token"] != self.reset_url_token:
            if response.status_code == 302:
                # Whoever knew the session of before does not know this one.
                request.session.cycle_key()
            else:
                self._refuse()
        # With `no-referrer` a browser would not say whence the form comes: it would seem forged.
        response["Referrer-Policy"] = "same-origin"
        return response

    def _refuse(self):
        request, about = self.request, self.user or ""
        # What is counted is kept for a while, with the address that was asked for.
        request.axes_path_info = request.path.replace(self.kwargs["token"], self.reset_url_token)
        AxesProxyHandler.user_login_failed(__name__, COUNTED, request)
        proof.note(request, AuditKind.REFUSED_SIGN_IN, about=about, detail="link")
        if getattr(request, "axes_locked_out", False):
            proof.note(request, AuditKind.LOCKED_OUT, about=about, detail="link")

    def get_user(self, uidb64):
        """The person of the link; nobody whose account is closed."""
        person = super().get_user(uidb64)
        return person if person is not None and person.is_active else None

    def form_valid(self, form):
        """Keeps the password, unless another browser has used the link in this very moment."""
        request = self.request
        token = request.session.get(INTERNAL_RESET_SESSION_TOKEN)
        with transaction.atomic():
            person = User.objects.select_for_update().get(pk=self.user.pk)
            self.validlink = links.check_token(person, token)
            if not self.validlink:
                return self.render_to_response(self.get_context_data())
            passwords.choose(person, form.cleaned_data["new_password1"], doer=proof.doer(request))
        if request.user.is_authenticated:
            # Somebody lent their browser: what follows is another's.
            proof.note(request, AuditKind.SIGNED_OUT, about=request.user)
        logout(request)
        messages.success(request, _("Your password is set. Sign in with it."))
        return redirect("admin:login")

    def get_context_data(self, **kwargs):
        own = {"person": self.user if self.validlink else None}
        if not self.validlink:
            own["title"] = _("This link is over")
        return self.desk.each_context(self.request) | super().get_context_data(**kwargs) | own

    def render_to_response(self, context, **response_kwargs):
        if not self.validlink:
            response_kwargs["status"] = 404
        return super().render_to_response(context, **response_kwargs)
