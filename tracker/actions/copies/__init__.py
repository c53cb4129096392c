"""Brings a copy of a record into an empty site (`reports.copies` makes one).

Rows come in under the guards of the database; entries are submitted and published one by one, at
their own moments, by the same actions as ever. The digest of each must come out as it was.
"""

from tracker.actions.copies.archive import Archive, BadCopy
from tracker.actions.copies.bringing import bring_in

__all__ = ["Archive", "BadCopy", "bring_in"]
