"""Asks the site as it is deployed: run with the settings of production, in a process of its own.

    python -m tests.served /en/ /admin/login/      prints each way of answers as JSON

Settings are read once, as a process begins: what they make of an answer is seen in another process.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from http.cookies import SimpleCookie
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit
from wsgiref.util import setup_testing_defaults

HOST = "pledges.example.org"
#: Another site, whose script asks.
ORIGIN = "https://elsewhere.example"


@dataclass(frozen=True)
class Answer:
    """One answer: what was asked, the status, every header in its order, and the body."""

    url: str
    status: int
    headers: list[list[str]]
    body: str

    def all(self, name: str) -> list[str]:
        return [value.strip() for key, value in self.headers if key.lower() == name]

    def first(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


def answers(folder: Path, database: str, static: Path, *addresses: str) -> dict[str, list[Answer]]:
    """For each address all answers from plain http on, redirects followed."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "lingang.settings",
        "SECRET_KEY": "8VTzqL0xkPq3cF1rY6uJ9wB2nM5sD7hG4aEz0QeRtYuIoPaSdFgHj",
        "VAR_DIR": str(folder),
        "STATIC_DIR": str(static),
        "DATABASE_URL": f"sqlite:///{database}",
        "ALLOWED_HOSTS": HOST,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.served", *addresses],
        cwd=Path(__file__).resolve().parent.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return {address: [Answer(**one) for one in way] for address, way in told.items()}


def _ask(url: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
    # Not before there are settings: this module is imported by tests, too.
    from lingang.wsgi import application

    parts, begun = urlsplit(url), []
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "443" if parts.scheme == "https" else "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": HOST,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        **headers,
    }
    setup_testing_defaults(environ)
    answered = application(environ, lambda status, names, *_: begun.append((status, names)))
    try:
        text = b"".join(answered).decode("utf-8", "replace")
    finally:
        getattr(answered, "close", lambda: None)()
    ((status, names),) = begun
    return Answer(url, int(status[:3]), [list(pair) for pair in names], text)


def _way(address: str) -> list[Answer]:
    way = [_ask(f"http://{HOST}{address}", HTTP_ORIGIN=ORIGIN)]
    while 300 <= way[-1].status < 400 and len(way) < 9:
        url = urljoin(way[-1].url, way[-1].first("location") or "")
        way.append(_ask(url, HTTP_ORIGIN=ORIGIN))
    return way


def _language_chosen() -> Answer:
    """The answer to who chooses a language, which sets a cookie."""
    page = _ask(f"https://{HOST}/admin/login/")
    cookie = SimpleCookie("; ".join(page.all("set-cookie")))
    ((name, token),) = ((key, one.value) for key, one in cookie.items() if "csrf" in key)
    return _ask(
        f"https://{HOST}/i18n/setlang/",
        "POST",
        urlencode({"language": "zh-hans", "csrfmiddlewaretoken": token}).encode(),
        HTTP_COOKIE=f"{name}={token}",
        HTTP_REFERER=f"https://{HOST}/",
    )


if __name__ == "__main__":
    told = {address: _way(address) for address in sys.argv[1:]}
    told["language"] = [_language_chosen()]
    sys.stdout.write(json.dumps({key: [asdict(one) for one in way] for key, way in told.items()}))
