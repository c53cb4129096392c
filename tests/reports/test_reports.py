"""The reports themselves: what they hold, in what order, for which day."""

import csv as files
import io
from datetime import UTC, date, datetime
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tracker.actions import updates
from tracker.models import Indicator, Measurement, Pledge
from tracker.reports import EVERY_REPORT, REPORTS, STAFF_REPORTS, csv
from tracker.reports.base import Column, Kind, Report
from tracker.reports.dictionary import both
from tracker.rules.asked import Options
from tracker.rules.asof import AsOf
from tracker.vocabulary import Role, Status

TODAY = date(2026, 11, 23)


#: Numbers that are places in an order, and so have no unit.
PLACES = {"number", "pillar", "order", "corrects", "corrected_by", "entry", "rests_on"}


def rows_of(name, asof=None, options=None):
    asof = asof or AsOf(TODAY)
    own = name in STAFF_REPORTS
    pledges = Pledge.objects.as_staff_see() if own else Pledge.objects.seen(asof)
    text = "".join(csv.lines(EVERY_REPORT[name], pledges, asof, options or Options()))
    return list(files.DictReader(io.StringIO(text, newline="")))


def measured(world, value, *, day=date(2024, 1, 1), public=True, code="I1", **values):
    """A value of an indicator."""
    indicator, _new = Indicator.objects.get_or_create(
        code=code,
        defaults={"programme": world.programme, "name_en": "Output", "unit_en": "t"} | values,
    )
    return Measurement.objects.create(
        indicator=indicator,
        value=value,
        measured_on=day,
        publisher="Bureau",
        published_at=world.at if public else None,
        published_by=world.reviewer if public else None,
    )


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


def _filled(world, numbers):
    """Pledges with something for every report."""
    for number in numbers:
        pledge = world.pledge(f"P1.{number:02}")
        world.responsibility(pledge, world.body(f"lead-{number}"))
        world.responsibility(pledge, world.shared, Role.SUPPORT)
        pledge.sectors.add(world.sector(f"sector-{number}"))
        draft = world.draft(pledge)
        world.change(draft, world.milestone(pledge))
        world.publish(draft)
        world.submitted(pledge, Status.KEPT)
        measured(world, number, code=f"I{number}", pledge=pledge)


@pytest.mark.parametrize("options", [Options(), Options(by="body")], ids=["", "by-body"])
def test_the_number_of_queries_does_not_grow_with_the_rows(world, options):
    """Nor with the pieces in which the rows are fetched: those are made small here."""
    world.shared = world.body("shared")
    world.publish = lambda draft: updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )

    def queries():
        found = {}
        for name in EVERY_REPORT:
            with CaptureQueriesContext(connection) as captured:
                assert rows_of(name, options=options)
            found[name] = len(captured)
        return found

    with mock.patch.multiple("tracker.reports.base", CHUNK=2):
        _filled(world, range(1, 3))
        few = queries()
        _filled(world, range(3, 8))
        assert queries() == few
    assert max(few.values()) <= 3


def test_the_words_of_a_past_day_take_as_many_queries_for_many_rows(world):
    """As many for each piece: here all rows fit one."""
    world.shared = world.body("shared")
    world.publish = lambda draft: updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )
    asof = AsOf(date(2100, 1, 1), known_on=date(2099, 12, 31))

    def queries():
        found = {}
        for name in REPORTS:
            with CaptureQueriesContext(connection) as captured:
                assert rows_of(name, asof)
            found[name] = len(captured)
        return found

    _filled(world, range(1, 3))
    few = queries()
    _filled(world, range(3, 8))
    assert queries() == few
    assert max(few.values()) <= 13


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


# --- The other reports --------------------------------------------------------------------------


def test_changes_have_one_row_each_time_that_a_status_changed(world):
    pledge = world.pledge()
    world.published(pledge, Status.IN_PROGRESS, effective_on=date(2023, 1, 1))
    world.published(pledge, Status.IN_PROGRESS, effective_on=date(2023, 2, 1))
    last = world.published(pledge, Status.STALLED, effective_on=date(2024, 1, 1))
    world.correction(last, Status.KEPT)
    known = AsOf(TODAY, known_on=TODAY)
    shown = ["from_status", "to_status", "effective_on", "published_on", "correction", "entry"]
    found = [[row[name] for name in shown] for row in rows_of("changes", known)]
    assert found == [
        ["not_rated", "in_progress", "2023-01-01", "2026-11-23", "false", "1"],
        ["in_progress", "kept", "2024-01-01", "2026-11-23", "true", "4"],
    ]
    assert rows_of("changes")[1]["to_status"] == "stalled"


def test_changes_are_those_of_the_period(world):
    pledge = world.pledge()
    for year in (2023, 2024, 2025):
        status = Status.STALLED if year == 2024 else Status.IN_PROGRESS
        world.published(pledge, status, effective_on=date(year, 1, 1))
    known = AsOf(TODAY, known_on=TODAY)
    period = Options(start=date(2023, 1, 1), end=date(2024, 1, 1))
    (row,) = rows_of("changes", known, period)
    assert (row["effective_on"], row["to_status_zh"]) == ("2024-01-01", "停滞")


def test_milestones_are_as_the_record_has_them_on_the_day(world):
    pledge = world.pledge()
    step = world.milestone(pledge, "Foundation")
    world.milestone(pledge, "Not named by an entry")
    for day, state in [(date(2023, 1, 1), "open"), (date(2024, 1, 1), "done")]:
        draft = world.draft(pledge, effective_on=day)
        world.change(draft, step, state=state, done_on=day if state == "done" else None)
        entry = updates.submit(draft, by=world.author, at=world.at)
        updates.publish(entry, by=world.reviewer, at=world.at)
    (row,) = rows_of("milestones")
    assert row["uid"] == str(step.uid)
    assert (row["pledge"], row["title_en"], row["state"]) == ("P1.01", "Foundation", "done")
    assert (row["state_zh"], row["done_on"]) == ("已完成", "2024-01-01")
    (row,) = rows_of("milestones", AsOf(TODAY, on=date(2023, 6, 1)))
    assert (row["state"], row["done_on"]) == ("open", "")
    assert rows_of("milestones", AsOf(TODAY, on=date(2022, 12, 31))) == []


def test_evidence_is_that_of_the_entries_of_the_record(world):
    entry = world.published(world.pledge(), evidence=2)
    world.draft(entry.pledge)
    rows = rows_of("evidence")
    assert [(r["entry"], r["pledge"], r["kind"]) for r in rows] == [("1", "P1.01", "official")] * 2
    assert {r["uid"] for r in rows} == {str(e.uid) for e in entry.evidence.all()}


def test_measurements_are_those_published_and_measured_by_then(world):
    world.pledge()
    measured(world, "12.5000")
    measured(world, 1200, day=date(2025, 1, 1))
    measured(world, 7, day=date(2025, 2, 1), public=False)
    assert [r["value"] for r in rows_of("measurements")] == ["12.5", "1200"]
    assert [r["value"] for r in rows_of("measurements", AsOf(TODAY, on=date(2024, 6, 1)))] == [
        "12.5"
    ]
    assert rows_of("measurements", AsOf(TODAY, known_on=date(2026, 1, 1))) == []


def test_no_measurement_of_a_pledge_that_is_not_public_is_told(world):
    world.pledge()
    private = world.pledge("P1.02", public=False)
    measured(world, 7, pledge=private)
    assert rows_of("measurements") == []


def test_a_source_s_words_are_cut_as_its_page_cuts_them(lingang):
    found = {row["indicator"]: row["quotation"] for row in rows_of("measurements")}
    for measurement in Measurement.objects.select_related("indicator", "source"):
        assert found[measurement.indicator.code] == measurement.quotation
    assert all(found.values())


def test_attention_says_why_and_since_when(world):
    late = world.pledge(original_due_on=date(2024, 12, 31), original_due_precision="year")
    world.published(late, effective_on=date(2026, 11, 1))
    stale = world.pledge("P1.02")
    world.published(stale, effective_on=date(2024, 1, 1))
    world.submitted(stale, Status.KEPT)
    bare = world.pledge("P1.03", announced_on=date(2026, 11, 1))
    fine = world.pledge("P1.04")
    world.published(fine, Status.KEPT)
    waiting = world.pledge("P1.05", public=False)
    world.submitted(waiting)
    found = {row["code"]: row for row in rows_of("attention")}
    assert {code: row["reasons"] for code, row in found.items()} == {
        late.code: "late",
        stale.code: "stale; review",
        bare.code: "no_evidence",
        waiting.code: "review",
    }
    assert (found["P1.01"]["late_since"], found["P1.01"]["days"]) == ("2025-01-01", "691")
    assert found["P1.02"]["stale_since"] == "2025-01-01"
    assert found["P1.02"]["reasons_zh"] == "久未更新; 等待审核"
    assert (found["P1.02"]["waiting"], found["P1.02"]["review_since"]) == ("1", "2026-11-23")
    assert found["P1.05"]["public"] == "false"


def test_workload_counts_for_each_body_what_it_leads_or_supports(world):
    ministry, harbour = world.body(), world.body("harbour")
    first, second = world.pledge(), world.pledge("P1.02")
    world.responsibility(first, ministry)
    world.responsibility(first, harbour, Role.SUPPORT)
    world.responsibility(second, harbour)
    world.draft(first)
    world.submitted(second)
    world.draft(world.pledge("P1.03"))
    shown = ["body", "leads", "supports", "stale", "no_evidence", "drafts", "waiting"]
    found = [[row[name] for name in shown] for row in rows_of("workload")]
    assert found == [
        ["harbour", "1", "1", "2", "2", "1", "1"],
        ["ministry", "1", "0", "1", "1", "1", "0"],
        ["", "0", "0", "1", "1", "1", "0"],
    ]
    assert [row["oldest_waiting_days"] for row in rows_of("workload")] == ["0", "", ""]


# --- Their definitions --------------------------------------------------------------------------


@pytest.mark.parametrize("report", EVERY_REPORT.values(), ids=lambda report: report.name)
def test_every_column_is_named_once_and_explained_in_both_languages(report):
    assert len(set(report.header)) == len(report.header)
    for column in report.columns:
        assert isinstance(column.kind, Kind)
        english, chinese = both(column.description).values()
        assert english.endswith(".")
        assert chinese.endswith("。"), column
        english, chinese = both(column.label).values()
        assert english
        assert any(c >= "\u4e00" for c in chinese) or chinese.startswith("SHA"), column
        assert english != chinese


@pytest.mark.parametrize("report", EVERY_REPORT.values(), ids=lambda report: report.name)
def test_a_number_has_a_unit_or_is_a_place(report):
    for column in report.columns:
        is_number = column.kind in {Kind.INTEGER, Kind.DECIMAL}
        assert bool(column.unit) == (is_number and column.name not in PLACES), column.name


def test_what_staff_alone_may_see_stands_in_no_public_report():
    assert not set(REPORTS) & set(STAFF_REPORTS)
    assert all(report.is_public for report in REPORTS.values())
    assert not any(report.is_public for report in STAFF_REPORTS.values())
    staff = Column("x", Kind.TEXT, "X", "X.", str, is_public=False)
    with pytest.raises(ValueError, match="cannot hold x"):
        Report("r", "R", "R.", (staff,), lambda *asked: [])


def test_columns_are_for_ever():
    """A name that programs rely on: one may be added here, none may go."""
    assert REPORTS["pledges"].header[:2] == ["code", "programme"]
    names = {name: set(report.header) for name, report in REPORTS.items()}
    assert {"from_status", "to_status", "effective_on", "published_on", "correction"} <= names[
        "changes"
    ]
    assert {status.value for status in Status} <= names["summary"]
    assert {f"state{end}" for end in ("", "_en", "_zh")} <= names["milestones"]


def test_the_file_is_named_by_report_what_of_it_and_days():
    report = REPORTS["pledges"]
    assert report.filename(AsOf(TODAY), "csv") == "pledges-2026-11-23.csv"
    asof = AsOf(TODAY, date(2024, 1, 2), date(2025, 3, 4))
    assert report.filename(asof, "csv") == "pledges-2024-01-02-known-2025-03-04.csv"
    given = Options(given=(("pillar", "2"), ("status", "kept"), ("status", "partly_kept")))
    assert report.filename(AsOf(TODAY), "xlsx", given) == (
        "pledges-pillar-2-kept-partly-kept-2026-11-23.xlsx"
    )
    given = Options(given=(("q", "氢/../能"), ("due_before", "2024-12-31"), ("sector", "ai")))
    assert report.filename(AsOf(TODAY), "json", given) == (
        "pledges-search-due-before-2024-12-31-ai-2026-11-23.json"
    )
    period = Options(start=date(2025, 1, 1), end=TODAY)
    assert REPORTS["changes"].filename(AsOf(TODAY, TODAY), "csv", period) == (
        "changes-from-2025-01-01-2026-11-23.csv"
    )
    assert REPORTS["summary"].filename(AsOf(TODAY), "csv", Options(by="body")) == (
        "summary-by-body-2026-11-23.csv"
    )


def test_chunks_hold_all_that_they_are_given():
    parts = ["é" * 1000] * 200
    pieces = list(csv.chunks(parts))
    assert len(pieces) > 1
    assert b"".join(pieces).decode() == "".join(parts)
    assert list(csv.chunks([])) == []
