"""What every answer tells the browser, whatever the address."""

import re

import pytest

from tests.admin.desk import signed_in
from tests.test_settings import started
from tracker.models import User

PUBLIC = [
    "/en/",
    "/zh-hans/pledges/",
    "/en/data/pledges.csv",
    "/en/nowhere/",
    "/healthz",
    "/admin/login/",
]


def headers_of(response):
    return {name: response.get(name) for name in response.headers}


@pytest.mark.parametrize("address", PUBLIC)
def test_every_answer_is_kept_to_itself(client, db, address):
    headers = headers_of(client.get(address))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "object-src 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ["/api/v1/pledges/", "/en/embed/pillars/1/"])
def test_what_is_made_for_other_sites_may_be_used_by_them(client, world, address):
    world.pledge()
    response = client.get(address)
    assert response.status_code == 200
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_desk_is_as_strict(world):
    response = signed_in(world.author).get("/admin/")
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_cookies_belong_to_this_host_and_to_tls(tmp_path):
    keys = {"SECRET_KEY": "k" * 60, "SECRET_KEY_FALLBACKS": "one,two"}
    done = started("diffsettings", VAR_DIR=str(tmp_path), **keys)
    for line in (
        "SESSION_COOKIE_NAME = '__Host-sessionid'",
        "CSRF_COOKIE_NAME = '__Host-csrftoken'",
        "SESSION_COOKIE_SECURE = True",
        "CSRF_COOKIE_SECURE = True",
        "CSRF_COOKIE_HTTPONLY = True",
        "LANGUAGE_COOKIE_NAME = '__Host-language'",
        # A key can be changed without signing anybody out.
        "SECRET_KEY_FALLBACKS = ['one', 'two']",
    ):
        assert line in done.stdout
    assert "SESSION_COOKIE_HTTPONLY = False" not in done.stdout
    assert "SESSION_COOKIE_DOMAIN" not in done.stdout


@pytest.mark.parametrize("method", ["trace", "put", "delete", "patch"])
@pytest.mark.parametrize("address", ["/en/", "/admin/", "/healthz"])
def test_a_method_that_nothing_knows_is_refused(client, db, method, address):
    response = getattr(client, method)(address)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    "address",
    [
        *PUBLIC,
        "/",
        "/en/updates/feed/",
        "/en/milestones.ics",
        "/sitemap.xml",
        "/sitemap-record.xml",
        "/robots.txt",
        "/readyz",
        "/static/tracker.css",
        "/static/list.js",
        "/static/favicon.svg",
        "/en/?q=%00",
        "/admin/jsi18n/",
    ],
)
def test_text_tells_its_encoding(client, db, address):
    kind = client.get(address)["Content-Type"]
    assert re.fullmatch(r'(text/[\w-]+|[\w/-]+[+/]xml); charset="?utf-8"?(; method=PUBLISH)?', kind)


@pytest.mark.parametrize(
    "address",
    [
        "/admin/login/",
        "/admin/password_change/",
        "/admin/sign-in/set-up/app/",
        "/admin/tracker/user/add/",
        "/en/follow/",
        "/en/pledges/P1.01/feedback/",
    ],
)
def test_what_is_nobody_else_s_is_sent_in_the_body(client, world, address):
    """Not in an address, which browsers, servers and other sites write down."""
    world.pledge()
    if "/admin/" in address and "login" not in address:
        client = signed_in(User.objects.create_superuser("root", password="x"))
    forms = re.findall(r"<form.*?</form>", client.get(address).content.decode(), re.DOTALL)
    secret = re.compile(r'type="(password|email)"|name="(code|recovery|passkey|text)"')
    with_secrets = [form for form in forms if secret.search(form)]
    assert with_secrets
    for form in with_secrets:
        assert 'method="post"' in form.partition(">")[0]
        assert not secret.search(form.partition(">")[0])
