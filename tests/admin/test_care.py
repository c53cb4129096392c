"""Bodies own pledges: staff of a body see and change what is in its care, by whatever road."""

import pytest
from django.urls import reverse

from tests.admin.desk import address, evidence_row, form_of, signed_in
from tracker.models import Indicator, Measurement, Update
from tracker.vocabulary import Role, StaffRole, UpdateState


@pytest.fixture
def bodies(world):
    return world.body("harbour"), world.body("schools")


@pytest.fixture
def pledges(world, bodies):
    """One pledge led by each body; the first supports the third pledge too."""
    harbour, schools = bodies
    first, second, third = (world.pledge(f"P1.0{n}") for n in (1, 2, 3))
    world.responsibility(first, harbour)
    world.responsibility(second, schools)
    world.responsibility(third, schools)
    world.responsibility(third, harbour, Role.SUPPORT)
    return first, second, third


@pytest.fixture
def editor(world, bodies):
    return signed_in(world.person("harbour-editor", StaffRole.EDITOR, bodies=bodies[:1]))


@pytest.fixture
def reviewer(world, bodies):
    return signed_in(world.person("harbour-reviewer", StaffRole.REVIEWER, bodies=bodies[:1]))


def test_lists_hold_what_is_in_one_s_care(world, pledges, editor):
    for pledge in pledges:
        world.draft(pledge)
    rows = editor.get(address("pledge", "changelist")).context["cl"].queryset
    assert [row.code for row in rows] == ["P1.01", "P1.03"]
    rows = editor.get(address("update", "changelist")).context["cl"].queryset
    assert sorted(row.pledge.code for row in rows) == ["P1.01", "P1.03"]


def test_autocompletes_hold_what_is_in_one_s_care(pledges, editor):
    asked = {"app_label": "tracker", "model_name": "update", "field_name": "pledge", "term": "P1"}
    answer = editor.get(reverse("admin:autocomplete"), asked).json()
    assert [row["text"].split()[0] for row in answer["results"]] == ["P1.01", "P1.03"]


@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_direct_addresses_of_others_lead_nowhere(world, pledges, editor, page):
    draft = world.draft(pledges[1])
    for model, row in (("pledge", pledges[1]), ("update", draft)):
        answer = editor.get(address(model, page, row.pk))
        # Django sends the reader to the first page, saying that there is no such row.
        assert answer.status_code in {302, 403, 404}
        assert answer.status_code != 302 or answer["Location"] == reverse("admin:index")


def test_a_forged_form_cannot_write_for_another_body(world, pledges, editor):
    page = editor.get(f"{address('update', 'add')}?pledge={pledges[1].pk}")
    assert page.context["adminform"].form["pledge"].value() is None
    typed = form_of(page) | {
        "pledge": str(pledges[1].pk),
        "status": "in_progress",
        "effective_on": "2023-01-01",
        "narrative_en": "Not mine.",
    }
    answer = editor.post(page.request["PATH_INFO"], typed | evidence_row())
    assert "pledge" in answer.context["adminform"].form.errors
    assert not Update.objects.exists()


@pytest.mark.parametrize("step", ["submit", "withdraw", "correct", "publish", "return"])
def test_steps_on_others_updates_are_not_found(world, pledges, editor, reviewer, step):
    rows = {
        "submit": world.draft(pledges[1]),
        "withdraw": world.submitted(pledges[1]),
        "correct": world.published(pledges[1]),
        "publish": world.submitted(pledges[1]),
        "return": world.submitted(pledges[1]),
    }
    client = reviewer if step in {"publish", "return"} else editor
    before = list(Update.objects.order_by("pk").values_list("pk", "state"))
    answer = client.post(address("update", "step", rows[step].pk, step), {"reason": "x"})
    assert answer.status_code == 404
    assert list(Update.objects.order_by("pk").values_list("pk", "state")) == before


def test_a_reviewer_publishes_for_bodies_that_only_support_too(world, pledges, reviewer):
    update = world.submitted(pledges[2])
    reviewer.post(address("update", "step", update.pk, "publish"))
    update.refresh_from_db()
    assert update.state == UpdateState.PUBLISHED


def test_bulk_actions_reach_no_further(world, pledges, editor, reviewer):
    hidden = world.pledge("P2.01", public=False)
    world.responsibility(hidden, world.body("elsewhere"))
    chosen = {"action": "make_public", "_selected_action": [hidden.pk]}
    reviewer.post(address("pledge", "changelist"), chosen)
    hidden.refresh_from_db()
    assert not hidden.is_public
    draft = world.draft(pledges[1])
    chosen = {"action": "delete_selected", "_selected_action": [draft.pk], "post": "yes"}
    editor.post(address("update", "changelist"), chosen)
    assert Update.objects.filter(pk=draft.pk).exists()


def test_new_pledges_are_for_those_who_work_for_every_body(world, editor):
    assert editor.get(address("pledge", "add")).status_code == 403
    assert signed_in(world.author).get(address("pledge", "add")).status_code == 200


def test_indicators_follow_their_pledge(world, pledges, bodies, editor):
    def indicator(code, pledge):
        row = Indicator.objects.create(
            programme=world.programme, pledge=pledge, code=code, name_en=code, unit_en="t"
        )
        Measurement.objects.create(
            indicator=row, value=1, measured_on="2023-01-01", publisher="Office"
        )
        return row

    indicator("mine", pledges[0])
    indicator("theirs", pledges[1])
    indicator("everyone", None)
    rows = editor.get(address("indicator", "changelist")).context["cl"].queryset
    assert [row.code for row in rows] == ["mine"]
    rows = editor.get(address("measurement", "changelist")).context["cl"].queryset
    assert [row.indicator.code for row in rows] == ["mine"]
    rows = signed_in(world.author).get(address("indicator", "changelist")).context["cl"].queryset
    assert len(rows) == 3


def test_leaving_a_body_takes_effect_at_once(world, pledges, bodies, editor):
    assert editor.get(address("pledge", "change", pledges[0].pk)).status_code == 200
    bodies[0].members.clear()
    assert editor.get(address("pledge", "change", pledges[0].pk)).status_code == 302
