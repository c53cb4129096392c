"""Whether a scanner for malware finds something in a file that was sent.

ClamAV's `clamd` is asked, on this machine, where `CLAMD_SOCKET` names its socket. A scanner that
does not answer lets nothing through.
"""

import logging
import socket
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

#: In seconds: longer than a file of 10 MiB takes, shorter than a request has.
PATIENCE = 20


class NoAnswer(Exception):
    """The scanner is away, or says something else than whether it found anything."""


def scanned(file: File) -> File:
    """The file, once the scanner has found nothing in it, or where there is none to ask.

    Raises ValidationError where it found something, and where it does not answer.
    """
    if not settings.CLAMD_SOCKET:
        return file
    try:
        found = _found(file.chunks())
    except (OSError, NoAnswer) as error:
        logger.error("The scanner for malware does not answer: %s", error)
        raise ValidationError(
            _("The scanner for malware does not answer, so no file is taken. Try again in a while.")
        ) from error
    finally:
        file.seek(0)
    if found:
        logger.warning("A file with malware was refused")
        raise ValidationError(
            _("The scanner found malware in the file. Delete it, and tell who gave it to you.")
        )
    return file


def _found(chunks: Iterable[bytes]) -> bool:
    """What `clamd` says of the bytes: its command INSTREAM, each part with its length before it."""
    with socket.socket(socket.AF_UNIX) as scanner:
        scanner.settimeout(PATIENCE)
        scanner.connect(settings.CLAMD_SOCKET)
        scanner.sendall(b"zINSTREAM\0")
        for chunk in chunks:
            scanner.sendall(len(chunk).to_bytes(4, "big") + chunk)
        scanner.sendall(bytes(4))
        said = b"".join(iter(lambda: scanner.recv(4096), b"")).rstrip(b"\0").strip()
    if said == b"stream: OK":
        return False
    if said.startswith(b"stream: ") and said.endswith(b" FOUND"):
        return True
    raise NoAnswer(said[:100].decode("ascii", "replace"))
