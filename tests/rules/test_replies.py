from dataclasses import replace

import pytest

from tracker.rules.replies import Answer, may_be_answered, refusals
from tracker.vocabulary import Refusal, Status

#: It may be published as it is; each case below changes one thing.
GOOD = Answer(
    status=Status.NOT_KEPT,
    update_is_published=True,
    update_is_corrected=False,
    body_leads=True,
    has_text=True,
)


@pytest.mark.parametrize("status", sorted(Status.final()))
def test_every_final_status_may_be_answered(status):
    assert list(refusals(replace(GOOD, status=status))) == []


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        *(
            ({"status": status}, Refusal.REPLIES_TO_NOT_FINAL)
            for status in sorted(set(Status) - Status.final())
        ),
        ({"update_is_published": False}, Refusal.REPLIES_TO_UNPUBLISHED),
        ({"update_is_corrected": True}, Refusal.REPLIES_TO_CORRECTED),
        ({"body_leads": False}, Refusal.REPLIES_WITHOUT_LEAD),
        ({"has_text": False}, Refusal.SAYS_NOTHING),
        ({"is_published": True}, Refusal.REPLY_IS_PUBLISHED),
    ],
)
def test_what_stands_against_a_reply(change, refusal):
    assert list(refusals(replace(GOOD, **change))) == [refusal]


def test_all_that_stands_against_it_is_said_at_once():
    wrong = replace(GOOD, status=Status.STALLED, body_leads=False, has_text=False)
    assert list(refusals(wrong)) == [
        Refusal.REPLIES_TO_NOT_FINAL,
        Refusal.REPLIES_WITHOUT_LEAD,
        Refusal.SAYS_NOTHING,
    ]


def test_a_reply_is_offered_just_where_it_could_be_published():
    assert may_be_answered(Status.KEPT, is_published=True, is_corrected=False)
    assert not may_be_answered(Status.STALLED, is_published=True, is_corrected=False)
    assert not may_be_answered(Status.KEPT, is_published=False, is_corrected=False)
    assert not may_be_answered(Status.KEPT, is_published=True, is_corrected=True)
