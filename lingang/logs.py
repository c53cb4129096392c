"""How the log is written: one line an event, in UTC, and nothing in it that belongs to a person.

Values are left out rather than searched for secrets. Of a line that others log only its numbers
are kept, of an exception its type and the places it came by: what it says quotes what was typed.
"""

import json
import logging
import time
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from django.core.mail import mail_admins

#: The id of the request that this thread answers; empty between requests.
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
ROOT = f"{Path(__file__).resolve().parent.parent}/"


class Fields(logging.Formatter):
    """Makes of a record what may be kept of it, by name."""

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        moment = datetime.fromtimestamp(record.created, UTC)
        said = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": getattr(record, "request_id", "") or REQUEST_ID.get(),
            "message": _message(record),
        }
        said |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0]:
            kind, _value, trace = record.exc_info
            said["exception"] = f"{kind.__module__}.{kind.__qualname__}"
            said["places"] = [
                f"{place.filename.removeprefix(ROOT)}:{place.lineno} {place.name}"
                for place in traceback.extract_tb(trace)
            ]
        return {name: value for name, value in said.items() if value not in ("", None)}


class Json(Fields):
    """For machines: one object a line. JSON has no line break inside a text."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.fields(record), ensure_ascii=True, default=str)


class Text(Fields):
    """For one's own terminal."""

    def format(self, record: logging.LogRecord) -> str:
        said = self.fields(record)
        places = said.pop("places", [])
        line = " ".join(
            str(value) if name in {"time", "level", "message"} else f"{name}={value}"
            for name, value in said.items()
        )
        return "\n    ".join(_printable(part) for part in (line, *places))


class MailHandler(logging.Handler):
    """Mails a fault to ADMINS, as the log has it; the same fault at most once in ten minutes."""

    pause = 600.0

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._told: dict[tuple[str, object], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        said = Fields().fields(record)
        fault = (said.get("exception", record.name), str(said.get("places", ["?"])[-1]))
        now = time.monotonic()
        if now - self._told.get(fault, -self.pause) < self.pause:
            return
        self._told[fault] = now
        # A mail server that does not answer must not make a second fault of the first.
        mail_admins(
            f"A fault: {fault[0]}", json.dumps(said, indent=2, default=str), fail_silently=True
        )


def _message(record: logging.LogRecord) -> str:
    """What happened. A line about a request is told by its status: its address may hold a token."""
    status = getattr(record, "status_code", None)
    if isinstance(status, int) and hasattr(record, "request"):
        return f"{status} {_phrase(status)}"
    if record.name.startswith("lingang."):
        return record.getMessage()
    if not record.args:
        # Written out by whoever logs it: cut where values may begin.
        return str(record.msg).partition(":")[0][:200] if "%" not in str(record.msg) else "..."
    if isinstance(record.args, dict):
        return str(record.msg)[:200]
    kept = tuple(value if isinstance(value, int | float) else "..." for value in record.args)
    try:
        return str(record.msg) % kept
    except (TypeError, ValueError):
        return str(record.msg)[:200]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
