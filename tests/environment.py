"""The environment that the suite runs in. Loaded as a plugin, before Django's settings are."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_worker = os.environ.get("PYTEST_XDIST_WORKER")

if _worker is None:
    _folder = tempfile.mkdtemp(prefix="tracker-tests-")
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    os.environ |= {"TEST_FOLDER": _folder, "SECRET_KEY": "only-for-tests-" + "0" * 40}
    # Plain http on loopback, as `make run` serves it; tests of the secure settings set them.
    os.environ |= {"DEBUG": "0", "HTTPS_ONLY": "0", "EMAIL_URL": "memorymail://"}
    # Tests sign people in by their password alone, but for those of the second factor.
    os.environ["REQUIRE_2FA"] = "0"
    # The gallery is looked at as every page is.
    os.environ["SHOW_COMPONENTS"] = "1"
    os.environ["STATIC_DIR"] = str(Path(_folder) / "static")
    # Playwright's event loop lives in the test's thread; Django would refuse the ORM there.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

os.environ["VAR_DIR"] = str(Path(os.environ["TEST_FOLDER"]) / (_worker or "main"))
