"""The right of reply, as staff of the body that leads write it."""

import pytest

from tests.admin.desk import address, form_of, messages_of, signed_in
from tracker.models import Reply
from tracker.vocabulary import Refusal, Role, StaffRole, Status


@pytest.fixture
def lead(world):
    return world.body("harbour")


@pytest.fixture
def pledge(world, lead):
    pledge = world.pledge()
    world.responsibility(pledge, lead)
    return pledge


@pytest.fixture
def verdict(world, pledge):
    return world.published(pledge, Status.NOT_KEPT)


@pytest.fixture
def speaker(world, lead):
    return signed_in(world.person("speaker", StaffRole.EDITOR, bodies=[lead]))


def write(client, update, **values):
    where = f"{address('reply', 'add')}?update={update.pk}"
    page = client.get(where)
    texts = {"text_en": "We see it otherwise.", "text_zh": "我们看法不同。"}
    return client.post(where, form_of(page) | texts | values, follow=True)


def test_a_reply_is_begun_from_the_verdict_and_published(lead, verdict, speaker):
    page = speaker.get(address("update", "change", verdict.pk)).content.decode()
    assert f"{address('reply', 'add')}?update={verdict.pk}" in page
    answer = write(speaker, verdict, _publish="1")
    assert messages_of(answer)[-1] == "The reply is public now, beside the verdict."
    reply = Reply.objects.published().get()
    assert (reply.update, reply.body, reply.text_zh) == (verdict, lead, "我们看法不同。")
    page = speaker.get(address("reply", "change", reply.pk))
    assert 'name="text_en"' not in page.content.decode()
    assert speaker.post(address("reply", "change", reply.pk), {"text_en": "x"}).status_code == 403
    assert speaker.get(address("reply", "delete", reply.pk)).status_code == 403
    assert "published on" in speaker.get(address("update", "change", verdict.pk)).content.decode()


def test_a_draft_is_kept_and_changed_before_it_is_public(world, verdict, speaker):
    write(speaker, verdict, _continue="1")
    reply = Reply.objects.get()
    assert not reply.is_published
    page = speaker.get(address("reply", "change", reply.pk))
    speaker.post(page.request["PATH_INFO"], form_of(page) | {"text_en": "Better said."})
    reply.refresh_from_db()
    assert (reply.text_en, reply.edited_by.username) == ("Better said.", "speaker")


def test_what_is_no_verdict_is_not_answered(world, pledge, lead, speaker):
    stalled = world.published(pledge, Status.STALLED)
    draft = world.draft(pledge, Status.KEPT)
    corrected = world.published(pledge, Status.KEPT)
    world.correction(corrected, Status.PARTLY_KEPT)
    for update, refusal in (
        (stalled, Refusal.REPLIES_TO_NOT_FINAL),
        (draft, Refusal.REPLIES_TO_UNPUBLISHED),
        (corrected, Refusal.REPLIES_TO_CORRECTED),
    ):
        page = speaker.get(address("update", "change", update.pk)).content.decode()
        assert address("reply", "add") + "?" not in page
        answer = write(speaker, update)
        assert str(refusal.label) in answer.context["adminform"].form.errors["update"]
        assert "We see it otherwise." in answer.content.decode()
    assert not Reply.objects.exists()


def test_only_bodies_that_lead_are_offered(world, pledge, lead, verdict, speaker):
    support = world.body("schools")
    world.responsibility(pledge, support, Role.SUPPORT)
    page = signed_in(world.author).get(f"{address('reply', 'add')}?update={verdict.pk}")
    assert list(page.context["adminform"].form.fields["body"].queryset) == [lead]
    supporter = signed_in(world.person("supporter", StaffRole.EDITOR, bodies=[support]))
    html = supporter.get(address("update", "change", verdict.pk)).content.decode()
    assert address("reply", "add") + "?" not in html
    for body in (lead, support):
        answer = write(supporter, verdict, body=str(body.pk))
        assert "body" in answer.context["adminform"].form.errors
    # Nor by a form that was opened without saying what it answers.
    where = address("reply", "add")
    sent = {"update": verdict.pk, "body": support.pk, "text_en": "x", "_publish": "1"}
    answer = supporter.post(where, sent)
    assert answer.context["adminform"].form.errors["body"] == [Refusal.REPLIES_WITHOUT_LEAD.label]
    assert not Reply.objects.exists()


def test_a_reply_says_something(verdict, speaker):
    answer = write(speaker, verdict, text_en=" ", text_zh="")
    assert answer.context["adminform"].form.errors
    assert not Reply.objects.exists()


def test_replies_of_others_lead_nowhere(world, pledge, lead, verdict, speaker):
    write(speaker, verdict, _continue="1")
    reply = Reply.objects.get()
    stranger = signed_in(world.person("stranger", StaffRole.EDITOR, bodies=[world.body("other")]))
    assert list(stranger.get(address("reply", "changelist")).context["cl"].queryset) == []
    assert stranger.get(address("reply", "change", reply.pk)).status_code == 302
    assert stranger.post(address("reply", "step", reply.pk, "publish")).status_code == 404
    sent = {"update": verdict.pk, "body": lead.pk, "text_en": "x", "_publish": "1"}
    answer = stranger.post(address("reply", "add"), sent)
    assert {"update", "body"} <= set(answer.context["adminform"].form.errors)
    # One who works for the pledge, and does not speak for the body, sees it and no more.
    support = world.body("schools")
    world.responsibility(pledge, support, Role.SUPPORT)
    supporter = signed_in(world.person("supporter", StaffRole.EDITOR, bodies=[support]))
    assert supporter.get(address("reply", "change", reply.pk)).status_code == 200
    assert supporter.post(address("reply", "change", reply.pk), {}).status_code == 403
    assert supporter.post(address("reply", "step", reply.pk, "publish")).status_code == 403
    assert not Reply.objects.published().exists()


@pytest.mark.parametrize("update", ["", "x", "99999999", "9" * 30])
def test_a_strange_update_in_the_address_does_no_harm(speaker, update):
    assert speaker.get(f"{address('reply', 'add')}?update={update}").status_code == 200
