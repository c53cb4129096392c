#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingang.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    finally:
        # A server that runs beside us shows at once what the command changed, even where it
        # stopped half-way. Where nothing could be loaded, there is nothing to tell.
        from django.apps import apps

        if apps.ready:
            from lingang.beacon import tell

            tell()
