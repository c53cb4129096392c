"""Publishing a reply: who may, what is refused, and that it then stays."""

import pytest
from django.core.exceptions import PermissionDenied

from tracker.actions import replies
from tracker.actions.updates import Refused
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
def speaker(world, lead):
    return world.person("speaker", StaffRole.EDITOR, bodies=[lead])


def draft(world, update, body, **values):
    texts = {"text_en": "We see it otherwise."} | values
    return Reply.objects.create(
        update=update, body=body, edited_at=world.at, edited_by=world.author, **texts
    )


def test_publishing_says_who_and_when(world, pledge, lead, speaker):
    reply = draft(world, world.published(pledge, Status.NOT_KEPT), lead)
    assert not Reply.objects.published().exists()
    done = replies.publish(reply, by=speaker, at=world.later(hours=1))
    assert (done.published_by, done.published_at) == (speaker, world.later(hours=1))
    assert list(Reply.objects.published()) == [reply]


def test_only_who_speaks_for_the_body_publishes(world, pledge, lead, speaker):
    reply = draft(world, world.published(pledge, Status.KEPT), lead)
    support = world.body("schools")
    world.responsibility(pledge, support, Role.SUPPORT)
    for person in (
        world.reviewer,
        world.person("manager", StaffRole.MANAGER),
        # In whose care the pledge is, and who does not speak for the body that leads.
        world.person("supporter", StaffRole.EDITOR, bodies=[support]),
        world.person("stranger", StaffRole.EDITOR, bodies=[world.body("elsewhere")]),
    ):
        with pytest.raises(PermissionDenied):
            replies.publish(reply, by=person, at=world.at)
    assert not Reply.objects.published().exists()
    assert replies.publish(reply, by=speaker, at=world.at).is_published


def test_what_may_not_stand_beside_a_verdict_is_refused(world, pledge, lead):
    by, support = world.author, world.body("schools")
    world.responsibility(pledge, support, Role.SUPPORT)
    final = world.published(pledge, Status.KEPT)
    corrected = world.published(pledge, Status.NOT_KEPT)
    cases = [
        (draft(world, world.published(pledge, Status.STALLED), lead), Refusal.REPLIES_TO_NOT_FINAL),
        (draft(world, world.draft(pledge, Status.KEPT), lead), Refusal.REPLIES_TO_UNPUBLISHED),
        (draft(world, final, support), Refusal.REPLIES_WITHOUT_LEAD),
        (draft(world, final, lead, text_en=" "), Refusal.SAYS_NOTHING),
        (draft(world, corrected, lead), Refusal.REPLIES_TO_CORRECTED),
    ]
    world.correction(corrected, Status.PARTLY_KEPT)
    for reply, refusal in cases:
        with pytest.raises(Refused) as refused:
            replies.publish(reply, by=by, at=world.at)
        assert refused.value.refusals == [refusal]
    assert not Reply.objects.published().exists()


def test_a_reply_is_published_once(world, pledge, lead, speaker):
    reply = draft(world, world.published(pledge, Status.KEPT), lead)
    replies.publish(reply, by=speaker, at=world.at)
    with pytest.raises(Refused) as refused:
        replies.publish(reply, by=speaker, at=world.later(hours=1))
    assert refused.value.refusals == [Refusal.REPLY_IS_PUBLISHED]


def test_what_was_changed_meanwhile_is_not_published_unseen(world, pledge, lead, speaker):
    reply = draft(world, world.published(pledge, Status.KEPT), lead)
    seen = reply.version
    reply.text_en = "Something else."
    reply.save()
    with pytest.raises(Refused) as refused:
        replies.publish(reply, by=speaker, at=world.at, seen=seen)
    assert refused.value.refusals == [Refusal.CHANGED_MEANWHILE]
    assert replies.publish(reply, by=speaker, at=world.at, seen=reply.version).is_published
