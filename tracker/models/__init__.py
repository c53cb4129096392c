"""The nouns of the record: one module each, with its queryset above it."""

from tracker.models.body import Body, Responsibility
from tracker.models.evidence import Evidence
from tracker.models.indicator import Indicator, Measurement
from tracker.models.milestone import Milestone, MilestoneChange
from tracker.models.pledge import Pledge, Standing
from tracker.models.programme import Pillar, Programme, Sector
from tracker.models.source import Passage, Source, SourceNote
from tracker.models.update import Head, Update
from tracker.models.user import User

__all__ = [
    "Body",
    "Evidence",
    "Head",
    "Indicator",
    "Measurement",
    "Milestone",
    "MilestoneChange",
    "Passage",
    "Pillar",
    "Pledge",
    "Programme",
    "Responsibility",
    "Sector",
    "Source",
    "SourceNote",
    "Standing",
    "Update",
    "User",
]
