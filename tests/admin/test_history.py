"""Who changed what, and when: told on the desk for every row whose history is kept."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from tests.admin.desk import address, form_of, signed_in
from tests.admin.test_care import bodies, pledges
from tracker.actions import updates
from tracker.admin.history import HistoryAdmin
from tracker.models import Body, Indicator, Measurement, Responsibility, User
from tracker.vocabulary import StaffRole

__all__ = ["bodies", "pledges"]


@pytest.fixture
def editor(world):
    return signed_in(world.author)


def told(answer):
    """Each entry of the page: what was done, by whom, and each field before and after."""
    return [
        (
            entry.verb,
            entry.title,
            str(entry.person),
            {change.label: (change.before, change.after) for change in entry.changes},
        )
        for entry in answer.context["page"]
    ]


def save(client, model, row, **typed):
    page = client.get(address(model, "change", row.pk))
    answer = client.post(page.request["PATH_INFO"], form_of(page) | typed)
    assert answer.status_code == 302


def test_a_pledge_s_page_tells_its_own_history_and_that_of_its_parts(world, editor):
    pledge, sector = world.pledge(public=False), world.sector()
    world.responsibility(pledge, world.body("harbour"))
    world.milestone(world.pledge("P1.02"), "Elsewhere")
    save(editor, "pledge", pledge, title_en="A better title", sectors=[str(sector.pk)])
    colleague = signed_in(world.person("colleague", StaffRole.EDITOR))
    row = {
        "milestones-TOTAL_FORMS": "1",
        "milestones-0-order": "1",
        "milestones-0-title_en": "Tender",
        "milestones-0-original_due_precision": "none",
        "responsibilities-0-role": "support",
    }
    save(colleague, "pledge", pledge, **row)
    signed_in(world.reviewer).post(address("pledge", "step", pledge.pk, "publish"))
    Responsibility.objects.get().delete()
    answer = editor.get(address("pledge", "history", pledge.pk))
    entries = told(answer)
    assert entries[0][:3] == ("Removed", "responsibility: Supports: Harbour", "None")
    published = entries[1]
    assert published[2] == "reviewer"
    assert published[3]["published by"] == ("", "reviewer")
    assert ("Changed", "responsibility: Supports: Harbour", "colleague") in [
        entry[:3] for entry in entries
    ]
    assert ("Leads", "Supports") in [entry[3].get("role") for entry in entries]
    assert ("Added", "milestone: Tender", "colleague") in [entry[:3] for entry in entries]
    titles = [entry[3].get("title (English)") for entry in entries if entry[2] == "author"]
    assert ("Pledge P1.01", "A better title") in titles
    assert ("", "Hydrogen") in [entry[3].get("sectors") for entry in entries]
    page = answer.content.decode()
    assert "Elsewhere" not in page
    assert "A better title" in page


def test_history_is_told_in_chinese_too_and_passes_the_policy(world, editor):
    pledge = world.pledge()
    world.responsibility(pledge, world.body("harbour"))
    save(editor, "pledge", pledge, title_zh="更好的标题")
    editor.cookies["django_language"] = "zh-hans"
    answer = editor.get(address("pledge", "history", pledge.pk))
    page = answer.content.decode()
    for text in ("更好的标题", "修改", "之前：", "历史"):
        assert text in page
    assert "牵头" in page
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not re.search(r"\sstyle=", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)


def test_every_row_with_a_history_shows_it_on_the_desk(lingang, editor_of_all):
    missing = []
    for model, desk in admin.site._registry.items():
        if not hasattr(model, "history"):
            continue
        assert isinstance(desk, HistoryAdmin), model
        row = model._base_manager.first()
        if row is None:
            missing.append(model.__name__)
            continue
        answer = editor_of_all.get(
            reverse(f"admin:tracker_{model._meta.model_name}_history", args=[row.pk])
        )
        assert answer.status_code == 200, model
        assert told(answer)[-1][0] == "Added", model
    assert missing in ([], ["Milestone"])


@pytest.fixture
def editor_of_all(lingang):
    person = User.objects.create(username="somebody", is_staff=True, is_site_wide=True)
    person.groups.add(Group.objects.get(name=StaffRole.EDITOR))
    return signed_in(person)


def test_the_history_of_what_is_in_another_s_care_is_not_found(world, pledges, bodies):
    client = signed_in(world.person("harbour-editor", StaffRole.EDITOR, bodies=bodies[:1]))
    mine, theirs = pledges[:2]
    assert client.get(address("pledge", "history", mine.pk)).status_code == 200
    assert client.get(address("pledge", "history", theirs.pk)).status_code == 404
    for pledge, status in ((mine, 200), (theirs, 404)):
        step = world.milestone(pledge)
        assert client.get(address("milestone", "history", step.pk)).status_code == status
        indicator = Indicator.objects.create(
            programme=world.programme,
            pledge=pledge,
            code=pledge.code,
            name_en="Output",
            unit_en="t",
        )
        number = Measurement.objects.create(
            indicator=indicator, value=1, measured_on="2023-01-01", publisher="Office"
        )
        assert client.get(address("indicator", "history", indicator.pk)).status_code == status
        assert client.get(address("measurement", "history", number.pk)).status_code == status
    assert client.get(address("pledge", "history", 10**12)).status_code == 404


def test_history_asks_for_the_right_to_see(world, client):
    pledge = world.pledge()
    nobody = signed_in(world.person("nobody"))
    assert nobody.get(address("pledge", "history", pledge.pk)).status_code == 403
    assert client.get(address("pledge", "history", pledge.pk)).status_code == 302


def test_a_long_history_is_told_in_pages_and_in_few_questions(
    world, editor, django_assert_max_num_queries
):
    body = Body.objects.create(slug="harbour", name_en="Harbour")
    for number in range(60):
        body.name_en = f"Harbour {number}"
        body.save()
    here = address("body", "history", body.pk)
    with django_assert_max_num_queries(20):
        first = editor.get(here)
    assert (len(first.context["page"]), told(first)[0][3]) == (
        50,
        {"name (English)": ("Harbour 58", "Harbour 59")},
    )
    last = editor.get(f"{here}?p=2")
    assert told(last)[-1][:2] == ("Added", "body: Harbour")
    assert editor.get(f"{here}?p=nonsense").status_code == 200


def test_an_account_is_deactivated_and_never_deleted(world, admin_client):
    person = world.person("leaver", StaffRole.EDITOR)
    assert admin_client.get(address("user", "delete", person.pk)).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [person.pk], "post": "yes"}
    admin_client.post(address("user", "changelist"), chosen)
    assert User.objects.filter(pk=person.pk).exists()


def test_a_milestone_is_edited_by_those_who_care_for_its_pledge(world, pledges, bodies):
    client = signed_in(world.person("harbour-editor", StaffRole.EDITOR, bodies=bodies[:1]))
    steps = [world.milestone(pledge, f"Step of {pledge.code}") for pledge in pledges]
    rows = client.get(address("milestone", "changelist")).context["cl"].queryset
    assert [row.pledge.code for row in rows] == ["P1.01", "P1.03"]
    assert client.get(address("milestone", "change", steps[1].pk)).status_code == 302
    page = client.get(address("milestone", "add"))
    typed = {
        "pledge": str(pledges[1].pk),
        "order": "1",
        "title_en": "Not mine",
        "original_due_precision": "none",
    }
    answer = client.post(page.request["PATH_INFO"], form_of(page) | typed)
    assert "pledge" in answer.context["adminform"].form.errors
    mine = client.get(address("milestone", "change", steps[0].pk))
    client.post(
        mine.request["PATH_INFO"],
        form_of(mine) | {"title_zh": "第一步", "pledge": str(pledges[2].pk)},
    )
    steps[0].refresh_from_db()
    # It stays with its pledge.
    assert (steps[0].title_zh, steps[0].pledge) == ("第一步", pledges[0])
    assert client.get(address("milestone", "delete", steps[0].pk)).status_code == 403


def test_a_milestone_of_the_record_keeps_its_first_date(world, editor):
    step = world.milestone(world.pledge())
    draft = world.draft(step.pledge)
    world.change(draft, step)
    updates.submit(draft, by=world.author, at=world.at)
    updates.publish(draft, by=world.reviewer, at=world.at)
    page = editor.get(address("milestone", "change", step.pk))
    assert set(form_of(page)) == {"order", "title_en", "opened"}
