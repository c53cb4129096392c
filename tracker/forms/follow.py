"""What a reader wants to be written to about."""

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from tracker.models import Body, Pillar, Pledge
from tracker.queries.facets import facets


def subject_code(subject: Model | None) -> str:
    """How a form and an address name what is followed."""
    if isinstance(subject, Pillar):
        return f"pillar:{subject.programme.slug}:{subject.order}"
    if isinstance(subject, Body):
        return f"body:{subject.slug}"
    if isinstance(subject, Pledge):
        return f"pledge:{subject.code}"
    return EVERYTHING


EVERYTHING = "all"


class FollowForm(forms.Form):
    """An address, and what it wants to be written to about.

    `pledge` (public, or None) is offered besides everything, the pillars and the bodies: a list
    of all pledges would be as long as the record.
    """

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    subject = forms.ChoiceField(label=_("What to follow"))
    # Hidden from people. Programs that fill in every field give themselves away here.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args, pledge: Pledge | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        groups = facets().groups
        self.subjects = {
            subject_code(subject): subject
            for subject in (pledge, *groups("pillar"), *groups("body"))
            if subject
        }
        choices: list = [(EVERYTHING, _("Everything"))]
        for kind, name in ((Pledge, _("Pledge")), (Pillar, _("Pillar")), (Body, _("Body"))):
            of_kind = [(c, str(s)) for c, s in self.subjects.items() if isinstance(s, kind)]
            choices += [(name, of_kind)] if of_kind else []
        self.fields["subject"].choices = choices

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.data.get("website"))

    def clean_email(self) -> str:
        # One mailbox is one address, however it is typed: providers do not tell the case apart.
        return self.cleaned_data["email"].lower()

    def asked_subject(self) -> Model | None:
        """What is to be followed, once the form is valid; None for everything."""
        return self.subjects.get(self.cleaned_data["subject"])
