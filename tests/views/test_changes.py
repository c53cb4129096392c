"""The page of what changed between two days, and the log of corrections."""

from datetime import date, datetime

import pytest

from tests.factories import World
from tests.queries.test_changes import at, entry, published, silent_correction
from tracker.rules.dates import SHANGHAI
from tracker.templatetags import tracker_format
from tracker.vocabulary import Status

PERIOD = "from=2024-01-01&to=2024-03-31"


@pytest.fixture
def early(db):
    return World(at=datetime(2023, 12, 1, 12, tzinfo=SHANGHAI))


@pytest.fixture
def busy(early):
    """A record in which something of every kind changed in the first quarter of 2024."""
    due = {"original_due_precision": "day"}
    moved = early.pledge("P1.01", original_due_on=date(2024, 6, 30), **due)
    early.pledge("P1.02", original_due_on=date(2024, 2, 29), **due)
    corrected = early.pledge("P1.03")
    wrong = entry(early, corrected, Status.IN_PROGRESS, date(2023, 12, 5))
    entry(
        early,
        moved,
        Status.STALLED,
        date(2024, 2, 1),
        narrative_en="The works have stopped.",
        due_on=date(2024, 12, 31),
        due_precision="year",
    )
    early.at = at(2024, 3, 1)
    early.pledge("P1.04")
    early.correction(wrong, Status.PARTLY_KEPT, correction_reason_en="It had opened in part.")
    return early


def tally(page):
    """The figures at the head of the page, by the name of their group."""
    marks = ["new", "moved", "slipped", "corrected", "newly-late"]
    numbers = [int(text) for text in page.texts("dd")[: len(marks)]]
    return dict(zip(marks, numbers, strict=True))


def test_every_kind_of_change_is_counted_and_told_with_its_reason(busy, read):
    page = read(f"/en/changes/?{PERIOD}")
    assert tally(page) == {"new": 1, "moved": 2, "slipped": 1, "corrected": 1, "newly-late": 1}
    for words in (
        "From the end of Jan. 1, 2024 to the end of March 31, 2024.",
        "2 entries belong to these days.",
        "Of 4 pledges, 1 have the status that they had.",
        "The works have stopped.",
        "It had opened in part.",
        "June 30, 2024 →then 2024",
        "184 days later",
        "It corrects entry 1:",
    ):
        assert words in page.text
    rows = [text.split() for text in page.texts("tr")[1:]]
    assert ["Stalled", "0", "1", "+1"] in rows
    assert ["In", "progress", "1", "0", "-1"] in rows


def test_the_same_two_days_can_be_read_as_known_today(busy, read):
    pledge = busy.programme.pledges.get(code="P1.02")
    busy.at = at(2025, 5, 1)
    busy.published(pledge, Status.KEPT, effective_on=date(2024, 1, 15), narrative_en="Found late.")
    first = read(f"/en/changes/?{PERIOD}")
    assert "Found late." not in first.text
    (other,) = [link for link in first.links if "known_on=2026-11-23" in link]
    second = read(f"/en/changes/{other}")
    assert "Found late." in second.text
    assert tally(second)["moved"] == 2
    (back,) = [x for x in second.links if x == f"?{PERIOD}"]
    assert read(f"/en/changes/{back}").text == first.text


def test_without_days_it_is_the_last_ninety_up_to_the_day_that_the_page_is_read_for(world, read):
    world.pledge()
    page = read("/en/changes/")
    assert [i.get("value") for i in page.all("input", type="date")][1:3] == [
        "2026-08-25",
        "2026-11-23",
    ]
    page = read("/en/changes/?as_of=2024-03-31")
    assert [i.get("value") for i in page.all("input", type="date")][1:3] == [
        "2024-01-01",
        "2024-03-31",
    ]


def test_common_periods_are_one_click_away_and_keep_what_was_asked(busy, read):
    links = read("/en/changes/?pillar=1").links
    assert "?pillar=1&from=2026-10-31&to=2026-11-23" in links
    assert "?pillar=1&from=2026-06-30&to=2026-09-30" in links
    assert "?pillar=1&from=2022-08-20&to=2026-11-23" in links


def test_only_the_pledges_asked_for_are_told_of(busy, read):
    sector = busy.sector()
    busy.programme.pledges.get(code="P1.01").sectors.add(sector)
    page = read(f"/en/changes/?{PERIOD}&sector={sector.slug}")
    assert tally(page) == {"new": 0, "moved": 1, "slipped": 1, "corrected": 0, "newly-late": 0}
    assert "P1.03" not in page.text


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("from=2024-02-01&to=2024-01-01", "from"),
        ("from=2024-01-01&to=2026-11-24", "to"),
        ("from=2026-11-24", "from"),
        ("from=yesterday", "from"),
        ("to=2024-13-01", "to"),
        ("to=2024-02-01&as_of=2024-01-01", "to"),
        ("sector=nowhere", "sector"),
        ("known_on=2999-01-01", "known_on"),
        ("from=2999-01-01&to=x", "to"),
    ],
)
def test_days_that_make_no_period_are_refused_by_name(db, read, query, wrong):
    page = read(f"/en/changes/?{query}", 400)
    assert wrong in page.texts("code")
    assert page.all("div", role="alert")
    assert page.texts("dd") == []


@pytest.mark.parametrize(
    "query", ["from=0001-01-01&to=0001-01-01", "to=0001-01-02", "from=0001-01-01"]
)
def test_the_first_days_of_the_calendar_are_days_too(world, read, query):
    world.pledge()
    assert "What changed" in read(f"/en/changes/?{query}").texts("h1")


def test_nothing_changed_and_it_says_so(early, read):
    page = read(f"/en/changes/?{PERIOD}")
    assert set(tally(page).values()) == {0}
    assert "No pledge that was there before has another status." in page.text


def test_the_page_has_its_address_and_its_days_for_print(busy, read):
    page = read(f"/en/changes/?{PERIOD}")
    assert f"http://testserver/en/changes/?{PERIOD}" in page.text


# --- Corrections ----------------------------------------------------------------------------------


def test_of_many_changes_the_first_are_told_and_how_many_more_there_are(busy, read, monkeypatch):
    monkeypatch.setattr(tracker_format, "SHOWN", 1)
    page = read(f"/en/changes/?{PERIOD}")
    assert page.text.count("more. Choose a shorter period") == 1
    assert "And 1 more." in page.text  # Of those that moved.
    assert tally(page)["moved"] == 2
    monkeypatch.setattr(tracker_format, "SHOWN", 2)
    assert "more. Choose" not in read(f"/en/changes/?{PERIOD}").text


def test_every_correction_is_logged_with_what_changed_and_why(busy, read):
    page = read("/en/corrections/")
    assert "1 correction" in page.texts("h2")
    for words in (
        "It had opened in part.",
        "It replaces entry 1, published on Dec. 5, 2023",
        "The status: In progress, then Partly kept",
        "Published on March 1, 2024",
    ):
        assert words in page.text
    assert "The narrative" not in page.texts("li")
    assert "/en/pledges/P1.03/#entry-1" in page.links
    assert "/en/pledges/P1.03/#entry-3" in page.links


def test_the_log_names_each_part_that_a_correction_changed(early, read):
    pledge = early.pledge()
    draft = early.draft(pledge, effective_on=date(2024, 1, 10), reported_progress=40)
    early.change(draft, early.milestone(pledge))
    wrong = published(early, draft, at(2024, 1, 10))
    early.at = at(2024, 2, 1)
    early.correction(
        wrong,
        Status.IN_PROGRESS,
        effective_on=date(2024, 1, 5),
        reported_progress=None,
        narrative_en="Less was done.",
        due_precision="none",
    )
    items = read("/en/corrections/").texts("li")
    assert "The day from which it holds: Jan. 10, 2024, then Jan. 5, 2024" in items
    assert "The reported progress: 40% →then none" in items
    assert {"The narrative", "What it says of the due date"} <= set(items)
    assert not [item for item in items if item.startswith(("The status", "The evidence"))]


def test_a_correction_that_is_silent_on_a_milestone_says_so(early, read):
    pledge = early.pledge()
    draft = early.draft(pledge, effective_on=date(2024, 1, 10))
    early.change(draft, early.milestone(pledge))
    wrong = published(early, draft, at(2024, 1, 10))
    silent_correction(early, wrong, at(2024, 2, 1))
    items = read("/en/corrections/").texts("li")
    assert "What it says of milestones" in items
    assert "Nothing but the reason given" not in items


def test_the_log_is_read_as_of_any_day(busy, read):
    assert "No entry has been corrected." in read("/en/corrections/?known_on=2024-02-29").text
    assert "It had opened in part." in read("/en/corrections/?known_on=2024-03-01").text


def test_the_log_goes_on_page_by_page(early, read):
    pledge = early.pledge()
    update = entry(early, pledge, Status.IN_PROGRESS, date(2023, 12, 5))
    for number in range(1, 23):
        early.at = at(2024, 1, number)
        update = early.correction(
            update, Status.IN_PROGRESS, correction_reason_en=f"Slip {number}."
        )
    page = read("/en/corrections/")
    assert "22 corrections" in page.texts("h2")
    assert "Slip 22." in page.text
    assert "Slip 2." not in page.text
    assert "Slip 2." in read("/en/corrections/?page=2").text
    read("/en/corrections/?page=3", 404)


@pytest.mark.parametrize(
    ("today", "start"), [("2024-02-29", "2023-02-28"), ("2025-03-01", "2024-03-01")]
)
def test_the_last_twelve_months_are_one_click_away(world, read, today, start):
    world.published(world.pledge(), effective_on=date(2023, 1, 1))
    chips = read(f"/en/changes/?as_of={today}").with_class("chip")
    assert f"?as_of={today}&from={start}&to={today}" in [chip["href"] for chip in chips]
