"""The site's settings, but that SQLite does not wait for the disk: a control that must lose."""

from lingang.settings import *  # noqa: F403
from lingang.settings import DATABASES

_options = DATABASES["default"]["OPTIONS"]
if "init_command" in _options:
    _options["init_command"] = _options["init_command"].replace(
        "synchronous = FULL", "synchronous = OFF"
    )
