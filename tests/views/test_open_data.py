"""The record as open data: what describes its tables holds of the files themselves."""

import json
import warnings

import pytest
from csvw import CSVW

from tests.conftest import NOW
from tests.factories import World
from tracker.actions import updates
from tracker.models import Pledge
from tracker.reports import REPORTS
from tracker.vocabulary import Status

with warnings.catch_warnings():
    # What it imports warns of itself.
    warnings.simplefilter("ignore")
    import frictionless


@pytest.fixture
def folder(lingang, client, tmp_path):
    """The Lingang record, with milestones and a correction of its own, as someone downloads it."""
    world = World(at=NOW)
    draft = world.draft(Pledge.objects.get(code="P1.02"))
    world.change(draft, world.milestone(draft.pledge))
    entry = updates.submit(draft, by=world.author, at=world.at)
    entry = updates.publish(entry, by=world.reviewer, at=world.at)
    world.correction(entry, Status.STALLED)
    files = ["datapackage.json", "csvw.json", *(f"{name}.csv" for name in REPORTS)]
    for name in files:
        response = client.get(f"/en/data/{name}")
        content = response.getvalue() if response.streaming else response.content
        (tmp_path / name).write_bytes(content)
    return tmp_path


def without_a_pledge(folder):
    """Gives a pledge another code, so that what is said of it joins to nothing."""
    path = folder / "pledges.csv"
    path.write_bytes(path.read_bytes().replace(b"\r\nP1.01,", b"\r\nP9.01,"))


def of_the_web(folder):
    # An empty cell joins to nothing and may: `strict` would refuse it.
    return CSVW(str(folder / "csvw.json"), validate=True, strict=False)


def validated(folder):
    with frictionless.system.use_context(trusted=True):
        return frictionless.validate(str(folder / "datapackage.json"))


def test_frictionless_finds_every_table_as_described(folder):
    report = validated(folder)
    assert report.valid, report.flatten(["name", "type", "note"])
    assert [task.name for task in report.tasks] == list(REPORTS)
    assert all(task.stats["rows"] for task in report.tasks)


def test_frictionless_finds_a_row_that_joins_to_nothing(folder):
    without_a_pledge(folder)
    broken = {task.name for task in validated(folder).tasks if not task.valid}
    assert {"updates", "evidence", "changes"} <= broken


def test_a_validator_of_csv_on_the_web_finds_every_table_as_described(folder):
    tables = of_the_web(folder)
    assert tables.is_valid, [str(warning.message) for warning in tables.warnings]
    assert len(tables.tables) == len(REPORTS)


def test_a_validator_of_csv_on_the_web_finds_a_row_that_joins_to_nothing(folder):
    without_a_pledge(folder)
    tables = of_the_web(folder)
    with pytest.raises(ValueError, match=r"`P1\.01` not found"):
        _ = tables.is_valid


def test_the_descriptions_are_in_the_language_of_the_page(db, client):
    package = client.get("/zh-hans/data/datapackage.json").json()
    pledges = package["resources"][0]
    progress = next(f for f in pledges["schema"]["fields"] if f["name"] == "progress")
    assert (progress["title"], progress["type"], progress["unit"]) == ("进度", "integer", "百分比")
    described = client.get("/zh-hans/data/csvw.json").json()
    assert described["@context"][1] == {"@language": "zh-hans"}
    assert {"dc:title": "进度"}.items() <= next(
        c for c in described["tables"][0]["tableSchema"]["columns"] if c["name"] == "progress"
    ).items()


def test_a_past_day_describes_the_files_of_that_day(db, client):
    days = "as_of=2024-12-31&known_on=2026-11-22"
    package = client.get(f"/en/data/datapackage.json?{days}").json()
    assert package["resources"][0]["path"] == f"pledges.csv?{days}"
    tables = client.get(f"/en/data/csvw.json?{days}").json()["tables"]
    assert tables[0]["url"] == f"pledges.csv?{days}"
    assert tables[1]["tableSchema"]["foreignKeys"][0]["reference"]["resource"] == tables[0]["url"]


def test_the_licence_is_named_everywhere_and_is_the_operator_s(db, client, read, settings):
    settings.DATA_LICENCE = "OGL-UK-3.0"
    address = "https://spdx.org/licenses/OGL-UK-3.0.html"
    (licence,) = client.get("/en/data/datapackage.json").json()["licenses"]
    assert licence == {"name": "OGL-UK-3.0", "path": address}
    assert client.get("/en/data/csvw.json").json()["dc:license"] == {"@id": address}
    page = read("/en/data/")
    assert address in page.links
    assert json.loads(page.texts("script")[0])["license"] == address


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)
def test_keys_are_columns_and_lead_to_a_key(report):
    assert report.key
    assert set(report.key) <= set(report.header)
    for name, (other, column) in report.refers.items():
        assert name in report.header
        assert REPORTS[other].key == (column,)


# --- The end of the record ----------------------------------------------------------------------


def test_the_end_of_the_record_is_told_with_every_file(lingang, client):
    for name in REPORTS:
        response = client.get(f"/en/data/{name}.csv")
        response.getvalue()
        assert response["X-Record-Head"].startswith("45 e6b593d0")
    head = client.get("/en/data/pledges.json")
    assert json.loads(head.getvalue())["head"]["number"] == 45
    early = client.get("/en/data/pledges.csv?known_on=2022-01-01")
    early.getvalue()
    assert early["X-Record-Head"] == f"0 {'0' * 64}"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "The record ends with entry 45"), ("zh-hans", "45")]
)
def test_the_end_of_the_record_is_on_the_site(lingang, read, language, said):
    page = read(f"/{language}/data/")
    assert said in page.text
    assert any(text.startswith("e6b593d0") and len(text) == 64 for text in page.texts("code"))
    assert f"/{language}/data/record.jsonl" in page.links
    assert any("check_record" in link for link in page.links)
    home = read(f"/{language}/")
    assert said in home.text
    assert "e6b593d0…" in home.texts("code")
    assert f"/{language}/data/#verify" in home.links
