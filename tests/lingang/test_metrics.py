"""What Prometheus is told, and that nobody else is."""

import os
import subprocess
import sys

import pytest
from django.db import DatabaseError

from lingang import metrics
from tests.test_settings import ROOT

TOKEN = "a-token-of-prometheus"
ASKED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def watched(settings, tmp_path, monkeypatch):
    settings.METRICS_TOKEN = TOKEN
    # The library keeps the folder in which it was first used for as long as the process lives.
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        settings.METRICS_DIR.mkdir(exist_ok=True)
    return settings


def told(client):
    response = client.get("/metrics", headers=ASKED)
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    return dict(
        line.rsplit(" ", 1)
        for line in response.content.decode().splitlines()
        if not line.startswith("#")
    )


@pytest.mark.parametrize(
    "header", [None, "", "Bearer wrong", "Bearer ", "Basic x", f"Bearer {TOKEN}x"]
)
def test_without_the_token_there_is_nothing(client, db, watched, header):
    headers = {} if header is None else {"Authorization": header}
    assert client.get("/metrics", headers=headers).status_code == 404


def test_without_the_setting_there_is_nothing_whatever_is_sent(client, db):
    for header in ("Bearer ", "Bearer None", ""):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 404


def test_requests_are_counted_by_route_and_status(client, world, watched):
    world.pledge()
    name = 'tracker_requests_total{method="GET",route="tracker:pledge-detail",status="404"}'
    before = float(told(client).get(name, 0))
    for code in ("X1.01", "X1.02", "X1.03"):
        client.get(f"/en/pledges/{code}/")
    after = told(client)
    assert float(after[name]) == before + 3
    # No address and no value of anyone's is in a name.
    assert not any("X1.0" in metric for metric in after)
    assert float(after['tracker_request_seconds_count{route="tracker:pledge-detail"}']) >= 3


def test_the_record_s_state_is_told(client, world, watched):
    world.published(world.pledge())
    world.submitted(world.pledge("P1.02"))
    said = told(client)
    assert float(said["tracker_publishes_total"]) == float(said["tracker_record_head"]) == 1
    assert float(said["tracker_updates_awaiting_review"]) == 1
    assert float(said["tracker_messages_waiting"]) == 0
    assert float(said["tracker_database_up"]) == 1


def test_a_database_that_is_away_is_told_too(client, db, watched, monkeypatch):
    def away():
        raise DatabaseError

    monkeypatch.setattr(metrics, "_figures", away)
    said = told(client)
    assert float(said["tracker_database_up"]) == 0
    assert "tracker_record_head" not in said


def test_pages_kept_elsewhere_have_their_count(client, db, watched):
    name = 'tracker_kept_pages_total{outcome="hit"}'
    before = float(told(client).get(name, 0))
    metrics.kept("hit")
    assert float(told(client)[name]) == before + 1


def test_processes_are_counted_together(client, db, watched):
    name = 'tracker_kept_pages_total{outcome="stale"}'
    before = float(told(client).get(name, 0))
    code = "import django; django.setup(); from lingang.metrics import kept; kept('stale')"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "lingang.settings",
        "METRICS_TOKEN": TOKEN,
    }
    for _process in range(2):
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
    assert float(told(client)[name]) == before + 2
