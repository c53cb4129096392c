"""The desk as a whole: who gets in, what each role sees, both languages, the strict policy."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.admin.desk import signed_in
from tracker.vocabulary import StaffRole

PAGES = [
    (model._meta.model_name, page)
    for model, desk in admin.site._registry.items()
    if model._meta.app_label == "tracker"
    for page in ("changelist", "add")
]


def test_the_desk_asks_for_a_sign_in(client, db):
    answer = client.get(reverse("admin:index"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))


def test_the_first_page_begins_with_daily_work(world):
    page = signed_in(world.author).get(reverse("admin:index"))
    tracker = page.context["app_list"][0]
    assert tracker["app_label"] == "tracker"
    assert [model["object_name"] for model in tracker["models"]][:2] == ["Pledge", "Update"]


@pytest.mark.parametrize("role", list(StaffRole))
@pytest.mark.parametrize(("model", "page"), PAGES)
def test_every_page_answers_as_the_role_allows(world, role, model, page):
    person = world.person("somebody", role)
    verb = {"changelist": "view", "add": "add"}[page]
    allowed = person.has_perm(f"tracker.{verb}_{model}") or (
        page == "changelist" and person.has_perm(f"tracker.change_{model}")
    )
    answer = signed_in(person).get(reverse(f"admin:tracker_{model}_{page}"))
    assert answer.status_code == (200 if allowed else 403)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_hold_nothing_that_the_policy_forbids(world, language):
    client = signed_in(world.author)
    client.cookies["django_language"] = language
    pledge = world.pledge()
    entry = world.published(pledge)
    for name, *args in (
        ("index",),
        ("tracker_pledge_changelist",),
        ("tracker_pledge_change", pledge.pk),
        ("tracker_update_changelist",),
        ("tracker_update_change", entry.pk),
        ("tracker_update_add",),
    ):
        answer = client.get(reverse(f"admin:{name}", args=args))
        html = answer.content.decode()
        assert f'lang="{language}"' in html
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert not re.search(r"\sstyle=", html), name
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html), name


def test_the_language_is_switched_on_the_page(world):
    client = signed_in(world.author)
    here = reverse("admin:tracker_pledge_changelist")
    answer = client.post(reverse("set_language"), {"language": "zh-hans", "next": here})
    assert answer["Location"] == here
    assert 'lang="zh-hans"' in client.get(here).content.decode()
