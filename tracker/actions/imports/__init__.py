"""Bringing in files of pledges, milestones and updates: previewed, then applied whole or not.

`columns` finds which column of a file is which; `pledges`, `milestones` and `updates` say what
would become of each row (`plan`); `files` keeps the file and applies it.
"""

from tracker.actions.imports.columns import Choices
from tracker.actions.imports.files import (
    Applied,
    Moved,
    Wrong,
    apply,
    choose,
    keep,
    preview,
    remember,
)
from tracker.actions.imports.plan import Plan

__all__ = [
    "Applied",
    "Choices",
    "Moved",
    "Plan",
    "Wrong",
    "apply",
    "choose",
    "keep",
    "preview",
    "remember",
]
