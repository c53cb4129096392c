"""What a WSGI server loads: `lingang.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from lingang.gate import gated

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingang.settings")
application = gated(get_wsgi_application())
