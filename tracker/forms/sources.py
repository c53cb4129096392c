"""What of a source its page shows."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SourceForm(forms.Form):
    """Which stretches of a source its page shows. What is no choice shows the whole text."""

    SHOWN = [
        ("", _("The whole text")),
        ("pledges", _("Only pledges")),
        ("others", _("Only what is no pledge")),
    ]

    show = forms.ChoiceField(choices=SHOWN, required=False)

    def shown(self) -> str:
        return self.cleaned_data["show"] if self.is_valid() else ""
