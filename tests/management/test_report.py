import csv
import io

import pytest
from django.core.management import CommandError, call_command

from tracker.reports import csv as writer


def test_it_writes_the_filtered_report_to_a_file(lingang, tmp_path):
    target = tmp_path / "kept.csv"
    call_command("report", "pledges", "--status", "kept", "--status", "partly_kept", output=target)
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"))))
    assert [row["code"] for row in rows] == ["P2.01", "P2.03", "P2.07"]


def test_it_equals_the_download_byte_for_byte(lingang, client, tmp_path):
    target = tmp_path / "updates.csv"
    call_command("report", "updates", "--as-of", "2024-06-01", "--pillar", "2", output=target)
    download = client.get("/zh-hans/data/updates.csv?as_of=2024-06-01&pillar=2")
    assert target.read_bytes() == download.getvalue()
    assert target.read_bytes().count(b"\r\n") > 1


def test_it_writes_to_standard_output(lingang, capfdbinary):
    call_command("report", "pledges", "--q", "P2.07")
    out = capfdbinary.readouterr().out
    assert out.startswith(b"code,")
    assert b"\r\nP2.07," in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--as-of", "2999-01-01"], "--as-of: 2999-01-01 is yet to come"),
        (["--known-on", "31/02/2025"], "--known-on: This is no date"),
        (["--status", "done"], "--status: "),
        (["--due-after", "soon"], "--due-after: This is no date"),
        (["--sector", "nowhere"], "--sector: "),
    ],
)
def test_a_wrong_filter_is_named_and_nothing_is_written(lingang, tmp_path, arguments, says):
    target = tmp_path / "report.csv"
    with pytest.raises(CommandError, match=says):
        call_command("report", "pledges", *arguments, "--output", str(target))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_named(lingang, tmp_path):
    target = tmp_path / "nowhere" / "report.csv"
    with pytest.raises(CommandError, match=r"report\.csv: .*Name a file"):
        call_command("report", "pledges", output=target)


def test_a_failure_half_way_leaves_no_file(lingang, tmp_path, monkeypatch):
    def broken(report, pledges, asof, options, *, bom):
        yield "code\r\n"
        raise RuntimeError("half-way")

    monkeypatch.setattr(writer, "lines", broken)
    target = tmp_path / "report.csv"
    target.write_text("the last good one")
    with pytest.raises(RuntimeError):
        call_command("report", "pledges", output=target)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [
        ("report.csv", "the last good one")
    ]
