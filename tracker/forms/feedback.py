"""What a reader writes about a pledge, and what keeps machines out."""

import re
from datetime import datetime, timedelta

from django import forms
from django.core import signing
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from tracker.models import Pledge
from tracker.models.fields import ExactTextField
from tracker.vocabulary import FeedbackKind


class FeedbackForm(forms.Form):
    """What a reader writes about a pledge, with what keeps machines out: no third party is asked.

    A field that only machines fill in; a stamp, signed by us, of when the page was made, which
    is neither too young nor too old; and limits to length and links. Every refusal keeps the text.
    """

    SOONEST = timedelta(seconds=3)
    LATEST = timedelta(hours=24)
    MOST_LINKS = 3
    SALT = "tracker.feedback"

    kind = forms.ChoiceField(
        label=_("What is it?"), choices=FeedbackKind.choices, widget=forms.RadioSelect
    )
    text = ExactTextField(
        label=_("Your message"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    url = forms.URLField(
        label=_("Web address (optional)"),
        required=False,
        max_length=1000,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address (optional)"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    homepage = forms.CharField(
        label=_("Leave this empty: it is here to catch machines"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data=None, *, pledge: Pledge, at: datetime, **kwargs):
        super().__init__(data, **kwargs)
        self.pledge = pledge
        self.at = at
        self.initial["stamp"] = signing.dumps([pledge.code, at.isoformat()], salt=self.SALT)

    def clean_text(self):
        text = self.cleaned_data["text"].strip()
        if not text:
            raise forms.ValidationError(_("Write what is wrong, or what the evidence shows."))
        if len(re.findall(r"https?://|www\.", text, re.IGNORECASE)) > self.MOST_LINKS:
            raise forms.ValidationError(
                _("A message holds at most %(most)s web addresses. Send the others apart."),
                params={"most": self.MOST_LINKS},
            )
        return text

    def clean_homepage(self):
        if self.cleaned_data["homepage"]:
            raise forms.ValidationError(
                _("This field has to be empty. Empty it and send the message again.")
            )
        return ""

    def clean(self):
        made_at = self._made_at()
        if made_at is None or self.at - made_at > self.LATEST:
            self._stamp_anew()
            raise forms.ValidationError(
                _("This page was open for too long. Your text is kept below: send it again.")
            )
        if self.at - made_at < self.SOONEST:
            raise forms.ValidationError(
                _("That was faster than anybody writes. Wait a moment and send it again.")
            )
        return self.cleaned_data

    def _made_at(self) -> datetime | None:
        """When the page that sends this was made; None where the stamp is not ours."""
        try:
            code, made_at = signing.loads(self.cleaned_data.get("stamp", ""), salt=self.SALT)
        except (signing.BadSignature, ValueError):
            return None
        return datetime.fromisoformat(made_at) if code == self.pledge.code else None

    def _stamp_anew(self) -> None:
        self.data = self.data.copy()
        self.data[self.add_prefix("stamp")] = self.initial["stamp"]
