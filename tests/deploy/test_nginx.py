"""The operators' nginx file in front of the real server."""

import re
import shutil
import socket
import subprocess
from contextlib import suppress
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import resolve
from django.utils import translation

from bench.deployed import HOST, ROOT, Deployed
from tests.views.addresses import LANGUAGES, files, follows, pages
from tracker import urls

# The database is that of the tests, and the site only reads it.
pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]


@pytest.fixture(scope="module")
def site(django_db_setup):
    """The site on the tests' own database, in which there is nothing."""
    name = settings.DATABASES["default"]["TEST"]["NAME"]
    site = Deployed(f"sqlite:///{name}")
    shutil.copytree(settings.STATIC_ROOT, site.folder / "var" / "static", dirs_exist_ok=True)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module", autouse=True)
def slow_one(site):
    """A client that begins a request before all tests and does not end it."""
    with site.tls(timeout=20) as connection:
        connection.sendall(f"GET /en/ HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: ".encode())
        yield connection


def test_nginx_takes_the_file(site):
    done = site.tested()
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


@pytest.mark.parametrize(
    ("version", "is_taken"),
    [("-tls1", False), ("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)],
)
def test_only_the_tls_of_today_is_spoken(site, version, is_taken):
    done = subprocess.run(
        [
            *("openssl", "s_client", "-connect", f"127.0.0.1:{site.https}", "-servername", HOST),
            *(version, "-cipher", "ALL:@SECLEVEL=0"),
        ],
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("Cipher is (NONE)" not in done.stdout) is is_taken, done.stdout


def test_another_host_s_name_gets_no_answer(site):
    done = subprocess.run(
        [
            "openssl",
            "s_client",
            "-connect",
            f"127.0.0.1:{site.https}",
            "-servername",
            "evil.example",
        ],
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "unrecognized name" in done.stderr


def test_plain_http_is_sent_on_where_it_only_reads(site):
    def plain(method):
        with socket.create_connection(("127.0.0.1", site.http)) as connection:
            connection.sendall(f"{method} /en/?a=1 HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
            return connection.recv(4096).decode()

    assert f"Location: https://{HOST}/en/?a=1\r\n" in plain("GET")
    assert " 403 " in plain("POST").splitlines()[0]


def test_headers_come_from_the_site_and_the_server_is_not_named(site):
    answer = site.get("/en/")
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert answer.headers["Server"] == "nginx"


def test_what_a_client_says_of_itself_does_not_reach_the_site(site):
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-For": "6.6.6.6",
        "X-Forwarded-Proto": "http",
        "X-Request-ID": "forged-by-a-client",
        "Forwarded": "for=6.6.6.6;host=evil.example",
    }
    # A page that is kept for nobody, so that the site itself answers.
    answer = site.get("/admin/login/", forged)
    # Were X-Forwarded-Proto taken, the answer would be a redirect to https.
    assert answer.status == 200
    assert answer.headers["X-Request-ID"] != "forged-by-a-client"
    assert b"evil.example" not in answer.body


@pytest.mark.parametrize(
    "address", ["/metrics", "/readyz", "/.git/config", "/media/x", "/static/.hidden", "/.env"]
)
def test_what_is_not_for_the_public_is_not_found(site, address):
    assert site.get(address).status == 404


def upstream_of(address):
    """Which server the file asks for an address, as nginx chooses among its locations."""
    text = (ROOT / "deploy/nginx/tracker.conf").read_text()
    found = re.findall(
        r"^    location (=|~|@)? ?(\S+) \{(.*?)^    \}", text, re.DOTALL | re.MULTILINE
    )
    patterns = [(place, body) for kind, place, body in found if kind == "~"]
    prefixes = sorted(
        ((p, body) for kind, p, body in found if not kind), key=lambda one: len(one[0])
    )
    matching = [body for place, body in patterns if re.search(place, address)]
    matching += [body for place, body in reversed(prefixes) if address.startswith(place)]
    return re.search(r"proxy_pass http://tracker_(\w+);", matching[0])[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_public_process_does_not_answer_is_asked_of_the_desk(world, language):
    body, sector = world.body(), world.sector()
    pledge = world.pledge()
    world.responsibility(pledge, body)
    pledge.sectors.add(sector)
    start = f"/{language}/"
    asked = [
        *pages(language),
        *files(language),
        *follows(language),
        f"{start}data/record.zip",
        f"{start}data/record.jsonl",
        f"{start}evidence/{uuid4()}/",
        f"{start}periods/2026-q3/pledges.csv",
        f"{start}pledges/P1.01/feedback/thanks/",
        f"{start}follow/asked/",
        f"{start}follow/token/confirm/",
        f"{start}follow/token/stop/",
    ]
    with translation.override(language):
        views = {address: resolve(address).func for address in asked}
    for address, view in views.items():
        wanted = "desk" if hasattr(view, "is_for_the_desk") else "public"
        assert upstream_of(address) == wanted, address
    # Each of them was among those.
    named = {v.__name__ for v in views.values() if hasattr(v, "is_for_the_desk")}
    everywhere = {
        view.__name__
        for pattern in urls.urlpatterns
        if hasattr(view := pattern.callback, "is_for_the_desk")
    }
    assert named == everywhere
    assert upstream_of("/admin/tracker/pledge/") == upstream_of("/i18n/setlang/") == "desk"
    assert upstream_of("/api/v1/pledges/") == upstream_of("/static/tracker.css") == "public"


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE"])
def test_other_methods_are_refused(site, method):
    assert site.get("/en/", method=method).status == 405


#: Two servers that part such a message otherwise would each see another second one in it.
TWO_ENDS = [
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"Content-Length: +5\r\n\r\nabcde",
]


@pytest.mark.parametrize("message", TWO_ENDS)
@pytest.mark.parametrize("server", ["nginx", "site"])
def test_a_message_that_ends_in_two_places_is_refused(site, server, message):
    """By nginx, and by the site were nginx to hand it on. What follows it is not answered."""
    if server == "nginx":
        connection = site.tls(client="127.0.0.70")
    else:
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(site.path))
    start = f"POST /healthz HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    follows = f"GET /en/method/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
    with connection:
        connection.settimeout(20)
        connection.sendall(start + message + follows)
        answered = b"".join(iter(lambda: connection.recv(65536), b""))
    statuses = re.findall(rb"^HTTP/1\.1 (\d+)", answered, re.M)
    assert len(statuses) == 1
    assert statuses[0] in {b"400", b"501"}


def test_a_page_that_has_not_changed_is_not_sent_again(site):
    first = site.get("/static/tracker.css")
    again = site.get("/static/tracker.css", {"If-Modified-Since": first.headers["Last-Modified"]})
    assert (first.status, again.status, again.body) == (200, 304, b"")


def test_a_flood_is_turned_away_and_another_reader_is_served(site):
    request = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    with site.tls(client="127.0.0.66") as flood:
        # All at once over one connection, so that no slow machine makes a trickle of it.
        flood.sendall((request + b"\r\n") * 300 + request + b"Connection: close\r\n\r\n")
        assert site.get("/en/", client="127.0.0.67").status == 200
        answered = b"".join(iter(lambda: flood.recv(65536), b""))
    assert answered.count(b"HTTP/1.1 200 OK") >= 60
    assert answered.count(b"HTTP/1.1 429 ") >= 100


def test_slow_clients_starve_nobody(site):
    slow = []
    for number in range(120):
        connection = site.tls(client=f"127.0.0.{120 + number % 10}")
        connection.sendall(b"GET /en/ HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\nX-Slow: ")
        slow.append(connection)
    assert site.get("/en/", client="127.0.0.68").status == 200
    for connection in slow:
        connection.close()


def test_restarts_fail_nobody(site):
    crowd = site.under_restarts(1)
    assert len(crowd.answers) > 20
    assert crowd.failed == []


def test_while_the_site_is_away_its_last_copy_is_served_and_marked(site):
    good = site.get("/en/method/")
    # Away, not restarting: nobody holds the socket.
    site.stop_app()
    site.path.rename(site.path.with_suffix(".away"))
    copy = site.get("/en/method/")
    unseen = site.get("/en/accessibility/")
    desk = site.get("/admin/login/")
    signed_in = site.get("/en/method/", {"Cookie": "__Host-sessionid=x"})
    site.path.with_suffix(".away").rename(site.path)
    site.start_app()
    assert (copy.status, copy.body) == (200, good.body)
    assert copy.headers["X-Last-Copy"] in {"STALE", "HIT"}
    assert "X-Last-Copy" not in good.headers
    assert [answer.status for answer in (unseen, desk, signed_in)] == [502, 502, 502]
    back = site.get("/en/method/", client="127.0.0.69")
    assert back.status == 200
    assert "X-Last-Copy" not in back.headers


def test_who_does_not_end_a_request_is_turned_out(slow_one):
    """Last, when the ten seconds that it has are over."""
    with suppress(ConnectionError):
        assert slow_one.recv(100) == b""
