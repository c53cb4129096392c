import pytest
from django.core.exceptions import PermissionDenied

from tracker.actions import milestones
from tracker.actions.updates import Refused
from tracker.models import Milestone
from tracker.vocabulary import Refusal


def test_a_milestone_is_begun_with_a_draft_and_with_no_other(world):
    pledge = world.pledge()
    world.milestone(pledge, order=3)
    draft, waiting = world.draft(pledge), world.submitted(pledge)
    with pytest.raises(PermissionDenied):
        milestones.begin(draft, by=world.reviewer, title_en="Tender")
    with pytest.raises(Refused) as refused:
        milestones.begin(waiting, by=world.author, title_en="Tender")
    assert refused.value.refusals == [Refusal.NOT_EDITABLE]
    begun = milestones.begin(draft, by=world.author, title_en="Tender")
    assert (begun.order, begun.pledge) == (4, pledge)
    assert draft.milestone_changes.get().milestone == begun
    assert Milestone.objects.count() == 2
