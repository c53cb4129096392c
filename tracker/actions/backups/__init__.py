"""Copies of the whole site, its database and the files of its evidence, that prove themselves.

A backup is a plain tar: the database's own copy, `media/`, and last `manifest.json` with the
SHA-256 of each. It is written under another name and renamed when it is on disk, so that a backup
that was killed leaves nothing that looks whole.
"""

from tracker.actions.backups.archive import BadBackup
from tracker.actions.backups.making import back_up
from tracker.actions.backups.restoring import Refused, restore

__all__ = ["BadBackup", "Refused", "back_up", "restore"]
