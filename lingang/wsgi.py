"""What a WSGI server loads: `lingang.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lingang.settings")
# Loads the settings, and with them all that the layers in front of it ask for.
django = get_wsgi_application()

from django.conf import settings  # noqa: E402

from lingang.beacon import beacon  # noqa: E402
from lingang.gate import gated  # noqa: E402
from lingang.kept import Kept  # noqa: E402
from lingang.lastgood import LastGood  # noqa: E402

application = Kept(
    gated(django),
    beacon(),
    limit=settings.KEPT_PAGES_MB * 2**20,
    last_good=LastGood(settings.VAR_DIR / "last-good") if settings.KEPT_PAGES_MB else None,
)
