"""What each staff role may do, in one table.

Codenames are those of Django's permissions in the app `tracker`. `actions.roles.sync_roles` makes
the groups exactly so; the admin and every action ask for these permissions and for no role's name.
"""

from tracker.vocabulary import StaffRole

_EVERYTHING_SEEN = frozenset(
    f"view_{model}"
    for model in (
        "programme",
        "pillar",
        "sector",
        "body",
        "source",
        "passage",
        "sourcenote",
        "pledge",
        "responsibility",
        "update",
        "evidence",
        "milestone",
        "milestonechange",
        "indicator",
        "measurement",
        "note",
        "reply",
        "period",
        "completion",
        "frozenfile",
        "feedback",
    )
)

_WRITES_UPDATES = frozenset(
    {
        "add_update",
        "change_update",
        "delete_update",
        "submit_update",
        "add_evidence",
        "change_evidence",
        "delete_evidence",
        "add_milestonechange",
        "change_milestonechange",
        "delete_milestonechange",
        "add_milestone",
        "change_milestone",
        "delete_milestone",
    }
)

_KEEPS_PLEDGES = frozenset(
    {
        "add_pledge",
        "change_pledge",
        "add_responsibility",
        "change_responsibility",
        "delete_responsibility",
        "add_indicator",
        "change_indicator",
        "add_measurement",
        "change_measurement",
        "delete_measurement",
    }
)

_SPEAKS_FOR_ITS_BODY = frozenset(
    {
        "add_reply",
        "change_reply",
        "delete_reply",
        "publish_reply",
        "add_completion",
        "delete_completion",
        "add_importfile",
        "view_importfile",
    }
)

_REMARKS = frozenset({"add_note"})

_REVIEWS = frozenset(
    {
        "publish_update",
        "return_update",
        "publish_pledge",
        "publish_measurement",
        "change_feedback",
    }
)

_KEEPS_PERIODS = frozenset({"add_period", "change_period", "close_period"})

_KEEPS_THE_FRAME = frozenset(
    f"{verb}_{model}"
    for verb in ("add", "change")
    for model in ("programme", "pillar", "sector", "body", "source", "passage", "sourcenote")
)

PERMISSIONS: dict[StaffRole, frozenset[str]] = {
    StaffRole.EDITOR: _EVERYTHING_SEEN
    | _WRITES_UPDATES
    | _KEEPS_PLEDGES
    | _SPEAKS_FOR_ITS_BODY
    | _REMARKS,
    StaffRole.REVIEWER: _EVERYTHING_SEEN | _REVIEWS | _REMARKS,
    StaffRole.MANAGER: _EVERYTHING_SEEN
    | _KEEPS_THE_FRAME
    | _KEEPS_PERIODS
    | _REMARKS
    | {"download_report", "view_importfile"},
}
