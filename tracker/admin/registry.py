"""Registers every page of the desk, by importing the modules that hold them.

It is not `tracker.admin` itself that does so: Django imports that package to find the desk's own
site, before there is a site to register with.
"""

from tracker.admin import (
    audit,
    checks,
    feedback,
    frame,
    imports,
    indicators,
    milestones,
    people,
    periods,
    pledges,
    replies,
    updates,
)

__all__ = [
    "audit",
    "checks",
    "feedback",
    "frame",
    "imports",
    "indicators",
    "milestones",
    "people",
    "periods",
    "pledges",
    "replies",
    "updates",
]
