from datetime import date

import pytest

from tracker.reports import REPORTS, STAFF_REPORTS
from tracker.reports.formats import FORMATS
from tracker.templatetags import tracker_format
from tracker.vocabulary import Status


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_report_is_there_with_its_file_and_every_column(db, read, language):
    page = read(f"/{language}/data/")
    for report in REPORTS.values():
        for extension in FORMATS:
            assert f"/{language}/data/{report.name}.{extension}" in page.links
        assert set(report.header) <= set(page.texts("code"))
    assert len(page.texts("table")) == len(REPORTS)
    assert {"as_of", "known_on"} <= set(page.texts("code"))


def test_the_example_works(lingang, read, rows):
    (example,) = [text for text in read("/en/data/").texts("code") if text.startswith("http")]
    found = rows(example.removeprefix("http://testserver"))
    assert [row[0][:2] for row in found[1:]] == ["P2"] * 8


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_file_says_what_it_is(world, client, rows, name):
    world.published(world.pledge(), Status.KEPT)
    address = f"/en/data/{name}.csv"
    response = client.get(address)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{name}-2026-11-23.csv"'
    assert response.getvalue().endswith(b"\r\n")
    assert rows(address)[0] == REPORTS[name].header
    response = client.get(f"{address}?as_of=2024-01-01&known_on=2026-11-23")
    assert "2024-01-01-known-2026-11-23.csv" in response["Content-Disposition"]


def test_a_file_is_the_same_in_both_languages(world, client):
    world.published(world.pledge(), Status.KEPT)
    for name in REPORTS:
        english, chinese = (
            b"".join(client.get(f"/{language}/data/{name}.csv")) for language in ("en", "zh-hans")
        )
        assert english == chinese


def test_a_spreadsheet_runs_nothing_of_it(world, rows):
    pledge = world.pledge(
        title_en="=1+1", summary_en="@SUM(A1)", wording="+49 metres", title_zh="-2"
    )
    world.published(pledge, narrative_en="=HYPERLINK(1)")
    header, row = rows("/en/data/pledges.csv")
    cells = dict(zip(header, row, strict=True))
    assert cells["title_en"] == "'=1+1"
    assert cells["title_zh"] == "'-2"
    assert cells["summary_en"] == "'@SUM(A1)"
    assert cells["wording"] == "'+49 metres"
    header, row = rows("/en/data/updates.csv")
    assert dict(zip(header, row, strict=True))["narrative_en"] == "'=HYPERLINK(1)"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("extension", "kind", "begins"),
    [
        ("csv", "text/csv; charset=utf-8", b"code,"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("json", "application/json", b"{"),
    ],
)
def test_each_format_is_told_to_the_browser(client, extension, kind, begins):
    response = client.get(f"/en/data/pledges.{extension}?due_before=2030-01-01")
    assert response["Content-Type"] == kind
    assert (
        f'filename="pledges-due-before-2030-01-01-2026-11-23.{extension}"'
        in response["Content-Disposition"]
    )
    assert response.getvalue().startswith(begins)


@pytest.mark.django_db
def test_a_csv_for_excel_bears_its_mark(client):
    assert client.get("/en/data/pledges.csv?bom=1").getvalue().startswith(b"\xef\xbb\xbfcode,")


def test_filters_are_those_of_the_list_for_every_report(lingang, rows):
    for name in ("updates", "changes", "evidence"):
        found = rows(f"/en/data/{name}.csv?status=kept")
        place = found[0].index("pledge")
        assert {row[place] for row in found[1:]} == {"P2.07"}


def test_the_period_of_the_changes_is_that_of_their_page(lingang, rows):
    days = "from=2023-01-01&to=2023-12-31&known_on=2026-11-23"
    header, *found = rows(f"/en/data/changes.csv?{days}")
    effective = [row[header.index("effective_on")] for row in found]
    assert effective
    assert all("2023-01-01" < day <= "2023-12-31" for day in effective)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("pledges.csv?from=2024-01-01", "from"),
        ("pledges.json?by=body", "by"),
        ("changes.csv?from=2025-01-01&to=2024-01-01", "from"),
        ("changes.xlsx?to=2999-01-01", "to"),
        ("summary.csv?by=weather", "by"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused_by_name(read, address, says):
    assert says in read(f"/en/data/{address}", 400).texts("code")


def test_the_summary_says_what_the_home_page_says(lingang, rows, read):
    """Each status with as many pledges, and each pillar with its total."""
    header, *parts, total = rows("/en/data/summary.csv")
    home = read("/en/")
    counts = {a["href"]: text for a, text in zip(home.all("a"), home.texts("a"), strict=True)}
    for status in Status:
        number = total[header.index(status.value)]
        shown = [text for href, text in counts.items() if href.endswith(f"/?status={status.value}")]
        assert [text.split()[0] for text in shown] == ([number] if number != "0" else [])
    assert total[header.index("total")] == "25"
    for column in [*(status.value for status in Status), "total", "late", "stale", "no_evidence"]:
        place = header.index(column)
        assert sum(int(part[place]) for part in parts) == int(total[place])


def test_the_key_for_programs_has_every_column_in_both_languages(db, client):
    found = client.get("/zh-hans/data/dictionary.json").json()["reports"]
    assert [report["name"] for report in found] == list(REPORTS)
    for report in found:
        assert [column["name"] for column in report["columns"]] == REPORTS[report["name"]].header
        assert report["parameters"] == list(REPORTS[report["name"]].parameters)
    progress = next(c for c in found[0]["columns"] if c["name"] == "progress")
    assert progress["unit"] == {"en": "percent", "zh-hans": "百分比"}
    assert progress["label"] == {"en": "Progress", "zh-hans": "进度"}


# --- A period on paper --------------------------------------------------------------------------


def test_a_period_on_paper_tells_where_things_stand_and_what_changed(lingang, read):
    page = read("/en/data/period/?from=2022-12-31&to=2023-12-31&known_on=2026-11-23")
    assert page.faults == []
    assert page.texts("h2") == [
        "Where the 25 pledges stand",
        "What changed",
        "Late",
        "Corrections",
    ]
    assert "No pledge was late at the end." in page.text
    assert "Nothing was corrected." in page.text
    assert "P1.03" in page.text


def test_a_period_on_paper_tells_corrections_and_what_is_late(world, read):
    pledge = world.pledge(original_due_on=date(2024, 12, 31), original_due_precision="year")
    entry = world.published(pledge)
    world.correction(entry, Status.STALLED)
    page = read("/en/data/period/?from=2025-11-23")
    assert "A slip." in page.text
    assert "Pledges whose due date had passed at the end" in page.text


def test_a_period_on_paper_ends_long_tables_and_says_how_many_more(world, read, monkeypatch):
    monkeypatch.setattr(tracker_format, "SHOWN", 2)
    due = {"original_due_on": date(2024, 12, 31), "original_due_precision": "year"}
    for number in range(1, 6):
        world.pledge(f"P1.0{number}", **due)
    page = read("/en/data/period/?from=2025-11-23")
    assert [code in page.text for code in ("P1.01", "P1.02", "P1.03")] == [True, True, False]
    assert page.text.count("And 3 more. Choose a shorter period") == 1


def test_a_period_on_paper_is_read_as_published_unless_a_day_is_named(lingang, read):
    page = read("/en/data/period/?to=2023-12-31")
    assert "Where the 0 pledges stand" in page.texts("h2")
    (today,) = [link for link in page.links if "known_on=2026-11-23" in link]
    assert "Where the 25 pledges stand" in read(today).texts("h2")


@pytest.mark.django_db
def test_a_period_that_ends_before_it_begins_is_refused(read):
    page = read("/en/data/period/?from=2025-01-01&to=2024-01-01", 400)
    assert "from" in page.texts("code")


@pytest.mark.django_db
@pytest.mark.parametrize("name", list(STAFF_REPORTS))
@pytest.mark.parametrize("extension", list(FORMATS))
def test_what_is_for_managers_has_no_public_address(read, name, extension):
    read(f"/en/data/{name}.{extension}", 404)


@pytest.mark.parametrize("address", ["data/nothing.csv", "data/attention.csv", "data/pledges.exe"])
def test_a_report_that_is_not_there_or_not_public_is_not_found(db, read, address):
    read(f"/en/{address}", 404)
