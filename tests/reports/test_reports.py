"""The reports themselves: what they hold, in what order, for which day."""

import csv as files
import io
from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from tracker.models import Pledge
from tracker.reports import REPORTS, csv
from tracker.reports.base import Kind
from tracker.rules.asof import AsOf
from tracker.vocabulary import Status

TODAY = date(2026, 11, 23)


def rows_of(name, asof=None):
    asof = asof or AsOf(TODAY)
    pledges = Pledge.objects.seen(asof).order_by("code")
    text = "".join(csv.lines(REPORTS[name], pledges, asof))
    return list(files.DictReader(io.StringIO(text, newline="")))


def test_pledges_say_where_each_stands(world):
    pledge = world.pledge(original_due_on=date(2024, 12, 31), original_due_precision="year")
    world.responsibility(pledge, world.body("harbour", name_en="Harbour office", name_zh="港务局"))
    pledge.sectors.add(world.sector())
    world.published(pledge, Status.STALLED, reported_progress=40)
    (row,) = rows_of("pledges")
    expected = {
        "code": "P1.01",
        "status": "stalled",
        "status_en": "Stalled",
        "last_entry_on": "2023-01-01",
        "progress": "40",
        "progress_basis": "reported",
        "late": "true",
        "stale": "true",
        "no_evidence": "false",
        "due_on": "2024-12-31",
        "due_precision": "year",
        "leads": "harbour",
        "leads_zh": "港务局",
        "supporters": "",
        "sectors": "hydrogen",
    }
    assert {name: row[name] for name in expected} == expected


def test_a_pledge_without_entries_has_no_figure_and_no_day(world):
    world.pledge()
    (row,) = rows_of("pledges")
    assert (row["status"], row["progress"], row["last_entry_on"]) == ("not_rated", "", "")


def test_updates_hold_corrections_in_both_directions(world):
    pledge = world.pledge()
    first = world.published(pledge)
    second = world.correction(first, Status.STALLED)
    world.draft(pledge, narrative_en="unpublished")
    rows = rows_of("updates")
    assert [(r["number"], r["corrects"], r["corrected_by"]) for r in rows] == [
        ("1", "", "2"),
        ("2", "1", ""),
    ]
    assert rows[1]["correction_reason_en"] == "A slip."
    assert [r["evidence_count"] for r in rows] == ["1", str(second.evidence.count())]


def test_a_past_day_gives_the_record_of_that_day(world):
    pledge = world.pledge()
    world.published(pledge, Status.IN_PROGRESS, effective_on=date(2023, 1, 1))
    world.published(pledge, Status.STALLED, effective_on=date(2024, 1, 1))
    asof = AsOf(TODAY, on=date(2023, 6, 1))
    assert [r["status"] for r in rows_of("pledges", asof)] == ["in_progress"]
    assert [r["status"] for r in rows_of("updates", asof)] == ["in_progress"]


def test_what_was_not_known_on_a_day_is_not_in_its_report(world):
    """A correction of today leaves the report known yesterday as it was, to the byte."""
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    world.at = early
    pledge = world.pledge()
    first = world.published(pledge, Status.IN_PROGRESS, at=early)
    asof = AsOf(TODAY, known_on=date(2026, 1, 15))
    before = {name: rows_of(name, asof) for name in REPORTS}
    world.correction(first, Status.STALLED, at=late)
    world.pledge("P1.02").refresh_from_db()
    world.at = late
    world.pledge("P1.03")
    after = {name: rows_of(name, asof) for name in REPORTS}
    assert after["updates"] == before["updates"]
    assert [r["code"] for r in after["pledges"]] == ["P1.01", "P1.02"]
    assert after["pledges"][0] == before["pledges"][0]


@pytest.mark.parametrize("name", list(REPORTS))
def test_the_reader_s_language_changes_no_byte(lingang, name):
    asof = AsOf(TODAY)
    pledges = Pledge.objects.seen(asof).order_by("code")
    made = set()
    for language in ("en", "zh-hans"):
        with translation.override(language):
            made.add("".join(csv.lines(REPORTS[name], pledges, asof)))
    assert len(made) == 1


@pytest.mark.parametrize("name", list(REPORTS))
def test_the_number_of_queries_does_not_grow_with_the_rows(
    world, django_assert_num_queries, name, django_assert_max_num_queries
):
    body = world.body()
    for number in range(1, 9):
        pledge = world.pledge(f"P1.0{number}")
        world.responsibility(pledge, body)
        world.published(pledge)
    with django_assert_max_num_queries(4):
        assert len(rows_of(name)) == 8


def test_formulas_in_the_record_are_made_harmless(world):
    world.pledge(title_en="=HYPERLINK(1)", summary_en="'quoted", wording="-1 is less")
    (row,) = rows_of("pledges")
    assert row["title_en"] == "'=HYPERLINK(1)"
    assert row["summary_en"] == "''quoted"
    assert row["wording"] == "'-1 is less"


def test_line_breaks_and_quotes_survive(world):
    text = 'One,\n"two"\r\n三'
    world.pledge(summary_zh=text)
    (row,) = rows_of("pledges")
    assert row["summary_zh"] == text


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)
def test_columns_are_named_once_and_explained(report):
    assert len(set(report.header)) == len(report.header)
    for column in report.columns:
        assert isinstance(column.kind, Kind)
        assert str(column.description).endswith(".")


def test_the_file_is_named_by_report_and_days():
    report = REPORTS["pledges"]
    assert report.filename(AsOf(TODAY), "csv") == "pledges-2026-11-23.csv"
    asof = AsOf(TODAY, date(2024, 1, 2), date(2025, 3, 4))
    assert report.filename(asof, "csv") == "pledges-2024-01-02-known-2025-03-04.csv"


def test_chunks_hold_all_that_they_are_given():
    parts = ["é" * 1000] * 200
    pieces = list(csv.chunks(parts))
    assert len(pieces) > 1
    assert b"".join(pieces).decode() == "".join(parts)
    assert list(csv.chunks([])) == []
