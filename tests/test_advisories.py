"""Each class of advisory of Wagtail, Decidim and Django's admin since 2020, and its test."""

import ast
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse

from tests import hostile
from tests.admin.desk import signed_in
from tests.factories import PASSWORD
from tests.views.markup import Page
from tracker.models import User

ROOT = Path(__file__).resolve().parent
TABLE = "test_permissions.py::test_every_address_answers_each_role_as_the_table_says"
SECRETS = "views/test_secrets.py::test_no_address_gives_away_what_is_not_public"
CLASSES = {
    "history without the check": "admin/test_history.py::test_the_history_of_what_is_in_another_s_care_is_not_found",
    "preview without the check": "admin/test_preview.py::test_the_preview_is_for_those_in_whose_care_the_pledge_is",
    "compare without the check": TABLE,
    "export without the check": SECRETS,
    "embed and feed without the check": "views/test_secrets.py::test_nothing_that_programs_fetch_gives_away_what_is_not_public",
    "autocomplete without the check": "admin/test_care.py::test_autocompletes_hold_what_is_in_one_s_care",
    "API without the check": SECRETS,
    "bulk action without the check": "admin/test_care.py::test_bulk_actions_reach_no_further",
    "direct address of another's object": "admin/test_care.py::test_direct_addresses_of_others_lead_nowhere",
    "forged field of a form": "admin/test_care.py::test_a_forged_form_cannot_write_for_another_body",
    "redirect by `next`": "test_advisories.py::test_signing_in_leads_to_no_other_host",
    "password reset poisoned by Host": "test_advisories.py::test_no_password_is_reset_by_mail",
    "Host header": "test_advisories.py::test_another_host_s_name_is_refused",
    "XSS in the admin": "test_advisories.py::test_what_a_record_says_is_never_markup",
    "CSV injection": "reports/test_reports.py::test_formulas_in_the_record_are_made_harmless",
    "log injection": "lingang/test_logs.py::test_nothing_that_is_logged_can_forge_a_line",
    "header injection": "lingang/test_logs.py::test_the_proxy_s_id_is_taken_where_it_is_well_formed",
    "slow inputs, NUL, surrogates": "test_hostile.py::test_no_request_ends_in_a_fault_of_ours",
    "file that runs": "views/test_secrets.py::test_a_published_file_comes_as_a_download_in_which_nothing_runs",
    "leak by to_field": "test_advisories.py::test_no_parameter_of_a_list_asks_about_passwords",
    "leak by a lookup": "test_advisories.py::test_no_parameter_of_a_list_asks_about_passwords",
    "file name of an upload": "test_advisories.py::test_no_address_serves_uploads_from_a_folder",
}


@pytest.mark.parametrize("kind", CLASSES)
def test_each_class_has_a_test_that_there_is(kind):
    module, _, name = CLASSES[kind].partition("::")
    tree = ast.parse((ROOT / module).read_text())
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_leads_to_no_other_host(client, world, target):
    sent = {"username": "author", "password": PASSWORD, "next": target}
    response = client.post("/admin/login/", sent)
    assert "evil.example" not in response.get("Location", "")


def test_no_password_is_reset_by_mail(client, db):
    with pytest.raises(NoReverseMatch):
        reverse("admin_password_reset")
    assert not [place for place in hostile.addresses() if "reset" in place]


def test_another_host_s_name_is_refused(client, db):
    assert client.get("/en/", headers={"Host": "evil.example"}).status_code == 400
    page = client.get("/en/", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page.content.decode()


def test_what_a_record_says_is_never_markup(world):
    script = "<script>alert(1)</script>"
    pledge = world.pledge(title_en=script, wording=script)
    world.draft(pledge, narrative_en=script)
    User.objects.create_superuser("root", password="x")
    client = signed_in(User.objects.get(username="root"))
    for address in ("/admin/", "/admin/tracker/pledge/", "/admin/tracker/update/"):
        assert script not in client.get(address).content.decode()
    for page in ("change", "history", "delete"):
        address = reverse(f"admin:tracker_pledge_{page}", args=[pledge.pk])
        assert script not in client.get(address).content.decode()


TYPED = (
    "{{ 7|add:7 }} {% now 'Y' %} ${7*7} {0.__class__} %s %n %(x)d **bold** [a](javascript:b) "
    "[b]b[/b] <i>i</i> &amp; \\1 #{7*7}"
)


def test_what_is_typed_is_shown_as_it_was_typed(client, world):
    """No template, pattern, Markdown or markup in it is run: it is text and stays so."""
    pledge = world.pledge(title_en=TYPED, wording=TYPED)
    entry = world.published(pledge, narrative_en=TYPED)
    found = Page(client.get("/en/pledges/P1.01/").content.decode())
    assert found.texts("h1") == [TYPED]
    assert found.text.count(TYPED) >= 3
    assert found.all("i") == []
    assert not [link for link in found.links if "javascript" in link]
    feed = ElementTree.fromstring(client.get("/en/updates/feed/").content)
    assert TYPED in "".join(feed.itertext())
    desk = signed_in(world.reviewer).get(reverse("admin:tracker_update_change", args=[entry.pk]))
    assert TYPED in Page(desk.content.decode()).text


@pytest.mark.parametrize(
    "query",
    [
        "created_by__password__startswith=a",
        "created_by__email__contains=a",
        "_to_field=created_by__password",
    ],
)
def test_no_parameter_of_a_list_asks_about_passwords(world, query):
    world.draft(world.pledge())
    response = signed_in(world.author).get(f"/admin/tracker/update/?{query}")
    assert response.status_code in {302, 400}
    if response.status_code == 302:
        assert "password" not in response["Location"]


def test_no_address_serves_uploads_from_a_folder(client, db, settings):
    assert not [p for p in get_resolver().url_patterns if str(p.pattern).startswith("media")]
    for name in ("x.txt", "../settings.py", "%2e%2e/settings.py"):
        assert client.get(f"{settings.MEDIA_URL}{name}").status_code == 404
