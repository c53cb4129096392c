"""Each page that rolls pledges up leads to the file from which anyone comes to the same numbers."""

import csv
import io
import re
from collections import Counter
from datetime import date
from fractions import Fraction

import pytest

from tracker.actions import updates
from tracker.models import Pledge
from tracker.vocabulary import MilestoneState, Status

PAGES = ["", "pillars/1/", "bodies/ministry/", "sectors/hydrogen/"]


@pytest.fixture
def record(world, now):
    """Pledges with each kind of figure and none, in the groups and outside of them."""
    ministry, hydrogen = world.body(), world.sector()
    made = [world.pledge(f"P1.0{number}") for number in range(1, 7)]
    for pledge in made[:5]:
        world.responsibility(pledge, ministry)
        pledge.sectors.add(hydrogen)
    steps = [world.milestone(made[0], f"Step {number}") for number in range(3)]
    first = world.draft(made[0])
    for number, step in enumerate(steps):
        done = {"state": MilestoneState.DONE, "done_on": date(2022, 12, 1)} if number < 2 else {}
        world.change(first, step, **done)
    updates.publish(
        updates.submit(first, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )
    world.published(made[1], Status.STALLED, reported_progress=15)
    world.published(
        made[1], Status.IN_PROGRESS, effective_on=date(2025, 1, 1), reported_progress=40
    )
    world.published(made[2], Status.KEPT, reported_progress=100)
    world.published(made[3])
    Pledge.objects.filter(pk=made[5].pk).update(pillar=None)
    return world


@pytest.mark.usefixtures("record")
@pytest.mark.parametrize("days", ["", "?as_of=2023-06-01", "?as_of=2024-01-01&known_on=2026-11-23"])
@pytest.mark.parametrize("address", PAGES)
def test_the_numbers_of_a_page_follow_from_its_file(client, read, address, days):
    page = read(f"/en/{address}{days}")
    (link,) = [
        a["href"]
        for a in page.all("a")
        if a.get("download") is not None and "pledges.csv" in a["href"]
    ]
    text = client.get(link).getvalue().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows

    stands = Counter(row["status_en"] for row in rows)
    for label, count in stands.items():
        assert re.search(rf"\b{count} pledges?: {label}", page.text), (label, count)

    figures = [figure for figure in map(figure_of, rows) if figure is not None]
    if address:
        mean = sum(figures) / len(figures)
        assert f"{int(mean + Fraction(1, 2))}%" in page.text
        assert f"{len(figures)} of {len(rows)} pledges have a progress figure" in page.text


def figure_of(row):
    if int(row["milestones_total"]):
        return Fraction(100 * int(row["milestones_done"]), int(row["milestones_total"]))
    return Fraction(row["progress"]) if row["progress"] else None
