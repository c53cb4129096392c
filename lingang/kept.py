"""Public pages kept as they were sent, in front of everything else, under the record's edition.

A page is made once under an edition and then sent from memory until there is another edition, or
another day. While the database does not say which edition is the present one, the last good copy
is sent, marked as such, or one is made from a replica.
"""

import gzip
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from lingang import replica
from lingang.beacon import Beacon, Unconfirmed
from lingang.lastgood import LastGood
from lingang.moment import AT_ONE_MOMENT

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Application = Callable[[Environ, Callable], Iterable[bytes]]

#: What is public for all, and only there. Whether an answer is kept, it says itself.
STARTS = ("/en/", "/zh-hans/", "/api/v1/", "/sitemap", "/robots.txt")
#: A longer answer is for its reader alone; a longer address is nobody's.
MAX_BYTES, MAX_ADDRESS = 1_000_000, 2_000
#: Addresses that say in which language they are asked for. Elsewhere the reader's own decides.
LANGUAGES = ("/en/", "/zh-hans/")
#: What a reader sends that the answer may rest on, besides the address.
ASKED = (
    "HTTP_HOST",
    "wsgi.url_scheme",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_HX_REQUEST",
    "HTTP_HX_TRIGGER",
    "HTTP_HX_HISTORY_RESTORE_REQUEST",
)
#: Of the time, for how long a copy may stand in for the database, in seconds.
LAST_RESORT = 24 * 60 * 60
#: Where in a page the notice goes that it is a copy.
MARK = b"<!-- notice -->"
TRIES = 3
#: Days are Shanghai's, which is eight hours ahead the whole year.
AHEAD, DAY = 8 * 60 * 60, 24 * 60 * 60


@dataclass(frozen=True)
class Copy:
    """An answer as it was made: under which edition, on which day, when."""

    edition: int
    day: int
    made_at: float
    headers: Headers
    body: bytes
    packed: bytes
    tag: str

    @property
    def size(self) -> int:
        return len(self.body) + len(self.packed)


class Store:
    """The copies, by what was asked; those longest unasked give way once it is full."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self._copies: OrderedDict[tuple, Copy] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[tuple, threading.Lock] = {}

    def find(self, asked: tuple) -> Copy | None:
        with self._lock:
            copy = self._copies.get(asked)
            if copy is not None:
                self._copies.move_to_end(asked)
            return copy

    def keep(self, asked: tuple, copy: Copy) -> None:
        with self._lock:
            former = self._copies.pop(asked, None)
            self._copies[asked] = copy
            self.size += copy.size - (former.size if former else 0)
            while self.size > self.limit:
                _asked, oldest = self._copies.popitem(last=False)
                self.size -= oldest.size

    @contextmanager
    def alone(self, asked: tuple) -> Iterator[None]:
        """Of many who ask for the same at once, one makes it and the others wait for it."""
        with self._lock:
            lock = self._making.setdefault(asked, threading.Lock())
        with lock:
            try:
                yield
            finally:
                with self._lock:
                    self._making.pop(asked, None)


@dataclass(frozen=True)
class Answer:
    """What the application answered, whole."""

    status: str
    headers: Headers
    body: bytes


class Kept:
    """The application with kept pages in front of it."""

    def __init__(
        self,
        application: Application,
        beacon: Beacon,
        *,
        limit: int,
        last_good: LastGood | None = None,
    ) -> None:
        self.application, self.beacon, self.store = application, beacon, Store(limit)
        self.last_good = last_good
        # What is said, by language, while the database is away and there is no copy.
        self._refusals: dict[str, Copy] = {}

    def __call__(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._written(environ, start_response)
        if not _may_be_kept(environ):
            return self.application(environ, start_response)
        asked = _asked(environ)
        try:
            copy = self._current(asked)
            if copy is None:
                with self.store.alone(asked):
                    copy = self._current(asked)
                    if copy is None:
                        return self._made(environ, asked, start_response)
        except Unconfirmed:
            return self._unconfirmed(environ, asked, start_response)
        return _sent(environ, copy, start_response)

    def _unconfirmed(
        self, environ: Environ, asked: tuple, start_response: Callable
    ) -> Iterable[bytes]:
        """While the primary is away: the newest there is, marked; or that there is none."""
        copy = self.store.find(asked) or self._on_disk(asked)
        if copy and time.time() - copy.made_at > LAST_RESORT:
            copy = None
        if replica.is_there() and (copy is None or copy.edition < self.beacon.last_known):
            reading = replica.Reading(None)
            answer = _answer(
                self.application, {**environ, replica.READING: reading}, _marking(start_response)
            )
            if not isinstance(answer, Answer):
                return answer
            if not answer.status.startswith("503"):
                edition = -1 if reading.has_moved else reading.before
                made = _copy(answer, edition, _today())
                if not _is_for_all(answer):
                    return _sent(environ, made, start_response, answer.status)
                # It holds under its edition, should that be what the primary comes back with.
                self.store.keep(asked, made)
                copy = made
        if copy is None:
            return self._refused(environ, start_response)
        return _last_good(environ, copy, start_response)

    def _on_disk(self, asked: tuple) -> Copy | None:
        """What another process made, or this one before it was started anew."""
        found = self.last_good and self.last_good.find(asked)
        if not found:
            return None
        said, body = found
        headers = [(name, value) for name, value in said["headers"]]
        copy = Copy(-1, said["day"], said["made_at"], headers, body, b"", said["tag"])
        # Of no edition: never sent as the present one.
        self.store.keep(asked, copy)
        return copy

    def _refused(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        """503, without a wait for the database: those who are told to come again must not be in
        the way of those who can be served."""
        language = environ["PATH_INFO"].split("/")[1]
        refusal = self._refusals.get(language)
        if refusal is None:
            answer = _answer(self.application, environ, start_response)
            if not isinstance(answer, Answer):
                return answer
            refusal = _copy(answer, -1, _today())
            if not answer.status.startswith("503"):
                return _sent(environ, refusal, start_response, answer.status)
            self._refusals[language] = refusal
        return _sent(environ, refusal, start_response, "503 Service Unavailable")

    def _current(self, asked: tuple) -> Copy | None:
        edition, day = self.beacon.confirmed(), _today()
        copy = self.store.find(asked)
        return copy if copy and copy.edition == edition and copy.day == day else None

    def _made(self, environ: Environ, asked: tuple, start_response: Callable) -> Iterable[bytes]:
        """Makes a page, and keeps it where it says that everybody may have it.

        Where the record moved on meanwhile, one part of the page may be older than another: it is
        made anew.
        """
        for tries in range(1, TRIES + 1):
            edition, day = self.beacon.confirmed(), _today()
            # Where it moves faster than a page is made, the last one is made of one moment of it.
            reading = replica.Reading(edition)
            asking = {**environ, AT_ONE_MOMENT: tries == TRIES, replica.READING: reading}
            answer = _answer(self.application, asking, start_response)
            if not isinstance(answer, Answer):
                return answer
            copy = _copy(answer, edition, day)
            has_moved = self.beacon.ask() != edition or reading.has_moved
            if not has_moved and _is_for_all(answer):
                self.store.keep(asked, copy)
                if self.last_good and not environ.get("QUERY_STRING"):
                    said = {name: getattr(copy, name) for name in ("day", "made_at", "tag")}
                    self.last_good.put(asked, {**said, "headers": copy.headers}, copy.body)
            if not has_moved or tries == TRIES:
                break
        return _sent(environ, copy, start_response, answer.status)

    def _written(self, environ: Environ, start_response: Callable) -> Iterable[bytes]:
        """Lets through what may change the record, and tells of it before the answer goes out."""
        started: list[tuple] = []

        def later(*arguments: Any) -> Callable[[bytes], None]:
            started.append(arguments)
            return _no_write

        answer = self.application(environ, later)
        self.beacon.announce()
        start_response(*started[-1])
        return answer


def _no_write(_data: bytes) -> None:
    raise RuntimeError("An answer is given as what the application returns, never written.")


def _may_be_kept(environ: Environ) -> bool:
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    if not path.startswith(STARTS) or len(path) + len(query) > MAX_ADDRESS:
        return False
    cookies = environ.get("HTTP_COOKIE")
    if not cookies:
        return True
    try:
        sent = SimpleCookie(cookies)
    except CookieError:
        return False
    if settings.LANGUAGE_COOKIE_NAME in sent and not path.startswith(LANGUAGES):
        return False
    return settings.SESSION_COOKIE_NAME not in sent


def _asked(environ: Environ) -> tuple:
    path = environ["PATH_INFO"]
    return (
        path,
        environ.get("QUERY_STRING", ""),
        "" if path.startswith(LANGUAGES) else environ.get("HTTP_ACCEPT_LANGUAGE", ""),
        *[environ.get(name, "") for name in ASKED],
    )


def _answer(
    application: Application, environ: Environ, start_response: Callable
) -> Answer | Iterable[bytes]:
    """The whole answer; or what goes to the reader as it comes, for it is streamed."""
    started: list[tuple] = []

    def later(*arguments: Any) -> Callable[[bytes], None]:
        started.append(arguments)
        return _no_write

    # Asked for whole and as it is: from that, what is asked for now and later is made.
    plain = {**environ, "REQUEST_METHOD": "GET"}
    for name in ("HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"):
        plain.pop(name, None)
    parts = application(plain, later)
    status, headers = started[-1][:2]
    length = next((value for name, value in headers if name.lower() == "content-length"), "")
    if not length.isdecimal() or int(length) > MAX_BYTES:
        # Not looked at again: it was made for one reader, who may have wanted its head only.
        if environ["REQUEST_METHOD"] == "HEAD":
            _close(parts)
            parts = []
        start_response(status, headers)
        return parts
    try:
        return Answer(status, headers, b"".join(parts))
    finally:
        _close(parts)


def _close(parts: Iterable[bytes]) -> None:
    getattr(parts, "close", lambda: None)()


def _is_for_all(answer: Answer) -> bool:
    names = {name.lower(): value for name, value in answer.headers}
    return (
        answer.status.startswith("200")
        and names.get("cache-control", "").startswith("public")
        and "set-cookie" not in names
    )


def _copy(answer: Answer, edition: int, day: int) -> Copy:
    headers = [
        (name, value)
        for name, value in answer.headers
        if name.lower() not in ("content-length", "etag", "vary", "x-request-id")
    ]
    vary = {
        each.strip()
        for name, value in answer.headers
        if name.lower() == "vary"
        for each in value.split(",")
    }
    headers.append(("Vary", ", ".join(sorted({*vary, "Accept-Encoding"}))))
    return Copy(
        edition,
        day,
        time.time(),
        headers,
        answer.body,
        gzip.compress(answer.body, 6, mtime=0) if _is_text(headers) else b"",
        f'W/"{sha256(answer.body).hexdigest()[:32]}"',
    )


def _is_text(headers: Headers) -> bool:
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    return kind.startswith("text/") or "json" in kind or "xml" in kind


def _sent(
    environ: Environ, copy: Copy, start_response: Callable, status: str = "200 OK"
) -> Iterable[bytes]:
    if not status.startswith("200"):
        start_response(status, [*copy.headers, ("Content-Length", str(len(copy.body)))])
        return [copy.body] if environ["REQUEST_METHOD"] == "GET" else []
    headers = [*copy.headers, ("ETag", copy.tag)]
    if _has(environ, copy.tag):
        start_response("304 Not Modified", headers)
        return []
    body = copy.body
    if copy.packed and _takes_gzip(environ):
        body = copy.packed
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    start_response(status, headers)
    return [body] if environ["REQUEST_METHOD"] == "GET" else []


def _last_good(environ: Environ, copy: Copy, start_response: Callable) -> Iterable[bytes]:
    """The copy, which says to reader and cache that it is one."""
    age = int(time.time() - copy.made_at)
    body = copy.body.replace(MARK, _notice(environ["PATH_INFO"]))
    _marking(start_response)(
        "200 OK", [*copy.headers, ("Age", str(age)), ("Content-Length", str(len(body)))]
    )
    return [body] if environ["REQUEST_METHOD"] == "GET" else []


def _marking(start_response: Callable) -> Callable:
    """Begins an answer that no cache may keep, for the present one may be another."""

    def begin(status: str, headers: Headers, *more: Any) -> Any:
        kept = [(name, value) for name, value in headers if name.lower() != "cache-control"]
        said = [("Cache-Control", "no-store"), ("X-Served-Stale", "the database does not answer")]
        return start_response(status, [*kept, *said], *more)

    return begin


def _notice(path: str) -> bytes:
    with translation.override("zh-hans" if path.startswith("/zh-hans/") else "en"):
        return render_to_string("components/copy_notice.html").encode()


def _has(environ: Environ, tag: str) -> bool:
    """Whether the reader has this copy already."""
    known = environ.get("HTTP_IF_NONE_MATCH", "")
    return known in (tag, "*") or tag in (each.strip() for each in known.split(","))


def _takes_gzip(environ: Environ) -> bool:
    accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
    return "gzip" in accepted and "gzip;q=0" not in accepted.replace(" ", "")


def _today() -> int:
    return int(time.time() + AHEAD) // DAY
