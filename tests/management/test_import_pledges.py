"""The command: it says row by row what it does, and does all of it or nothing."""

import pytest
from django.core.management import CommandError, call_command

from tracker.models import ImportFile, Pledge, Update, User

NEW = "code,title_en,wording,programme\r\n"


def bring(capsys, path, *arguments):
    call_command("import_pledges", str(path), *arguments)
    return capsys.readouterr().out


@pytest.fixture
def file(tmp_path):
    def write(content, name="a.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_it_says_what_it_would_do_and_with_dry_run_writes_nothing(world, file, capsys):
    world.pledge(title_en="Old")
    path = file(f"{NEW}P1.01,New,we will do P1.01,test\r\nP2,B,words,test\r\n")
    people = User.objects.count()
    said = bring(capsys, path, "--dry-run")
    assert "2\tP1.01 Old\tchanged: title (English) Old → New\n" in said
    assert "3\tP2 B\tnew\n" in said
    assert "0 wrong, 1 new, 1 changed, 0 unchanged" in said
    assert Pledge.objects.get().title_en == "Old"
    assert (ImportFile.objects.count(), User.objects.count()) == (0, people)
    assert bring(capsys, path).endswith("Imported.\n")
    assert Pledge.objects.get(code="P2").title_en == "B"
    file = ImportFile.objects.get()
    assert (file.filename, file.uploaded_by.username) == ("a.csv", "record-importer")


def test_one_wrong_row_and_nothing_is_written(world, file, capsys):
    path = file(
        "code,wording,programme,due_on\r\n"
        + "".join(f"P{n},words,test,\r\n" for n in range(12))
        + "P99,words,test,31/02/2025\r\n"
    )
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_pledges", str(path))
    said = capsys.readouterr().out
    assert "wrong: row 14, due_on: '31/02/2025' is no date; use YYYY-MM-DD" in said
    assert "1 wrong, 12 new" in said
    assert (Pledge.objects.count(), ImportFile.objects.count()) == (0, 0)


def test_it_speaks_chinese_and_works_for_whom_it_is_told(world, file, capsys):
    path = file("编号,标题（中文）,原文,计划\r\nP1,标题,我们将建成,test\r\n".encode("gb18030"))
    said = bring(capsys, path, "--language", "zh-hans", "--by", "author")
    assert "P1 标题\t新增" in said
    assert ImportFile.objects.get().uploaded_by == world.author


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--by", "nobody"], "--by: there is nobody called nobody"),
        (["--by", "reviewer"], "--by: this person may not import"),
        (["--map", "title"], "--map title: write it as LEFT=RIGHT"),
        (["--map", "title=colour"], "--map: colour is none of"),
        (["--set", "colour=red"], "--set: colour is none of"),
        (["--set", "date_order=ymd"], "--set date_order: ymd is none of"),
        (["--word", "fine=good"], "--word: good is none of"),
    ],
)
def test_a_wrong_option_is_named(world, file, arguments, says):
    with pytest.raises(CommandError, match=says):
        call_command("import_pledges", str(file(f"{NEW}P2,B,words,test\r\n")), *arguments)
    assert not Pledge.objects.exists()


def test_a_file_that_is_no_table_is_refused_with_the_remedy(world, file, tmp_path):
    with pytest.raises(CommandError, match=r"a\.csv: This is neither CSV nor an Excel workbook"):
        call_command("import_pledges", str(file(b"%PDF-1.7")))
    with pytest.raises(CommandError, match=r"nowhere\.csv: .*Name a file to read"):
        call_command("import_pledges", str(tmp_path / "nowhere.csv"))


# --- Files shaped like those of other trackers: made up, but as they come -------------------------

AMERICAN = """\ufeffID,Promise,Category,Department,Ruling,Date Announced,Deadline,Link\r
1,"Build 500,000 charging stations, everywhere",Energy,Department of Transportation,In the Works,\
"January 20, 2021",12/31/2025,https://example.org/1\r
2,Rejoin the accord,Climate; Energy,Department of State,Promise Kept,"Jan. 20, 2021",,\r
3,"Cut red tape\r
for small firms",Economy,Treasury,Compromise,"January 20, 2021",2024,https://example.org/3\r
"""
FRENCH = """Numéro;Engagement;Ministère;Échéance;État\r
A1;"Créer 50 000 places en crèche d’ici l’été";Ministère de la Santé;31/12/2025;En cours\r
A2;Réformer l’État;Premier ministre;30/06/2024;Tenu\r
"""
CHINESE = """2025年重点任务分工,,,,\r
序号,任务,牵头单位,完成时限,完成情况\r
1,"推进新型城镇化建设，\n完善基础设施",市发展改革委、市住房城乡建设委,2025年12月底前,进行中\r
2,新增学位一万个,市教委,2025年9月,已完成\r
"""


def test_a_promise_tracker_of_americans(world, file, capsys):
    path = file(AMERICAN)
    with pytest.raises(CommandError):
        call_command("import_pledges", str(path))
    said = capsys.readouterr().out
    assert "wrong: No column holds programme." in said
    assert "known ones: test" in said
    assert "not read: Link (not known)" in said
    options = ["--set", "code_prefix=US-", "--set", "date_order=mdy", "--add"]
    bring(
        capsys,
        path,
        "--set",
        "programme=Promises of 2021",
        "--set",
        "announced_on=2021-01-20",
        *options,
    )
    first, _second, third = Pledge.objects.order_by("code")
    assert (first.code, str(first.programme)) == ("US-1", "Promises of 2021")
    assert first.wording == "Build 500,000 charging stations, everywhere"
    assert (str(first.announced_on), str(first.original_due_on)) == ("2021-01-20", "2025-12-31")
    assert [body.name_en for body in first.leads] == ["Department of Transportation"]
    assert third.title_en == "Cut red tape for small firms"
    assert third.original_due_precision == "year"
    statuses = Update.objects.order_by("pledge__code").values_list("status", "state")
    assert list(statuses) == [
        ("in_progress", "draft"),
        ("kept", "draft"),
        ("partly_kept", "draft"),
    ]


def test_a_french_list_whose_headers_nobody_knows(world, file, capsys):
    path = file(FRENCH.encode("cp1252"))
    with pytest.raises(CommandError):
        call_command("import_pledges", str(path))
    said = capsys.readouterr().out
    assert "Pledges (Windows-1252, ;)" in said
    assert "not read: Numéro, Engagement, Ministère, Échéance, État (not known)" in said
    columns = ["Numéro=code", "Engagement=wording", "Ministère=leads", "Échéance=original_due_on"]
    columns.append("État=status")
    options = [part for column in columns for part in ("--map", column)]
    options += ["--word", "En cours=in_progress", "--word", "Tenu=kept", "--add"]
    for given in ("date_order=dmy", "wording_language=fr", "programme=test"):
        options += ["--set", given]
    bring(capsys, path, *options)
    first, second = Pledge.objects.order_by("code")
    assert first.wording == "Créer 50 000 places en crèche d’ici l’été"
    assert (first.wording_language, str(first.original_due_on)) == ("fr", "2025-12-31")
    assert str(second.leads[0]) == "Premier ministre"
    assert second.updates.get().status == "kept"


def test_a_list_of_tasks_of_a_chinese_government(world, file, capsys):
    path = file(CHINESE.encode("gb18030"))
    bring(capsys, path, "--set", "programme=test", "--set", "code_prefix=SH-", "--add")
    first, second = Pledge.objects.order_by("code")
    assert first.wording == "推进新型城镇化建设，\n完善基础设施"
    assert (first.wording_language, first.title_zh[:8]) == ("zh-hans", "推进新型城镇化建")
    assert {body.name_zh for body in first.leads} == {"市发展改革委", "市住房城乡建设委"}
    assert (str(first.original_due_on), first.original_due_precision) == ("2025-12-31", "month")
    assert second.updates.get().status == "kept"


def test_the_reports_as_files_change_nothing(lingang, capsys, tmp_path):
    for name in ("pledges", "updates"):
        path = tmp_path / f"{name}.csv"
        call_command("report", name, output=path)
        said = bring(capsys, path)
        assert "0 wrong, 0 new, 0 changed" in said
