import csv
import io

import pytest

from tests.admin.desk import address, form_of, messages_of, signed_in
from tracker.models import Pledge, Update
from tracker.vocabulary import StaffRole, Status


def test_a_pledge_page_shows_its_updates_evidence_milestones_and_bodies(world):
    pledge = world.pledge()
    entry = world.published(pledge, Status.STALLED)
    draft = world.draft(pledge)
    world.evidence(draft, title="Yearbook 2024")
    world.milestone(pledge, "Tender")
    world.responsibility(pledge, world.body("harbour-office"))
    page = signed_in(world.author).get(address("pledge", "change", pledge.pk)).content.decode()
    for update in (entry, draft):
        assert address("update", "change", update.pk) in page
    for text in ("Yearbook 2024", "Tender", "Harbour-Office", "Write an update", "Stalled"):
        assert text in page


def test_an_editor_adds_a_pledge_and_a_reviewer_makes_it_public(world):
    editor, reviewer = signed_in(world.author), signed_in(world.reviewer)
    page = editor.get(address("pledge", "add"))
    typed = form_of(page) | {
        "code": "P9.01",
        "wording": "we will plant trees",
        "wording_language": "en",
        "title_en": "Plant trees",
        "announced_on": "2022-08-20",
        "programme": str(world.programme.pk),
        "original_due_on": "2025-02-01",
        "original_due_precision": "month",
    }
    editor.post(page.request["PATH_INFO"], typed)
    pledge = Pledge.objects.get(code="P9.01")
    assert (pledge.is_public, pledge.slug) == (False, "plant-trees")
    # A month lasts to its last day.
    assert pledge.original_due_on.isoformat() == "2025-02-28"
    step = address("pledge", "step", pledge.pk, "publish")
    assert editor.post(step).status_code == 403
    answer = reviewer.post(step, follow=True)
    assert messages_of(answer) == ["P9.01 is public now."]
    assert Pledge.objects.published().filter(code="P9.01").exists()


def test_a_public_pledge_keeps_what_the_source_states(world):
    pledge = world.pledge()
    editor = signed_in(world.author)
    page = editor.get(address("pledge", "change", pledge.pk))
    typed = form_of(page) | {"code": "P7.77", "wording": "something else", "title_en": "New title"}
    typed |= {"announced_on": "2025-06-01", "original_due_on": "2023-12-31"}
    editor.post(page.request["PATH_INFO"], typed)
    pledge.refresh_from_db()
    assert (pledge.code, pledge.wording) == ("P1.01", "we will do P1.01")
    assert (pledge.announced_on.isoformat(), pledge.original_due_on) == ("2022-08-20", None)
    assert pledge.title_en == "New title"


def test_saving_a_pledge_does_not_touch_its_standing(world):
    pledge = world.pledge()
    editor = signed_in(world.author)
    page = editor.get(address("pledge", "change", pledge.pk))
    world.published(pledge, Status.KEPT)
    editor.post(page.request["PATH_INFO"], form_of(page) | {"title_en": "New title"})
    assert Pledge.objects.as_of().get(pk=pledge.pk).status == Status.KEPT


def test_pledges_are_made_public_in_bulk_by_reviewers_only(world):
    pledges = [world.pledge(code, public=False) for code in ("P1.01", "P1.02")]
    chosen = {"action": "make_public", "_selected_action": [pledge.pk for pledge in pledges]}
    signed_in(world.author).post(address("pledge", "changelist"), chosen)
    assert not Pledge.objects.published().exists()
    answer = signed_in(world.reviewer).post(address("pledge", "changelist"), chosen, follow=True)
    assert messages_of(answer) == ["2 pledges are public now."]
    assert Pledge.objects.published().count() == 2


def test_the_list_searches_and_filters(world):
    stalled = world.pledge("P1.01", title_zh="氢能公交")
    world.published(stalled, Status.STALLED)
    body = world.body()
    world.responsibility(stalled, body)
    # A filter with a single choice shows nothing and filters nothing.
    world.responsibility(world.pledge("P1.03", public=False), world.body("port-office"))
    sector = world.sector()
    stalled.sectors.add(sector)
    world.pledge("P1.02", public=False)
    client = signed_in(world.author)
    for query in (
        "q=氢能",
        "q=P1.01",
        "standing__status=stalled",
        "public=1",
        f"responsibilities__body__id__exact={body.pk}",
        f"sectors__id__exact={sector.pk}",
    ):
        rows = client.get(f"{address('pledge', 'changelist')}?{query}").context["cl"].queryset
        assert [row.code for row in rows] == ["P1.01"], query
    page = client.get(address("pledge", "changelist")).content.decode()
    assert 'class="badge badge--stalled"' in page


@pytest.mark.parametrize("report", ["pledges", "updates"])
def test_reports_are_downloaded_for_chosen_pledges(world, report):
    first, second = world.pledge("P1.01"), world.pledge("P1.02")
    hidden = world.pledge("P1.03", public=False)
    for pledge in (first, second):
        world.published(pledge)
    world.draft(first, narrative_en="Secret draft")
    chosen = {
        "action": f"download_{report}",
        "_selected_action": [first.pk, hidden.pk],
    }
    manager = signed_in(world.person("manager", StaffRole.MANAGER))
    answer = manager.post(address("pledge", "changelist"), chosen)
    text = answer.getvalue().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["code" if report == "pledges" else "pledge"] for row in rows] == ["P1.01"]
    assert "Secret draft" not in text
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{report}-')


def test_nobody_deletes_a_public_pledge(world, admin_client):
    pledge = world.pledge()
    assert admin_client.get(address("pledge", "delete", pledge.pk)).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [pledge.pk], "post": "yes"}
    admin_client.post(address("pledge", "changelist"), chosen)
    assert Pledge.objects.filter(pk=pledge.pk).exists()


def test_the_updates_on_the_page_cannot_be_edited_through_it(world):
    pledge = world.pledge()
    draft = world.draft(pledge)
    editor = signed_in(world.author)
    page = editor.get(address("pledge", "change", pledge.pk))
    typed = form_of(page) | {
        "updates-TOTAL_FORMS": "1",
        "updates-INITIAL_FORMS": "1",
        "updates-0-id": str(draft.pk),
        "updates-0-pledge": str(pledge.pk),
        "updates-0-status": "kept",
        "updates-0-DELETE": "on",
    }
    editor.post(page.request["PATH_INFO"], typed)
    assert Update.objects.get(pk=draft.pk).status == draft.status
