"""What MDN's HTTP Observatory would say of the site, and that it is asked honestly.

The rules stand in `tests/observatory.py`, which names where MDN publishes them. What is judged are
the real answers of the site with the settings of production (`tests/served.py`); nginx, which
stands in front of it, changes no header of these (`tests/deploy/test_nginx.py`).
"""

from dataclasses import replace

import pytest
from django.conf import settings

from tests.observatory import grade, points, score
from tests.served import answers

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
PAGES = ["/", "/admin/login/"]


@pytest.fixture(scope="module")
def ways(django_db_setup, tmp_path_factory):
    """All answers on the way to each page. The database is that of the tests, and is only read."""
    database = settings.DATABASES["default"]["TEST"]["NAME"]
    return answers(tmp_path_factory.mktemp("served"), database, settings.STATIC_ROOT, *PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_it_would_give_its_best_grade(ways, page):
    given = points(ways[page])
    assert [name for name, each in given.items() if each < 0] == []
    assert score(given) >= 100
    assert grade(score(given)) == "A+"


WITHOUT = [
    ("content-security-policy", -25 - 20),
    ("strict-transport-security", -20),
    ("x-content-type-options", -5),
]


@pytest.mark.parametrize(("name", "taken"), WITHOUT)
def test_a_header_that_is_missing_costs_what_the_rules_say(ways, name, taken):
    """`frame-ancestors` goes with the policy; of X-Frame-Options too there is none then."""
    *before, page = ways["/"]
    gone = {name, "x-frame-options"}
    poorer = replace(page, headers=[pair for pair in page.headers if pair[0].lower() not in gone])
    given = points([*before, poorer])
    assert sum(each for each in given.values() if each < 0) == taken
    assert (grade(score(given)) == "A+") is (taken > -10)


COOKIES = [
    ("sessionid=x; Secure; HttpOnly; SameSite=Lax", 5),
    ("other=x; Secure", 0),
    ("sessionid=x; Secure; SameSite=Lax", -30),
    ("sessionid=x; HttpOnly; SameSite=Lax", -10),
    ("csrftoken=x; Secure", -20),
    ("other=x; SameSite=None", -20),
]


@pytest.mark.parametrize(("cookie", "given"), COOKIES)
def test_a_cookie_is_worth_what_the_rules_say(ways, cookie, given):
    *before, page = ways["/"]
    cooked = replace(page, headers=[*page.headers, ["Set-Cookie", cookie]])
    assert points([*before, cooked])["cookies"] == given


def test_every_cookie_belongs_to_this_host_and_to_no_request_from_elsewhere(ways):
    """The names, and what is said of each, are in what is really sent."""
    sent = [c for way in ways.values() for answer in way for c in answer.all("set-cookie")]
    names = {cookie.partition("=")[0] for cookie in sent}
    assert names == {"__Host-csrftoken", "__Host-language"}
    for cookie in sent:
        said = {part.strip() for part in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= said
        assert not [part for part in said if part.startswith("Domain")]
