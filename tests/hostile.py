"""Makes hostile requests: every address of the site with what no honest browser would send.

They are sent to the WSGI application itself, byte for byte, past the test client's good manners.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from urllib.parse import quote, quote_from_bytes, urlencode
from wsgiref.util import setup_testing_defaults

from django.urls import get_resolver
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver

#: What is written where something else is expected.
VALUES = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1.5",
        "1e309",
        "NaN",
        "²",
        "٣",
        "१",
        "0x10",
        "9" * 20,
        "9" * 5000,
        "1,2",
    ),
    *(
        "\x00",
        "a\x00b",
        "\ud800",
        "\udfff\ud83d",
        "\u202e",
        "\ufeff",
        "\u2028",
        "\r\nX-Evil: 1",
        "\x1b[2J",
    ),
    *(
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "10000-01-01",
        "2024-02-30",
        "-0001-01-01",
        "2024-1",
    ),
    *(
        "' OR 1=1--",
        '"><script>alert(1)</script>',
        "../../../etc/passwd",
        "{{7*7}}",
        "${7*7}",
        "%",
        "_",
    ),
    *(
        "A" * 10_000,
        "字" * 5000,
        "𠀀",
        "İı",
        "ß",
        "🙂" * 300,
        "\\",
        "null",
        "None",
        "[]",
        "{}",
        "true",
    ),
    *(
        "%s%n",
        "a" * 255 + ".csv",
        "javascript:alert(1)",
        "//evil.example",
        "http://[::1",
        "en",
        "zz",
    ),
)
_OWN = "q programme pillar sector body status flag due_after due_before as_of known_on sort page"
#: The names by which addresses and forms ask, and some that none of ours has.
NAMES = (
    *_OWN.split(),
    *(
        "from",
        "to",
        "by",
        "bom",
        "limit",
        "offset",
        "format",
        "callback",
        "next",
        "pledge",
        "token",
    ),
    *("e", "o", "p", "all", "_popup", "_to_field", "_changelist_filters", "id__exact", "pk__in"),
    *("term", "app_label", "model_name", "field_name", "state__exact", "pledge__id__exact", "need"),
    *(
        "status[]",
        "__proto__",
        "",
        "a" * 300,
        "\x00",
        "password__startswith",
        "created_by__password",
    ),
)
_FIELDS = (
    "pledge status effective_on reported_progress due_on due_precision narrative_en narrative_zh "
    "code title_en title_zh wording announced_on original_due_on version seen username password "
    "action _selected_action select_across _save _continue reason text file kind slug order name_en"
)
#: The names of fields in the desk's forms.
FIELDS = (
    *_FIELDS.split(),
    *(
        f"{prefix}-{name}"
        for prefix in ("evidence", "milestone_changes", "responsibilities", "pillars", "form")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MAX_NUM_FORMS", "0-id", "0-title", "0-url")
    ),
    *("evidence-0-file", "evidence-0-kind", "evidence-0-published_on", "milestone_changes-0-state"),
)
METHODS = (
    "GET",
    "GET",
    "GET",
    "GET",
    "POST",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
)
HEADERS = {
    "HTTP_ACCEPT_LANGUAGE": ("zz", "*", "en;q=9", "zh-hans", "\xff", "a" * 5000, "en," * 500),
    "HTTP_IF_NONE_MATCH": ('"x"', "*", "W/", '"' * 900, "\xe9"),
    "HTTP_IF_MODIFIED_SINCE": (
        "yesterday",
        "Mon, 99 Feb 99999 99:99:99 GMT",
        "Thu, 01 Jan 0001 00:00:00 GMT",
    ),
    "HTTP_RANGE": ("bytes=0-", "bytes=9-1", "lines=1-2", "bytes=" + "0-1," * 500),
    "HTTP_HX_REQUEST": ("true", "yes"),
    "HTTP_ACCEPT": ("application/xml", "*/*;q=x", "text/html;version=9"),
    "HTTP_ACCEPT_ENCODING": ("gzip;q=0", "br, gzip", "\xff"),
    "HTTP_HOST": ("evil.example", "127.0.0.1:99999", "[::1", "a b"),
    "HTTP_ORIGIN": ("null", "http://evil.example"),
    "HTTP_X_FORWARDED_FOR": ("1.2.3.4, evil", "\xff"),
    "HTTP_X_REQUEST_ID": ("a\tb", "x" * 9000, "\xff"),
    "HTTP_COOKIE": (
        "sessionid=" + "x" * 32,
        "django_language=\xff",
        "messages=junk; csrftoken=",
        "=" * 99,
    ),
    "CONTENT_LENGTH": ("", "-1", "abc", "9" * 30, "5"),
}
_PART = b'Content-Disposition: form-data; name="file"'
BODIES = {
    "multipart/form-data; boundary=x": (
        b"--x\r\n" + _PART + b"\r\n\r\n1\r\n--x--\r\n",
        b"--x\r\n" + _PART + b'; filename="../a\x00.csv"\r\n\r\n\xff\r\n--x--\r\n',
        b"--x\r\nContent-Transfer-Encoding: base64\r\n" + _PART + b"\r\n\r\n!\r\n--x--",
        b"no parts at all",
        b"--x",
    ),
    "multipart/form-data": (b"--x\r\n",),
    "multipart/form-data; boundary=" + "b" * 300: (b"--b",),
    "application/x-www-form-urlencoded": (
        b"&" * 5000,
        b"%",
        b"a=%zz&%00=1&b=%00",
        b"\xff=\xfe",
        b"a=1&" * 1500,
    ),
    "application/json": (b"{", b"[" * 5000, b'{"a": NaN}'),
    "text/plain; charset=nowhere": (b"a=1",),
    "application/x-www-form-urlencoded; charset=utf-7": (b"a=1",),
    "": (b"a=1",),
}


@cache
def _application():
    # Not before the static files are there, which it looks for as it starts.
    from lingang.wsgi import application

    return application


@dataclass(frozen=True)
class Hostile:
    """One request as a WSGI server would hand it on."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = ""
    body: bytes = b""

    def environ(self, cookies: str = "", token: str = "") -> dict:
        raw = re.sub(r"%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), self.path)
        own = {"HTTP_COOKIE": cookies} if cookies else {}
        environ = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": raw,
            "QUERY_STRING": self.query,
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.content_type,
            "CONTENT_LENGTH": str(len(self.body)),
            "HTTP_X_CSRFTOKEN": token,
            "wsgi.input": BytesIO(self.body),
            **own,
            **{
                name: value
                for name, value in self.headers.items()
                if not (own and "COOKIE" in name)
            },
        }
        setup_testing_defaults(environ)
        return environ

    def send(self, cookies: str = "", token: str = "") -> tuple[int, bytes]:
        """The status of the answer, and its body."""
        statuses = []
        environ = self.environ(cookies, token)
        answer = _application()(environ, lambda status, *_: statuses.append(status))
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        return int(statuses[0][:3]), body


def addresses() -> list[str]:
    """Every address of the site, with the names of what stands in it between angle brackets."""

    def walk(patterns, prefix) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, prefix + _route(pattern.pattern))
            elif isinstance(pattern, URLPattern):
                yield prefix + _route(pattern.pattern)

    return sorted(set(walk(get_resolver().url_patterns, "/")))


def _route(pattern) -> str:
    if isinstance(pattern, RoutePattern):
        return str(pattern)
    regex = getattr(pattern, "_regex", None)
    # The prefix of a language has no regex of its own; those of the API and the desk are plain.
    text = str(pattern) if regex is None else re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", str(regex))
    return (
        text.replace("^", "")
        .replace("$", "")
        .replace("\\Z", "")
        .replace("\\.", ".")
        .replace("\\", "")
    )


def requests(seed: int, known: dict[str, list[str]]) -> Iterator[Hostile]:
    """Hostile requests without end. `known` are values that exist, by the name in an address."""
    chance = random.Random(seed)
    places = addresses()
    while True:
        yield Hostile(
            method=chance.choice(METHODS),
            path=_path(chance, chance.choice(places), known),
            query=_query(chance, known),
            headers=_headers(chance),
            **_body(chance),
        )


def _path(chance: random.Random, place: str, known: dict[str, list[str]]) -> str:
    def filled(match: re.Match[str]) -> str:
        name = match[1].split(":")[-1]
        there = known.get(name, [])
        value = chance.choice(there) if there and chance.random() < 0.7 else chance.choice(VALUES)
        return _quoted(value[:2000])

    path = re.sub(r"<([^>]+)>", filled, place)
    if chance.random() < 0.05:
        path += chance.choice(("/", "%00", "%ff", "//", ";x", "%2e%2e/", "?", "."))
    return path if chance.random() < 0.5 else path.replace("/en/", "/zh-hans/", 1)


def _query(chance: random.Random, known: dict[str, list[str]]) -> str:
    shape = chance.random()
    if shape < 0.2:
        return ""
    if shape < 0.25:
        return chance.choice(
            ("&" * 2000, "=", "%", "%zz=%zz", "a" * 9000, "status=kept&" * 2000, "\xff=\xfe")
        )
    pairs = []
    for _ in range(chance.randint(1, 4)):
        name = chance.choice(NAMES)
        there = known.get(name, [])
        pairs.append(
            (
                name,
                chance.choice(there) if there and chance.random() < 0.3 else chance.choice(VALUES),
            )
        )
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _headers(chance: random.Random) -> dict[str, str]:
    if chance.random() < 0.6:
        return {}
    name = chance.choice(list(HEADERS))
    return {name: chance.choice(HEADERS[name])}


def _body(chance: random.Random) -> dict:
    if chance.random() < 0.3:
        kind = chance.choice(list(BODIES))
        return {"content_type": kind, "body": chance.choice(BODIES[kind])}
    pairs = [(chance.choice(FIELDS), chance.choice(VALUES)) for _ in range(chance.randint(0, 8))]
    body = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs])
    return {"content_type": "application/x-www-form-urlencoded", "body": body.encode()}


def _quoted(text: str) -> str:
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")
