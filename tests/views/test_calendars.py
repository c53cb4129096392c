"""Calendars, as a calendar program takes them."""

from datetime import date, timedelta

import pytest
from icalendar import Calendar

from tests.views.addresses import LANGUAGES
from tracker.actions import updates
from tracker.models import Pledge
from tracker.views import calendars


def calendar_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar; charset=utf-8")
    lines = response.content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    return Calendar.from_ical(response.content)


def events(calendar):
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


def due(world, pledge, milestone, day, **values):
    """Publishes that a milestone is due on `day`."""
    draft = world.draft(pledge, effective_on=values.pop("effective_on", date(2023, 1, 1)))
    world.change(draft, milestone, **({"due_on": day, "due_precision": "day"} | values))
    submitted = updates.submit(draft, by=world.author, at=world.at)
    return updates.publish(submitted, by=world.reviewer, at=world.at)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lingang_record_has_no_due_dates_and_its_calendar_is_a_valid_one(
    lingang, client, language
):
    for address in ("milestones.ics", "pledges/P2.01/milestones.ics"):
        calendar = calendar_of(client, f"/{language}/{address}")
        assert events(calendar) == {}
        assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
        assert calendar["PRODID"]
        # RFC 5545, 3.6: a calendar has one component at least.
        assert len(calendar.subcomponents) == 1
        assert calendar.errors == []


def test_of_a_great_many_pledges_those_that_are_due_next_are_told(world, client, monkeypatch):
    monkeypatch.setattr(calendars, "MOST", 2)
    days = {"P1.01": date(2026, 6, 1), "P1.02": date(2027, 3, 1), "P1.03": date(2026, 11, 1)}
    for code, day in (days | {"P1.04": date(2028, 1, 1)}).items():
        world.pledge(code, original_due_on=day, original_due_precision="day")
    step = world.milestone(Pledge.objects.get(code="P1.02"), "A step")
    due(world, step.pledge, step, date(2027, 1, 15))
    calendar = calendar_of(client, "/en/milestones.ics")
    assert {str(event["URL"])[-6:-1] for event in calendar.walk("VEVENT")} == {"P1.02", "P1.03"}
    assert "P1.02 A step" in events(calendar)
    assert "these are the pledges that are due next, 2 at most" in calendar["DESCRIPTION"]
    monkeypatch.setattr(calendars, "MOST", 4)
    assert "too many" not in calendar_of(client, "/en/milestones.ics")["DESCRIPTION"]


def test_milestones_and_pledges_stand_on_the_days_on_which_they_are_due(world, client):
    pledge = world.pledge(original_due_on=date(2027, 3, 1), original_due_precision="day")
    milestone = world.milestone(pledge, "A very long step, with a comma; " * 5, title_zh="第一步")
    due(world, pledge, milestone, date(2027, 1, 15))
    found = events(calendar_of(client, "/en/milestones.ics"))
    assert len(found) == 2
    step = found[f"P1.01 {milestone.title_en}"]
    assert step["DTSTART"].dt == date(2027, 1, 15)
    assert step["DTEND"].dt == date(2027, 1, 16)
    assert step["UID"] == f"{milestone.uid}@pledge-tracker"
    assert step["URL"] == "http://testserver/en/pledges/P1.01/"
    assert step["STATUS"] == "CONFIRMED"
    assert "State: Open" in step["DESCRIPTION"]
    whole = found["P1.01 due: Pledge P1.01"]
    assert whole["DTSTART"].dt == date(2027, 3, 1)
    assert whole["UID"] == "pledge-P1.01-due@pledge-tracker"
    assert "no day" not in whole["DESCRIPTION"]
    chinese = events(calendar_of(client, "/zh-hans/milestones.ics"))
    assert set(chinese) == {"P1.01 第一步", "P1.01到期：承诺P1.01"}
    assert {event["UID"] for event in chinese.values()} == {step["UID"], whole["UID"]}


def test_a_month_or_a_year_stands_on_its_last_day_and_says_so(world, client):
    world.pledge("P1.01", original_due_on=date(2027, 2, 1), original_due_precision="month")
    world.pledge("P1.02", original_due_on=date(2028, 1, 1), original_due_precision="year")
    month, year = calendar_of(client, "/en/milestones.ics").walk("VEVENT")
    assert month["DTSTART"].dt == date(2027, 2, 28)
    assert "only “February 2027”" in month["DESCRIPTION"]
    assert year["DTSTART"].dt == date(2028, 12, 31)
    assert "only “2028”" in year["DESCRIPTION"]


def test_what_moves_stays_the_same_event_and_says_that_it_is_newer(world, client):
    pledge = world.pledge()
    milestone = world.milestone(
        pledge, original_due_on=date(2027, 1, 15), original_due_precision="day"
    )
    due(world, pledge, milestone, date(2027, 1, 15))
    (first,) = calendar_of(client, "/en/pledges/P1.01/milestones.ics").walk("VEVENT")
    world.at += timedelta(hours=1)
    due(world, pledge, milestone, date(2027, 6, 30), effective_on=date(2024, 1, 1))
    (moved,) = calendar_of(client, "/en/pledges/P1.01/milestones.ics").walk("VEVENT")
    assert moved["UID"] == first["UID"]
    assert moved["DTSTART"].dt == date(2027, 6, 30)
    assert moved["SEQUENCE"] > first["SEQUENCE"]
    assert moved["LAST-MODIFIED"].dt - first["LAST-MODIFIED"].dt == timedelta(hours=1)
    assert "Moved; due at first: Jan. 15, 2027" in moved["DESCRIPTION"]


def test_what_is_dropped_is_cancelled(world, client):
    pledge = world.pledge()
    due(world, pledge, world.milestone(pledge), date(2027, 1, 15), state="dropped")
    (event,) = calendar_of(client, "/en/milestones.ics").walk("VEVENT")
    assert event["STATUS"] == "CANCELLED"


def test_who_has_it_already_is_told_so_until_it_changes(world, client):
    pledge = world.pledge(original_due_on=date(2027, 3, 1), original_due_precision="day")
    first = client.get("/en/milestones.ics")
    asked = {"If-None-Match": first["ETag"]}
    assert client.get("/en/milestones.ics", headers=asked).status_code == 304
    world.published(pledge, due_on=date(2027, 4, 1), due_precision="day")
    second = client.get("/en/milestones.ics", headers=asked)
    assert second.status_code == 200
    assert b"20270401" in second.content
    assert client.get("/en/pledges/P9.99/milestones.ics").status_code == 404


def test_a_calendar_asks_as_much_for_many_as_for_few(world, client, django_assert_num_queries):
    for number in range(1, 5):
        pledge = world.pledge(
            f"P1.0{number}", original_due_on=date(2027, 3, 1), original_due_precision="day"
        )
        due(world, pledge, world.milestone(pledge), date(2027, 1, number))
    with django_assert_num_queries(3):
        assert client.get("/en/milestones.ics").content.count(b"BEGIN:VEVENT") == 8
