"""The files: what is in them, to the letter, for those who open them and for programs."""

import json
import zipfile
from datetime import date
from io import BytesIO
from itertools import repeat

import openpyxl
import pytest
from django.utils import translation

from tracker.models import Pledge
from tracker.reports import REPORTS, xlsx
from tracker.reports.base import Column, Kind, Report
from tracker.reports.formats import FORMATS
from tracker.rules.asked import NOTHING, Options
from tracker.rules.asof import AsOf
from tracker.rules.cells import unguarded
from tracker.vocabulary import Status

TODAY = date(2026, 11, 23)
NOW = AsOf(TODAY)
DANGEROUS = [
    "=1+1",
    "@SUM(A1)",
    "+1",
    "-1",
    "\ttab",
    "'quoted",
    "＝1",
    "https://example.org",
    "007",
]


def made(extension, report="pledges", asof=NOW, options=NOTHING, **kwargs):
    report = REPORTS[report] if isinstance(report, str) else report
    pledges = Pledge.objects.seen(asof)
    return b"".join(FORMATS[extension].pieces(report, pledges, asof, options, **kwargs))


def of_texts(texts):
    """A report of one column that asks nothing of a database."""
    column = Column("text", Kind.TEXT, "Text", "A text.", lambda row: row)
    return Report("texts", "Texts", "Texts.", (column,), lambda *asked: iter(texts))


def book_of(content):
    return openpyxl.load_workbook(BytesIO(content))


def xml_of(content):
    with zipfile.ZipFile(BytesIO(content)) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist()}


# --- CSV ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_csv_bears_the_mark_of_utf_8_where_it_is_asked_for():
    plain, marked = made("csv"), made("csv", bom=True)
    assert marked == b"\xef\xbb\xbf" + plain
    assert plain.startswith(b"code,")


# --- JSON ---------------------------------------------------------------------------------------


def test_json_holds_the_values_as_they_are_and_their_key(world):
    pledge = world.pledge(title_en="=1+1", summary_zh='三"\n四')
    world.published(pledge, Status.KEPT, reported_progress=40)
    options = Options(given=(("status", "kept"),))
    found = json.loads(made("json", options=options))
    (row,) = found["rows"]
    assert list(row) == [column["name"] for column in found["columns"]]
    assert (row["title_en"], row["summary_zh"]) == ("=1+1", '三"\n四')
    assert (row["progress"], row["late"], row["due_on"]) == (40, False, None)
    assert row["last_entry_on"] == "2023-01-01"
    assert found["report"] == "pledges"
    assert found["parameters"] == {"as_of": "2026-11-23", "status": "kept"}
    assert {"name": "progress", "type": "integer"} in found["columns"]


@pytest.mark.django_db
def test_json_without_rows_is_json_too():
    assert json.loads(made("json"))["rows"] == []


# --- Spreadsheets -------------------------------------------------------------------------------


def test_a_spreadsheet_has_types_and_a_header_that_stays(world):
    pledge = world.pledge()
    world.published(pledge, Status.KEPT, reported_progress=40)
    book = book_of(made("xlsx"))
    sheet = book["pledges"]
    header = [cell.value for cell in sheet[1]]
    row = dict(zip(header, sheet[2], strict=True))
    assert header == REPORTS["pledges"].header
    assert row["announced_on"].value.date() == date(2022, 8, 20)
    assert row["announced_on"].number_format == "yyyy-mm-dd"
    assert (row["progress"].value, row["progress"].data_type) == (40, "n")
    assert row["late"].value is False
    assert row["due_on"].value is None
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert sheet.column_dimensions["A"].width > 10


def test_a_spreadsheet_tells_what_was_asked_and_what_it_means(world):
    world.pledge()
    asof = AsOf(TODAY, date(2024, 1, 1), TODAY)
    book = book_of(made("xlsx", asof=asof, options=Options(given=(("pillar", "1"),))))
    rows = [row for row in book["about"].iter_rows(values_only=True) if row[0]]
    told = {row[0]: row[1:] for row in reversed(rows)}
    assert told["report"][0] == "pledges"
    assert told["as_of"][0] == "2024-01-01"
    assert told["known_on"][0] == "2026-11-23"
    assert told["pillar"][0] == "1"
    assert set(REPORTS["pledges"].header) <= set(told)
    assert told["progress"][:5] == ("integer", "Progress", "进度", "percent", "百分比")
    assert told["late"][3] is None


@pytest.mark.django_db
def test_nothing_in_a_spreadsheet_runs_and_every_text_reads_back_as_it_was():
    content = made("xlsx", of_texts(DANGEROUS))
    found = [cell.value for (cell,) in book_of(content)["texts"].iter_rows(min_row=2)]
    assert found == DANGEROUS
    parts = xml_of(content)
    assert not [name for name, xml in parts.items() if "<f>" in xml or "<f " in xml]
    assert not any("hyperlink" in xml for name, xml in parts.items() if "sheet" in name)
    assert [cell.data_type for (cell,) in book_of(content)["texts"].iter_rows(min_row=2)] == [
        "s"
    ] * len(DANGEROUS)


@pytest.mark.django_db
def test_csv_and_json_read_back_as_they_were_too():
    rows = made("csv", of_texts(["=1+1", "'quoted", "plain"])).decode().split("\r\n")[1:-1]
    assert [unguarded(row) for row in rows] == ["=1+1", "'quoted", "plain"]
    rows = json.loads(made("json", of_texts(DANGEROUS)))["rows"]
    assert [row["text"] for row in rows] == DANGEROUS


@pytest.mark.django_db
@pytest.mark.parametrize("texts", [["x" * 32_768], repeat("x", 12)], ids=["long", "many"])
def test_what_does_not_fit_a_sheet_is_refused_and_not_cut(monkeypatch, texts):
    monkeypatch.setattr(xlsx, "MAX_ROWS", 10)
    with pytest.raises(xlsx.TooLarge):
        made("xlsx", of_texts(texts))


# --- All of them --------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", list(FORMATS))
def test_two_runs_in_two_languages_give_the_same_bytes(world, extension):
    pledge = world.pledge()
    world.published(pledge, Status.KEPT)
    files = set()
    for language in ("en", "zh-hans"):
        with translation.override(language):
            files.add(made(extension, "updates"))
    assert len(files) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("extension", list(FORMATS))
def test_many_rows_take_no_more_memory_than_few(extension):
    """The rows of a small and of a large file: what is held at once does not grow with them."""
    import tracemalloc

    def most(rows):
        report = of_texts("é" * 200 for _ in range(rows))
        pieces = FORMATS[extension].pieces
        tracemalloc.start()
        for _piece in pieces(report, Pledge.objects.none(), AsOf(TODAY)):
            pass
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    most(10)
    few, many = most(500), most(5000)
    assert many < few + 256 * 1024
