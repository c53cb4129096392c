"""Public pages are sent from memory until the record moves on, and never a moment longer."""

import gzip
from io import BytesIO

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError
from django.http.cookie import parse_cookie

from lingang.beacon import Beacon, from_the_database
from lingang.kept import Answer, Kept, Store, _copy
from lingang.lastgood import LastGood
from lingang.moment import AT_ONE_MOMENT
from tests.admin.desk import signed_in
from tests.factories import World
from tracker.models import Pledge
from tracker.vocabulary import Status

LIST = "/en/pledges/"


class Site:
    """The kept pages in front of Django, as a server would call them; counts what Django makes."""

    def __init__(self, tmp_path):
        self.made, self.is_down = 0, False
        django = WSGIHandler()

        def counted(environ, start_response):
            self.made += 1
            return django(environ, start_response)

        def ask():
            if self.is_down:
                raise DatabaseError("gone")
            return from_the_database()

        beacon = Beacon(tmp_path / "edition", ask=ask, is_shared=False)
        self.kept = Kept(counted, beacon, limit=10**7, last_good=LastGood(tmp_path / "last-good"))

    def get(self, address, method="GET", **headers):
        path, _mark, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "testserver",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            **headers,
        }
        said = []
        parts = self.kept(environ, lambda *arguments: said.append(arguments))
        body = b"".join(parts)
        getattr(parts, "close", lambda: None)()
        status, given = said[-1][:2]
        return int(status[:3]), dict(given), body


@pytest.fixture
def world(transactional_db, now):
    world = World(now)
    world.pledge()
    return world


@pytest.fixture
def site(world, tmp_path):
    return Site(tmp_path)


PAGES = [
    "/en/",
    LIST,
    "/zh-hans/pledges/?status=kept",
    "/en/pledges/P1.01/",
    "/en/pillars/1/",
    "/en/updates/",
    "/en/updates/feed/",
    "/en/method/",
    "/api/v1/pledges/",
    "/en/pledges/?as_of=2024-01-01",
]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_made_once(site, address):
    status, headers, body = site.get(address)
    assert (status, site.made) == (200, 1)
    assert headers["Cache-Control"].startswith("public, ")
    assert "Set-Cookie" not in headers
    assert site.get(address) == (200, headers, body)
    assert site.made == 1


def test_what_is_published_shows_at_once(site, world):
    assert b"Kept" not in site.get("/en/pledges/P1.01/")[2].split(b"<main")[1]
    world.published(Pledge.objects.get(), Status.KEPT)
    # By another road than a request, it is seen within a second; told of, at once.
    site.kept.beacon.announce()
    assert b"Kept" in site.get("/en/pledges/P1.01/")[2].split(b"<main")[1]


def test_what_a_request_wrote_shows_to_whoever_asks_after_its_answer(site, world, monkeypatch):
    # Nobody looks by themselves: all depends on what the writing request tells.
    monkeypatch.setattr("lingang.beacon.SECOND", 10**15)
    address = "/en/pledges/P1.01/"
    site.get(address)
    django = site.kept.application

    def writing(environ, start_response):
        if environ["REQUEST_METHOD"] == "POST":
            world.published(Pledge.objects.get(), Status.KEPT)
        return django(environ, start_response)

    site.kept.application = writing
    site.get("/admin/login/", "POST")
    assert b"Kept" in site.get(address)[2].split(b"<main")[1]


def test_a_page_made_while_the_record_moves_is_made_again(site, world):
    django = site.kept.application
    published = []

    def moving(environ, start_response):
        answer = django(environ, start_response)
        if not published:
            published.append(world.published(Pledge.objects.get(), Status.KEPT))
        return answer

    site.kept.application = moving
    assert b"Kept" in site.get("/en/pledges/P1.01/")[2].split(b"<main")[1]
    assert site.made == 2


def test_who_has_a_page_gets_no_second_one(site):
    _status, headers, _body = site.get(LIST)
    status, again, body = site.get(LIST, HTTP_IF_NONE_MATCH=headers["ETag"])
    assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
    assert site.get(LIST, HTTP_IF_NONE_MATCH='W/"other"')[0] == 200


def test_a_page_comes_compressed_to_who_takes_it(site):
    _status, headers, body = site.get(LIST)
    assert "Accept-Encoding" in headers["Vary"]
    _status, packed, small = site.get(LIST, HTTP_ACCEPT_ENCODING="br, gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(small) == body
    assert "Content-Encoding" not in site.get(LIST, HTTP_ACCEPT_ENCODING="gzip;q=0")[1]


def test_the_head_of_a_page_is_that_of_the_page(site):
    _status, headers, _body = site.get(LIST)
    assert site.get(LIST, "HEAD") == (200, headers, b"")
    assert site.get("/en/data/pledges.csv", "HEAD")[2] == b""


def test_the_list_s_own_script_gets_its_part(site):
    whole = site.get(LIST)[2]
    part = site.get(LIST, HTTP_HX_REQUEST="true")[2]
    assert len(part) < len(whole)
    assert site.get(LIST)[2] == whole


def test_who_goes_back_to_the_list_gets_it_whole(site):
    asked = {"HTTP_HX_REQUEST": "true"}
    part = site.get(LIST, **asked)[2]
    whole = site.get(LIST, HTTP_HX_HISTORY_RESTORE_REQUEST="true", **asked)[2]
    assert len(whole) > len(part)


def test_what_is_typed_takes_no_step_from_what_is_chosen(site):
    asked = {"HTTP_HX_REQUEST": "true"}
    assert "HX-Replace-Url" in site.get(LIST, HTTP_HX_TRIGGER="id_q", **asked)[1]
    assert "HX-Push-Url" in site.get(LIST, HTTP_HX_TRIGGER="id_status", **asked)[1]


@pytest.mark.parametrize("address", ["/api/v1/pledges/", "/sitemap-pledges.xml"])
def test_where_the_address_names_no_language_the_reader_s_own_is_asked(site, address):
    english = site.get(address, HTTP_ACCEPT_LANGUAGE="en")[1]
    chinese = site.get(address, HTTP_ACCEPT_LANGUAGE="zh-hans")[1]
    chosen = site.get(address, HTTP_COOKIE="django_language=zh-hans", HTTP_ACCEPT_LANGUAGE="en")[1]
    languages = [headers["Content-Language"] for headers in (english, chinese, chosen)]
    assert languages == ["en", "zh-hans", "zh-hans"]
    assert site.get(address, HTTP_ACCEPT_LANGUAGE="en")[1]["Content-Language"] == "en"


def test_who_is_signed_in_is_sent_nothing_kept_and_leaves_nothing(site, world, settings):
    site.get(LIST)
    cookie = signed_in(world.author).cookies[settings.SESSION_COOKIE_NAME].value
    own = f"{settings.SESSION_COOKIE_NAME}={cookie}"
    assert parse_cookie(own)
    _status, headers, _body = site.get(LIST, HTTP_COOKIE=own)
    assert site.made == 2
    assert headers["Cache-Control"] == "private, no-store"
    for address in ("/admin/", "/admin/tracker/pledge/"):
        status, headers, _body = site.get(address, HTTP_COOKIE=own)
        assert status == 200
        assert "no-store" in headers["Cache-Control"]


NOT_KEPT = ["/en/nowhere/", "/en/pledges/P1.01/feedback/", "/en/follow/", "/en/data/pledges.csv"]


@pytest.mark.parametrize("address", NOT_KEPT)
def test_what_is_not_for_all_is_not_kept(site, address):
    site.get(address)
    site.get(address)
    assert site.made == 2


def test_while_the_database_is_away_the_last_copy_stands_in_and_says_so(site, world, monkeypatch):
    site.get(LIST)
    world.published(Pledge.objects.get(), Status.KEPT)
    monkeypatch.setattr("lingang.beacon.SECOND", 0)
    site.is_down = True
    status, headers, body = site.get(LIST)
    assert status == 200
    assert b"the last copy of this page" in body
    assert headers["X-Served-Stale"]
    assert headers["Cache-Control"] == "no-store"
    site.is_down = False
    site.kept.beacon.announce()
    status, headers, body = site.get(LIST)
    assert b"the last copy of this page" not in body
    assert "X-Served-Stale" not in headers


def test_while_the_database_is_away_another_process_s_copy_stands_in(site, world, tmp_path):
    site.get("/en/pledges/P1.01/")
    other = Site(tmp_path)
    other.is_down = True
    status, headers, body = other.get("/en/pledges/P1.01/")
    assert (status, bool(headers["X-Served-Stale"])) == (200, True)
    assert b"the last copy of this page" in body
    other.is_down = False
    other.kept.beacon._failed_at = 0
    world.published(Pledge.objects.get(), Status.KEPT)
    assert b"Kept" in other.get("/en/pledges/P1.01/")[2].split(b"<main")[1]


def test_while_the_database_is_away_only_one_waits_for_it_to_refuse_the_others(site):
    def unavailable(environ, start_response):
        site.made += 1
        start_response("503 Service Unavailable", [("Retry-After", "30"), ("Content-Length", "2")])
        return [b"no"]

    site.kept.application, site.is_down = unavailable, True
    for address in ("/en/", LIST, "/en/pledges/P1.01/", "/en/updates/"):
        status, headers, body = site.get(address)
        assert (status, headers["Retry-After"], body) == (503, "30", b"no")
    assert site.made == 1


def test_a_place_on_disk_taken_by_another_page_gives_nothing_wrong(tmp_path):
    disk = LastGood(tmp_path)
    disk.put(("/en/",), {"day": 1}, b"home")
    assert disk.find(("/en/",)) == ({"day": 1}, b"home")
    taken = disk._place(("/en/",))
    disk.put(("/en/other/",), {"day": 1}, b"other")
    disk._place(("/en/other/",)).replace(taken)
    assert disk.find(("/en/",)) is None
    taken.write_bytes(b"half of")
    assert disk.find(("/en/",)) is None


def test_a_full_store_lets_go_of_what_was_asked_for_longest_ago():
    copy = _copy(Answer("200 OK", [("Content-Type", "image/png")], b"x" * 400), 1, 1)
    store = Store(1000)
    for name in "ab":
        store.keep((name,), copy)
    store.find(("a",))
    store.keep(("c",), copy)
    assert [bool(store.find((name,))) for name in "abc"] == [True, False, True]
    assert store.size == 800


def test_a_record_that_never_rests_gives_whole_pages_all_the_same(site, world):
    django, moments = site.kept.application, []

    def restless(environ, start_response):
        moments.append(environ[AT_ONE_MOMENT])
        answer = django(environ, start_response)
        world.published(Pledge.objects.get())
        return answer

    site.kept.application = restless
    assert site.get("/api/v1/pledges/P1.01/")[0] == 200
    assert moments == [False, False, True]
    site.get("/api/v1/pledges/P1.01/")
    assert len(moments) == 6
