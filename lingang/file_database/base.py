"""The database backend of a site on SQLite: connections outlive the request that opened them.

To open the file and close it again takes as long as several questions: whoever closes it last also
writes the journal (`-wal`) back into it, and the next one makes the journal anew. What lies at the
file's place may be another file meanwhile, so each request looks whether it is still the same.
A connection that is closed when its file was moved away leaves the journal of the new one alone:
SQLite sees to that itself, and the tests that it does.
"""

import os
from sqlite3 import Connection
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    _file: tuple[int, int] | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        # Before it is opened: a file that is put there in between is then taken for another.
        before = self._file_there()
        connection = super().get_new_connection(conn_params)
        self._file = before or self._file_there()
        return connection

    def is_usable(self) -> bool:
        """Asked once for each request, as `CONN_HEALTH_CHECKS` is on. After a fault a new one is
        opened: of a disk that failed, the old one may know what no longer holds."""
        return not self.errors_occurred and self._file == self._file_there()

    def _file_there(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.settings_dict["NAME"])
        except OSError:
            return None
        return found.st_dev, found.st_ino
