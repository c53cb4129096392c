"""The log: a line an event, an id for each request, and nothing that belongs to a person."""

import io
import json
import logging
from datetime import datetime

import pytest
from django.core import mail
from django.http import StreamingHttpResponse
from django.test import Client

from lingang import logs
from lingang.access import access
from tests.admin.desk import signed_in
from tests.factories import PASSWORD
from tests.test_settings import started
from tracker.views import home

CANARIES = {
    "password": "canary-password-1",
    "cookie": "canarycookie2",
    "token": "canary-token-3",
    "mail": "canary4@example.org",
    "words": "canary five",
}


@pytest.fixture
def written():
    """What is written to the log, in the format of a site that serves."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Json())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def of_access(stream):
    return [line for line in lines(stream) if line["logger"] == "lingang.access"]


def test_each_request_has_its_line(client, world, written):
    world.pledge()
    client.get("/en/pledges/P1.01/")
    (line,) = of_access(written)
    assert (line["method"], line["route"], line["status"]) == ("GET", "tracker:pledge-detail", 200)
    assert line["ms"] >= 0
    assert "user" not in line
    assert datetime.fromisoformat(line["time"]).utcoffset().total_seconds() == 0


def test_who_is_signed_in_is_a_number(world, written):
    signed_in(world.author).get("/admin/")
    (line,) = of_access(written)
    assert line["user"] == world.author.pk
    assert world.author.username not in written.getvalue()


def test_a_file_is_told_at_its_end_with_its_size(client, world, written):
    world.pledge()
    response = client.get("/en/data/pledges.csv")
    assert of_access(written) == []
    body = b"".join(response.streaming_content)
    (line,) = of_access(written)
    assert line["bytes"] == len(body)
    assert "broken" not in line


def test_a_file_that_breaks_off_is_told_as_such(rf, written):
    answer = access(lambda request: StreamingHttpResponse(iter([b"half", b"and half"])))
    response = answer(rf.get("/"))
    next(iter(response.streaming_content))
    # As `close` does; but that asks the database too, which this test has not.
    for close in response._resource_closers:
        close()
    (line,) = of_access(written)
    assert line["broken"] is True
    assert line["bytes"] == 4


@pytest.mark.parametrize(
    ("offered", "is_taken"),
    [
        ("0123456789abcdef", True),
        ("3f0c8f0e-11aa-4b5b-9b1c-7d7d7d7d7d7d", True),
        ("short", False),
        ("x" * 65, False),
        ("abcdefgh\r\nX-Evil: 1", False),
        ("abcdefgh{}", False),
        ("", False),
    ],
)
def test_the_proxy_s_id_is_taken_where_it_is_well_formed(client, written, offered, is_taken):
    response = client.get("/healthz", headers={"X-Request-ID": offered})
    assert (response["X-Request-ID"] == offered) is is_taken
    assert of_access(written)[0]["request"] == response["X-Request-ID"]
    assert len(response["X-Request-ID"]) >= 8


def test_a_fault_is_told_under_the_number_that_its_page_shows(client, monkeypatch, written):
    def fails(*_):
        raise RuntimeError(CANARIES["password"])

    monkeypatch.setattr(home, "asof_form", fails)
    client.raise_request_exception = False
    response = client.get("/en/", headers={"X-Request-ID": "quoted-by-a-reader"})
    assert "quoted-by-a-reader" in response.content.decode()
    (fault,) = (line for line in lines(written) if line["level"] == "error")
    assert fault["request"] == "quoted-by-a-reader"
    assert fault["exception"] == "builtins.RuntimeError"
    assert fault["places"][-1].startswith("tests/lingang/test_logs.py:")
    assert CANARIES["password"] not in written.getvalue()


@pytest.mark.usefixtures("lingang")
def test_no_log_holds_what_belongs_to_a_person(world_of_lingang, written, settings):
    settings.DEBUG = False
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = CANARIES["cookie"]
    sign_in = {"username": CANARIES["mail"], "password": CANARIES["password"]}
    client.post("/admin/login/", sign_in)
    lax = Client(raise_request_exception=False)
    lax.post("/admin/login/", sign_in)
    for address in ("confirm", "stop", "nowhere"):
        lax.get(f"/en/follow/{CANARIES['token']}/{address}/")
    lax.get("/en/pledges/", {"q": CANARIES["words"], "email": CANARIES["mail"]})
    lax.post("/en/follow/", {"email": CANARIES["mail"]})
    lax.get("/en/", headers={"Host": "canary-token-3.example"})
    lax.get("/en/nowhere/canary-token-3", headers={"Authorization": f"Bearer {CANARIES['token']}"})
    lax.get("/en/pledges/\r\ncanary-token-3/")
    for logger in ("django.db", "gunicorn.error", "somebody.else"):
        log = logging.getLogger(logger)
        log.error("Key (email)=(%s) exists", CANARIES["mail"])
        log.error("DETAIL: Key (email)=(canary4@example.org) already exists")
    text = written.getvalue()
    assert len(of_access(written)) >= 9
    assert [word for word in CANARIES.values() if word in text] == []
    assert "127.0.0.1" not in text
    assert PASSWORD not in text


@pytest.fixture
def world_of_lingang(lingang):
    return lingang


@pytest.mark.parametrize("formatter", [logs.Json(), logs.Text()])
def test_nothing_that_is_logged_can_forge_a_line(formatter):
    record = logging.LogRecord(
        "lingang.x", logging.ERROR, "", 0, "a\r\n{%s}", ('"level": "info"\n\x1b[2J\u2028',), None
    )
    record.fields = {"route": "x\n2026 forged"}
    assert len(formatter.format(record).splitlines()) == 1


def test_a_fault_is_mailed_once_and_without_what_belongs_to_a_person(settings):
    settings.ADMINS = [("operator", "operator@example.org")]
    handler = logs.MailHandler()
    for _time in range(3):
        try:
            raise RuntimeError(CANARIES["password"])
        except RuntimeError as error:
            caught = (type(error), error, error.__traceback__)
        record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s", ("x",), caught)
        handler.handle(record)
    (message,) = mail.outbox
    assert message.to == ["operator@example.org"]
    assert "RuntimeError" in message.subject
    assert CANARIES["password"] not in message.body
    assert "test_logs.py" in message.body


def test_the_format_and_the_sink_are_settings(tmp_path):
    own = {"VAR_DIR": str(tmp_path), "SECRET_KEY": "k" * 60}
    assert "LOG_FORMAT = 'json'" in started("diffsettings", **own).stdout
    assert "LOG_FORMAT = 'text'" in started("diffsettings", **own, LOG_FORMAT="text").stdout
    assert "neither json nor text" in started("check", **own, LOG_FORMAT="xml").stderr
    mailed = started("diffsettings", **own, ERROR_MAIL_TO="a@example.org").stdout
    assert "'handlers': ['log', 'mail']" in mailed
