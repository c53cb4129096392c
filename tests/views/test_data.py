import pytest

from tracker.reports import REPORTS
from tracker.vocabulary import Status


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_report_is_there_with_its_file_and_every_column(db, read, language):
    page = read(f"/{language}/data/")
    for report in REPORTS.values():
        assert f"/{language}/data/{report.name}.csv" in page.links
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
    assert b"".join(response.streaming_content).count(b"\r\n") == 2
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


@pytest.mark.parametrize("address", ["data/nothing.csv", "data/attention.csv", "data/pledges.exe"])
def test_a_report_that_is_not_there_or_not_public_is_not_found(db, read, address):
    read(f"/en/{address}", 404)
