from dataclasses import replace
from datetime import date

import pytest

from tracker.rules.publishing import STEPS, Corrected, Proposal, allows, refusals
from tracker.vocabulary import Refusal, Status, UpdateState

TODAY = date(2024, 6, 1)
AUTHOR, REVIEWER = 1, 2
PLEDGE, OTHER_PLEDGE = 10, 11

#: It may be submitted and published as it is; each case below changes one thing.
GOOD = Proposal(
    status=Status.KEPT,
    effective_on=TODAY,
    has_narrative=True,
    evidence=1,
    authors=frozenset({AUTHOR}),
    pledge_id=PLEDGE,
    announced_on=date(2022, 8, 20),
    pledge_is_public=True,
    milestone_pledges=frozenset({PLEDGE}),
    milestones_done_on=(TODAY,),
)
ENTRY = Corrected(pledge_id=PLEDGE, is_published=True, is_corrected=False)
CORRECTION = replace(GOOD, corrected=ENTRY, has_correction_reason=True)

REFUSED = [
    (replace(GOOD, effective_on=date(2024, 6, 2)), Refusal.EFFECTIVE_AFTER_PUBLICATION),
    (
        replace(GOOD, effective_on=date(2022, 8, 19), milestones_done_on=()),
        Refusal.EFFECTIVE_BEFORE_ANNOUNCEMENT,
    ),
    (replace(GOOD, has_narrative=False), Refusal.NO_NARRATIVE),
    *(
        (replace(GOOD, status=status, evidence=0), Refusal.NO_EVIDENCE)
        for status in Status
        if status != Status.NOT_RATED
    ),
    (replace(GOOD, milestone_pledges=frozenset({OTHER_PLEDGE})), Refusal.FOREIGN_MILESTONE),
    (
        replace(GOOD, milestone_pledges=frozenset({PLEDGE, OTHER_PLEDGE})),
        Refusal.FOREIGN_MILESTONE,
    ),
    (
        replace(GOOD, milestones_done_on=(date(2024, 1, 1), date(2024, 6, 2))),
        Refusal.DONE_AFTER_EFFECT,
    ),
    (
        replace(CORRECTION, corrected=replace(ENTRY, is_published=False)),
        Refusal.CORRECTS_UNPUBLISHED,
    ),
    (
        replace(CORRECTION, corrected=replace(ENTRY, pledge_id=OTHER_PLEDGE)),
        Refusal.CORRECTS_OTHER_PLEDGE,
    ),
    (replace(CORRECTION, corrected=replace(ENTRY, is_corrected=True)), Refusal.ALREADY_CORRECTED),
    (replace(CORRECTION, has_correction_reason=False), Refusal.NO_CORRECTION_REASON),
]
#: What stops only some reviewer, or may change before there is one, is not asked on submission.
REFUSED_TO_THE_REVIEWER = [
    (replace(GOOD, pledge_is_public=False), Refusal.PLEDGE_NOT_PUBLIC),
    *(
        (
            replace(GOOD, status=status, authors=frozenset({AUTHOR, REVIEWER})),
            Refusal.REVIEWER_IS_AUTHOR,
        )
        for status in sorted(Status.final())
    ),
]
#: These are about an update's state and are given by the steps: tests/actions/test_updates.py.
OF_THE_STEPS = {
    Refusal.NOT_EDITABLE,
    Refusal.NOT_AWAITING_REVIEW,
    Refusal.NOT_PUBLISHED,
    Refusal.NO_RETURN_REASON,
    Refusal.CHANGED_MEANWHILE,
}

#: Those of what is no update: `tests/rules/test_replies.py`, `tests/actions/test_periods.py`.
OF_REPLIES_AND_PERIODS = {
    Refusal.PERIOD_CLOSED,
    Refusal.PERIOD_NOT_OVER,
    Refusal.PERIOD_INCOMPLETE,
    Refusal.NOT_IN_PERIOD,
    Refusal.SAYS_NOTHING,
    Refusal.SAYS_TOO_MUCH,
    Refusal.REPLIES_TO_UNPUBLISHED,
    Refusal.REPLIES_TO_NOT_FINAL,
    Refusal.REPLIES_TO_CORRECTED,
    Refusal.REPLIES_WITHOUT_LEAD,
    Refusal.REPLY_IS_PUBLISHED,
}

ALLOWED = [
    GOOD,
    CORRECTION,
    replace(GOOD, effective_on=date(2022, 8, 20), milestones_done_on=()),
    replace(GOOD, status=Status.NOT_RATED, evidence=0),
    replace(GOOD, milestone_pledges=frozenset(), milestones_done_on=()),
    *(
        replace(GOOD, status=status, authors=frozenset({AUTHOR, REVIEWER}))
        for status in Status
        if status not in Status.final()
    ),
]


@pytest.mark.parametrize("proposal", ALLOWED)
def test_what_breaks_no_rule_is_published(proposal):
    assert list(refusals(proposal, on=TODAY)) == []
    assert list(refusals(proposal, on=TODAY, reviewer=REVIEWER)) == []


@pytest.mark.parametrize(("proposal", "refusal"), REFUSED)
def test_what_breaks_a_rule_is_refused_on_submission_and_on_publication(proposal, refusal):
    assert list(refusals(proposal, on=TODAY)) == [refusal]
    assert list(refusals(proposal, on=TODAY, reviewer=REVIEWER)) == [refusal]


@pytest.mark.parametrize(("proposal", "refusal"), REFUSED_TO_THE_REVIEWER)
def test_what_depends_on_the_reviewers_day_is_refused_on_publication_only(proposal, refusal):
    assert list(refusals(proposal, on=TODAY)) == []
    assert list(refusals(proposal, on=TODAY, reviewer=REVIEWER)) == [refusal]


def test_every_refusal_has_its_case():
    tabled = {refusal for _proposal, refusal in REFUSED + REFUSED_TO_THE_REVIEWER}
    assert tabled | OF_THE_STEPS | OF_REPLIES_AND_PERIODS == set(Refusal)
    assert not tabled & OF_THE_STEPS


def test_all_that_is_wrong_is_said_at_once():
    wrong = replace(
        CORRECTION,
        effective_on=date(2024, 6, 2),
        has_narrative=False,
        evidence=0,
        pledge_is_public=False,
        has_correction_reason=False,
    )
    assert list(refusals(wrong, on=TODAY, reviewer=AUTHOR)) == [
        Refusal.EFFECTIVE_AFTER_PUBLICATION,
        Refusal.NO_NARRATIVE,
        Refusal.NO_EVIDENCE,
        Refusal.NO_CORRECTION_REASON,
        Refusal.PLEDGE_NOT_PUBLIC,
        Refusal.REVIEWER_IS_AUTHOR,
    ]


DRAFT, SUBMITTED = UpdateState.DRAFT, UpdateState.SUBMITTED
RETURNED, PUBLISHED = UpdateState.RETURNED, UpdateState.PUBLISHED


@pytest.mark.parametrize(
    ("step", "states"),
    [
        ("edit", {DRAFT, RETURNED}),
        ("submit", {DRAFT, RETURNED}),
        ("withdraw", {SUBMITTED}),
        ("publish", {SUBMITTED}),
        ("return", {SUBMITTED}),
        ("correct", {PUBLISHED}),
    ],
)
def test_each_step_is_taken_from_just_these_states(step, states):
    assert {state for state in UpdateState if allows(state, step)} == states


def test_every_step_has_its_states_above():
    assert set(STEPS) == {"edit", "submit", "withdraw", "publish", "return", "correct"}
    with pytest.raises(KeyError):
        allows(DRAFT, "unpublish")


def test_the_final_statuses_are_these_four():
    assert {status for status in Status if status.is_final} == {
        Status.KEPT,
        Status.PARTLY_KEPT,
        Status.NOT_KEPT,
        Status.SUPERSEDED,
    }
