"""Uses the staff desk as a person does: opens a page, changes what its form holds, sends it."""

from datetime import date, datetime

from django.test import Client
from django.urls import reverse

from tracker.models import User


def signed_in(person: User) -> Client:
    """A browser of this person's, signed in without the slow work of hashing a password."""
    client = Client()
    client.force_login(person)
    return client


def is_signed_in(client: Client) -> bool:
    """Whether the desk lets this browser in."""
    return client.get("/admin/").status_code == 200


def address(model: str, page: str, *args) -> str:
    return reverse(f"admin:tracker_{model}_{page}", args=args)


def form_of(response) -> dict[str, str]:
    """What a browser would send if the form of this page were sent unchanged."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, date | datetime):
                value = value.isoformat()
            if value is not None and value is not False and value not in ("", []):
                data[field.html_name] = value
    return data


def messages_of(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def evidence_row(number: int = 0, **values) -> dict[str, str]:
    """One new row of evidence, as typed into the form; with it the count of rows."""
    row = {
        "kind": "official",
        "title": "Notice",
        "language": "en",
        "publisher": "The commission",
        "url": "https://example.org/notice",
    } | values
    return {f"evidence-{number}-{name}": value for name, value in row.items()} | {
        "evidence-TOTAL_FORMS": str(number + 1)
    }
