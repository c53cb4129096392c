"""What every answer tells the browser, whatever the address."""

import pytest

from tests.admin.desk import signed_in
from tests.test_settings import started

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
    done = started("diffsettings", VAR_DIR=str(tmp_path), SECRET_KEY="k" * 60)
    for line in (
        "SESSION_COOKIE_NAME = '__Host-sessionid'",
        "CSRF_COOKIE_NAME = '__Host-csrftoken'",
        "SESSION_COOKIE_SECURE = True",
        "CSRF_COOKIE_SECURE = True",
        "CSRF_COOKIE_HTTPONLY = True",
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
