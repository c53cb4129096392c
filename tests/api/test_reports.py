"""Every public report as JSON, page by page: the same rows as in its file."""

import json

import pytest

from tracker.queries import chain
from tracker.reports import REPORTS, STAFF_REPORTS

ADDRESS = "/api/v1"


@pytest.fixture
def get(client):
    def read(address, status=200, **kwargs):
        response = client.get(f"{ADDRESS}/{address}", **kwargs)
        assert response.status_code == status, response.content
        return response.json() if response.content else None

    return read


@pytest.mark.usefixtures("lingang")
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_holds_what_its_file_holds(get, client, name):
    rows, page = [], f"{name}/?page_size=20"
    while page:
        answer = get(page)
        rows += answer["results"]
        page = answer["next"] and answer["next"].partition(f"{ADDRESS}/")[2]
    assert len(rows) == answer["count"]
    file = b"".join(client.get(f"/en/data/{name}.json").streaming_content)
    assert rows == json.loads(file)["rows"]


@pytest.mark.usefixtures("lingang")
def test_filters_and_days_are_those_of_the_list(get):
    kept = get("pledges/?status=kept&status=partly_kept")
    assert {row["status"] for row in kept["results"]} == {"kept", "partly_kept"}
    then = get("pledges/?as_of=2022-08-20")
    assert {row["status"] for row in then["results"]} == {"not_rated"}
    assert then["parameters"] == {"as_of": "2022-08-20"}


@pytest.mark.usefixtures("lingang")
def test_pages_lead_to_one_another_and_keep_what_was_asked(get):
    first = get("updates/?page_size=10&pillar=1")
    assert first["previous"] is None
    assert "page=2" in first["next"]
    assert "pillar=1" in first["next"]
    second = get(first["next"].partition(f"{ADDRESS}/")[2])
    assert "page=1" in second["previous"]
    assert not {row["uid"] for row in first["results"]} & {row["uid"] for row in second["results"]}


@pytest.mark.usefixtures("lingang")
def test_it_says_where_the_record_ends(get):
    head = chain.head()
    assert get("summary/")["head"] == {"number": head.number, "digest": head.digest}
    assert get("summary/?known_on=2022-09-01")["head"]["number"] == 0


@pytest.mark.usefixtures("lingang")
def test_a_pledge_comes_with_its_entries(get):
    answer = get("pledges/P2.01/")
    assert answer["pledge"]["code"] == "P2.01"
    assert {row["pledge"] for row in answer["updates"]} == {"P2.01"}
    assert answer["milestones"] == []


@pytest.mark.usefixtures("lingang")
def test_the_first_address_names_the_others(get):
    answer = get("")
    assert list(answer["reports"]) == list(REPORTS)
    for address in (*answer["reports"].values(), answer["description"]):
        get(address.partition(f"{ADDRESS}/")[2])


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ("pledges/?status=wonderful", "status"),
        ("pledges/?as_of=2022-13-01", "as_of"),
        ("pledges/?as_of=2999-01-01", "as_of"),
        ("pledges/?q=%00", "q"),
        ("pledges/?page=0", "page"),
        ("pledges/?page=²", "page"),
        ("pledges/?page=99999999999999999999", "page"),
        ("pledges/?page_size=201", "page_size"),
        ("pledges/?from=2022-01-01", "from"),
        ("pledges/?by=body", "by"),
        ("changes/?from=2023-02-01&to=2023-01-01", "from"),
        ("summary/?by=weather", "by"),
        ("pledges/P1.01/?known_on=yesterday", "known_on"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_answered_is_refused_by_name(client, asked, parameter):
    response = client.get(f"{ADDRESS}/{asked}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    said = response.json()
    assert (said["type"], said["title"], said["status"]) == ("about:blank", "Bad Request", 400)
    assert list(said["errors"]) == [parameter]
    assert all(said["errors"][parameter])


@pytest.mark.parametrize(
    "asked",
    ["pledges/?page=2", "pledges/X9.99/", "weather/", *(f"{name}/" for name in STAFF_REPORTS)],
)
@pytest.mark.django_db
def test_what_is_not_there_is_not_found(client, asked):
    assert client.get(f"{ADDRESS}/{asked}").status_code == 404


def test_nothing_is_taken(client, db):
    for verb in ("post", "put", "patch", "delete"):
        response = getattr(client, verb)(f"{ADDRESS}/pledges/")
        assert response.status_code == 405
        assert response.json()["title"] == "Method Not Allowed"


def test_every_site_may_read(client, db):
    for response in (client.get(f"{ADDRESS}/pledges/"), client.options(f"{ADDRESS}/pledges/")):
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "GET" in response["Access-Control-Allow-Methods"]
        assert "Set-Cookie" not in response


def test_what_has_not_changed_is_not_sent_again(client, world):
    pledge = world.pledge()
    first = client.get(f"{ADDRESS}/pledges/")
    again = client.get(f"{ADDRESS}/pledges/", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    world.published(pledge)
    changed = client.get(f"{ADDRESS}/pledges/", headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


@pytest.mark.django_db(transaction=True)
def test_it_asks_as_much_for_many_as_for_few(client, world, django_assert_max_num_queries):
    for number in range(1, 9):
        world.published(world.pledge(f"P1.0{number}"))
    client.get("/en/")  # What is kept for all pages is read once.
    for name in REPORTS:
        with django_assert_max_num_queries(12):
            assert client.get(f"{ADDRESS}/{name}/").status_code == 200
