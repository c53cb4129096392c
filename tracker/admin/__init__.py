"""The staff desk: Django's admin, one module for each group of nouns."""

from tracker.admin import frame, indicators, people, pledges, updates

__all__ = ["frame", "indicators", "people", "pledges", "updates"]
