"""Files as other programs write them, and what is no table at all."""

import csv
import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from tracker.rules import tables
from tracker.rules.tables import Unreadable, table
from tracker.vocabulary import CellFault, FileFault

HEADER = ("code", "标题")
ROWS = [("P1", "两行\n的标题"), ("P2", 'quoted "word"; with , all')]


def text(delimiter=",", end="\r\n"):
    out = io.StringIO()
    lines = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    lines.writerows([HEADER, *ROWS])
    return out.getvalue()


def cells(found):
    return [row.cells for row in found.rows]


def book(*rows, title="Sheet", more=()):
    workbook = Workbook()
    workbook.active.title = title
    for row in rows:
        workbook.active.append(row)
    for name, others in more:
        sheet = workbook.create_sheet(name)
        for row in others:
            sheet.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def fault_of(content):
    with pytest.raises(Unreadable) as refused:
        table(content)
    assert str(refused.value).endswith(".")
    return refused.value.fault


@pytest.mark.parametrize(
    ("codec", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("gb18030", b""),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_encoding_separator_and_line_end_gives_the_same_table(codec, mark, delimiter, end):
    found = table(mark + text(delimiter, end).encode(codec))
    assert (found.header, cells(found)) == (HEADER, ROWS)


def test_latin_letters_with_accents_are_not_taken_for_chinese():
    found = table("Numéro;État\r\nA1;déjà réalisé à l’été\r\n".encode("cp1252"))
    assert found.header == ("Numéro", "État")
    assert cells(found) == [("A1", "déjà réalisé à l’été")]
    assert found.written.startswith("Windows-1252")


def test_rows_have_the_numbers_that_a_spreadsheet_program_shows():
    found = table(b'a,b\n\n1,"x\ny"\n,\n2,z\n')
    assert [(row.number, row.cells) for row in found.rows] == [(3, ("1", "x\ny")), (5, ("2", "z"))]


def test_a_title_above_the_header_and_empty_columns_beside_it_are_passed_over():
    found = table("重点任务表,,,\n序号,任务,,\n1,修路,,\n".encode())
    assert found.header == ("序号", "任务")
    assert [(row.number, row.cells) for row in found.rows] == [(3, ("1", "修路"))]


def test_the_separator_that_excel_names_is_no_row():
    found = table(b"sep=;\r\na;b\r\n1;2,3\r\n")
    assert [(row.number, row.cells) for row in found.rows] == [(3, ("1", "2,3"))]


def test_headers_stand_on_one_line_and_are_told_apart():
    found = table(b'"due\n on",Note,Note\n1,2,3\n')
    assert found.header == ("due on", "Note", "Note (2)")


def test_a_row_of_another_length_is_wrong_and_the_others_are_read():
    found = table(b"a,b,c\n1,2\n1,2,3,4\n1,2,3\n")
    assert [row.fault and row.fault.fault for row in found.rows] == [
        CellFault.TOO_FEW_CELLS,
        CellFault.TOO_MANY_CELLS,
        None,
    ]


def test_a_nul_is_wrong_in_its_row_only():
    found = table(b"a,b\n1,x\x00y\n1,2\n")
    assert [row.fault and row.fault.fault for row in found.rows] == [CellFault.NUL, None]


def test_a_quotation_mark_that_is_never_closed_does_not_swallow_the_rest():
    assert fault_of(b'a,b\n1,"x\n2,y\n3,z\n') == FileFault.UNCLOSED_QUOTE


def test_cells_of_a_workbook_are_read_as_what_they_are():
    found = table(
        book(
            ["day", "moment", "whole", "share", "yes", "text", "part"],
            # A workbook knows no time zones.
            [date(2025, 2, 3), datetime(2025, 2, 3, 4, 5), 12.0, 0.5, True, "'x", 0.45],  # noqa: DTZ001
        )
    )
    assert cells(found) == [
        ("2025-02-03", "2025-02-03 04:05:00", "12", "0.5", "true", "'x", "0.45")
    ]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("one_x000D_\ntwo", "one\r\ntwo"),
        ("one_x0009_two", "one\ttwo"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD83D_ and _x12_", "_xD83D_ and _x12_"),
    ],
)
def test_what_a_workbook_escapes_is_read_as_it_was_typed(written, text):
    assert cells(table(book(["a", "b"], ["1", written]))) == [("1", text)]


def test_a_share_of_a_workbook_is_its_percentage():
    workbook = Workbook()
    workbook.active.append(["a", "b"])
    workbook.active.append(["x", 0.45])
    workbook.active["B2"].number_format = "0%"
    out = io.BytesIO()
    workbook.save(out)
    assert cells(table(out.getvalue())) == [("x", "45%")]


def test_the_sheet_of_the_right_name_is_read_else_the_first():
    content = book(
        ["note", "of"], ["no", "table"], more=[("Pledges", [["code", "t"], ["P1", "x"]])]
    )
    assert table(content, {"pledges"}).header == ("code", "t")
    assert table(content).header == ("note", "of")


def test_a_formula_that_was_never_computed_is_refused_by_its_cell():
    found = table(book(["a", "b"], ["x", "=1+1"], ["y", "z"]))
    assert [row.fault and str(row.fault)[:7] for row in found.rows] == ["cell B2", None]


def test_a_million_rows_without_a_value_are_not_read():
    workbook = Workbook()
    workbook.active.append(["a", "b"])
    workbook.active.append(["1", "2"])
    workbook.active.cell(1_000_000, 1).number_format = "0%"
    out = io.BytesIO()
    workbook.save(out)
    assert cells(table(out.getvalue())) == [("1", "2")]


def packed(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY x SYSTEM "{file}">',
        '<!ENTITY y "0123456789"><!ENTITY x "&y;&y;&y;">',
    ],
)
def test_a_workbook_that_asks_for_other_files_or_blows_itself_up_is_not_read(tmp_path, declared):
    """XML's entities: `&x;` in a cell would stand for a file of ours, or for a text without end."""
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    doctype = f"<!DOCTYPE worksheet [{declared.format(file=secret.as_uri())}]>"
    out = io.BytesIO()
    plain = zipfile.ZipFile(io.BytesIO(book(["a", "b"], ["MARK", "2"])))
    with plain, zipfile.ZipFile(out, "w") as attack:
        for name in plain.namelist():
            text = plain.read(name).decode().replace("MARK", "&x;")
            attack.writestr(name, doctype + text if "&x;" in text else text)
    with pytest.raises(Unreadable) as refused:
        table(out.getvalue())
    why: BaseException | None = refused.value
    while why and type(why).__name__ != "EntitiesForbidden":
        why = why.__cause__ or why.__context__
    assert why, refused.value


def test_a_workbook_that_would_fill_the_memory_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(tables, "MAX_UNPACKED", 1000)
    assert fault_of(packed(sheet="0" * 2000)) == FileFault.TOO_LARGE_UNPACKED
    monkeypatch.setattr(tables, "MAX_PARTS", 3)
    assert fault_of(packed(a="0", b="0", c="0", d="0")) == FileFault.TOO_LARGE_UNPACKED


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", FileFault.EMPTY),
        (b"\xef\xbb\xbf\r\n \r\n", FileFault.EMPTY),
        (b"a,b\r\n", FileFault.NO_ROWS),
        (b"one\ntwo\nthree\n", FileFault.NO_HEADER),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 64, FileFault.OLD_WORKBOOK),
        (b"%PDF-1.7\n%x", FileFault.NOT_A_TABLE),
        (b"  <html><table><tr><td>a</td></tr></table></html>", FileFault.NOT_A_TABLE),
        (b"\x89PNG\r\n\x1a\n,", FileFault.NOT_A_TABLE),
        (packed(mimetype="application/vnd.oasis"), FileFault.NOT_A_TABLE),
        (packed(**{"[Content_Types].xml": "<x/>"}), FileFault.NOT_A_WORKBOOK),
        (b"PK\x03\x04" + b"x" * 40, FileFault.NOT_A_WORKBOOK),
        (b"a,b\n\x81\x8d,\x90\n", FileFault.UNKNOWN_ENCODING),
        (b"a,b\n" + b"1,2\n" * 20_001, FileFault.TOO_MANY_ROWS),
        (b"a" * (tables.MAX_BYTES + 1), FileFault.TOO_LARGE),
    ],
)
def test_what_is_no_table_is_refused_by_what_it_holds(content, fault):
    assert fault_of(content) == fault


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
            st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_our_own_writer_writes_is_read_back_to_the_letter(rows):
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    # With a first column that is never empty: a row without any value is none.
    lines.writerows([["code", "one", "two"], *(["P1", *row] for row in rows)])
    assert [row.cells[1:] for row in table(out.getvalue().encode()).rows] == rows


@given(st.binary(max_size=200))
def test_whatever_the_bytes_it_is_a_table_or_refused_with_a_remedy(content):
    try:
        said = table(content).written
    except Unreadable as refused:
        said = str(refused)
    assert said
