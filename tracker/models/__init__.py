"""The nouns of the record: one module each, with its queryset above it."""

from tracker.models.audit import AuditEntry, AuditHead
from tracker.models.body import Body, Responsibility
from tracker.models.edition import Edition, Touch
from tracker.models.evidence import Evidence
from tracker.models.factor import Passkey, RecoveryCode
from tracker.models.feedback import Feedback
from tracker.models.gram import Gram, Indexed, Posting
from tracker.models.importfile import ImportFile
from tracker.models.indicator import Indicator, Measurement
from tracker.models.milestone import Milestone, MilestoneChange
from tracker.models.note import Note
from tracker.models.period import Completion, FrozenFile, Period
from tracker.models.pledge import Pledge, Standing
from tracker.models.programme import Pillar, Programme, Sector
from tracker.models.reminder import Reminder
from tracker.models.reply import Reply
from tracker.models.saved import SavedReport
from tracker.models.session import Session
from tracker.models.source import Passage, Source, SourceNote
from tracker.models.subscription import Subscription
from tracker.models.update import Head, Update
from tracker.models.user import User

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Body",
    "Completion",
    "Edition",
    "Evidence",
    "Feedback",
    "FrozenFile",
    "Gram",
    "Head",
    "ImportFile",
    "Indexed",
    "Indicator",
    "Measurement",
    "Milestone",
    "MilestoneChange",
    "Note",
    "Passage",
    "Passkey",
    "Period",
    "Pillar",
    "Pledge",
    "Posting",
    "Programme",
    "RecoveryCode",
    "Reminder",
    "Reply",
    "Responsibility",
    "SavedReport",
    "Sector",
    "Session",
    "Source",
    "SourceNote",
    "Standing",
    "Subscription",
    "Touch",
    "Update",
    "User",
]
