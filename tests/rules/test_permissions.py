import pytest

from tracker.rules.permissions import PERMISSIONS
from tracker.vocabulary import StaffRole

EDITOR, REVIEWER, MANAGER = StaffRole.EDITOR, StaffRole.REVIEWER, StaffRole.MANAGER


def test_every_role_has_its_permissions_and_there_is_no_other():
    assert set(PERMISSIONS) == set(StaffRole)


@pytest.mark.parametrize(
    ("codename", "roles"),
    [
        # Writing and reviewing are parted.
        ("add_update", {EDITOR}),
        ("change_update", {EDITOR}),
        ("delete_update", {EDITOR}),
        ("submit_update", {EDITOR}),
        ("add_evidence", {EDITOR}),
        ("change_evidence", {EDITOR}),
        ("delete_evidence", {EDITOR}),
        ("add_milestone", {EDITOR}),
        ("change_milestone", {EDITOR}),
        ("add_milestonechange", {EDITOR}),
        ("change_milestonechange", {EDITOR}),
        ("publish_update", {REVIEWER}),
        ("return_update", {REVIEWER}),
        ("publish_pledge", {REVIEWER}),
        ("publish_measurement", {REVIEWER}),
        # Editors keep the pledges, managers the frame around them.
        ("add_pledge", {EDITOR}),
        ("change_pledge", {EDITOR}),
        ("add_responsibility", {EDITOR}),
        ("add_measurement", {EDITOR}),
        ("change_measurement", {EDITOR}),
        ("add_programme", {MANAGER}),
        ("change_programme", {MANAGER}),
        ("add_pillar", {MANAGER}),
        ("change_sector", {MANAGER}),
        ("change_body", {MANAGER}),
        ("add_source", {MANAGER}),
        ("change_source", {MANAGER}),
        ("change_passage", {MANAGER}),
        ("change_sourcenote", {MANAGER}),
        ("download_report", {MANAGER}),
        # All see the whole record.
        ("view_pledge", {EDITOR, REVIEWER, MANAGER}),
        ("view_update", {EDITOR, REVIEWER, MANAGER}),
        ("view_evidence", {EDITOR, REVIEWER, MANAGER}),
        ("view_source", {EDITOR, REVIEWER, MANAGER}),
        # What the record rests on is deleted by nobody, and roles are handed out by nobody.
        ("delete_pledge", set()),
        ("delete_programme", set()),
        ("delete_pillar", set()),
        ("delete_body", set()),
        ("delete_source", set()),
        ("delete_indicator", set()),
        ("change_standing", set()),
        ("delete_standing", set()),
        ("change_head", set()),
        ("add_user", set()),
        ("change_user", set()),
    ],
)
def test_each_permission_is_held_by_just_these_roles(codename, roles):
    assert {role for role in StaffRole if codename in PERMISSIONS[role]} == roles


def test_nobody_both_writes_and_publishes_updates():
    for role in StaffRole:
        assert not {"change_update", "publish_update"} <= PERMISSIONS[role]
