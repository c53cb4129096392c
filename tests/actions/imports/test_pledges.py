"""Rows of pledges: what is new, what changes, what is refused, and what each writes."""

import io
from datetime import date

import pytest
from openpyxl import Workbook

from tests.actions.imports.bringing import applied, as_csv, exported, lines, planned
from tracker.actions import imports
from tracker.models import Body, Pillar, Pledge, Programme, Sector, Update
from tracker.vocabulary import Role, StaffRole, Status, UpdateState

NEW = "code|title_en|wording|programme"


def test_a_new_pledge_is_not_public(world):
    world.sector()
    world.body("harbour")
    world.body("schools")
    plan = applied(
        as_csv(
            "code|title_en|title_zh|wording|programme|pillar|leads|supporters|sectors"
            "|announced_on|original_due_on",
            "P9.01|Build it|建成|we will build it|test|1|harbour|Schools|hydrogen"
            "|2022-08-20|2025-06",
        ),
        world.author,
    )
    assert lines(plan) == ["new"]
    pledge = Pledge.objects.get(code="P9.01")
    assert not pledge.is_public
    assert pledge.slug == "build-it"
    assert (pledge.pillar, pledge.wording) == (world.pillar, "we will build it")
    assert (pledge.original_due_on, pledge.original_due_precision) == (date(2025, 6, 30), "month")
    roles = {r.body.slug: r.role for r in pledge.responsibilities.all()}
    assert roles == {"harbour": Role.LEAD, "schools": Role.SUPPORT}
    assert pledge.standing.status == Status.NOT_RATED


def test_the_history_says_who_and_from_what_file_with_the_sectors(world):
    world.sector()
    applied(as_csv(f"{NEW}|sectors", "P1|A|words|test|hydrogen"), world.author)
    applied(as_csv("code|title_en", "P1|B"), world.author)
    later, first = Pledge.objects.get(code="P1").history.all()
    assert (first.history_type, first.title_en, later.title_en) == ("+", "A", "B")
    assert {first.history_user, later.history_user} == {world.author}
    assert first.history_change_reason.startswith("a.csv")
    assert first.history_date == later.history_date == world.at
    assert [row.sector.slug for row in first.sectors.all()] == ["hydrogen"]
    assert Pledge.objects.get(code="P1").version == 2


def test_what_changes_is_said_field_by_field(world):
    world.pledge(title_en="Old", summary_en="x" * 300 + " old " + "y" * 300)
    text = "x" * 300 + " new " + "y" * 300
    plan = applied(as_csv("code|title_en|summary_en", f"P1.01|New|{text}"), world.author)
    (line,) = lines(plan)
    assert line.startswith("changed: title (English) Old → New; summary (English) …xxx")
    assert " old y" in line
    assert " new y" in line
    assert len(line) < 250
    pledge = Pledge.objects.get()
    assert (pledge.title_en, pledge.summary_en, pledge.is_public) == ("New", text, True)


def test_an_empty_cell_empties_and_a_missing_column_leaves(world):
    world.pledge(summary_en="There was one.", summary_zh="有。")
    plan = applied(as_csv("code|summary_en", "P1.01|"), world.author)
    assert lines(plan) == ["changed: summary (English) There was one. → (empty)"]
    pledge = Pledge.objects.get()
    assert (pledge.summary_en, pledge.summary_zh) == ("", "有。")


def test_a_text_that_excel_saved_with_other_line_ends_is_unchanged(world):
    world.pledge(summary_en="One,\r\ntwo")
    assert lines(planned(b'code,summary_en\nP1.01,"One,\ntwo"\n', world.author)) == ["unchanged"]


@pytest.mark.parametrize(
    ("column", "value", "old"),
    [
        ("wording", "other words", "we will do P1.01"),
        ("announced_on", "2022-08-21", "2022-08-20"),
        ("original_due_on", "2026-01-01", "2025-12-31"),
    ],
)
def test_what_a_public_pledge_keeps_is_not_changed(world, column, value, old):
    due = {"original_due_on": date(2025, 12, 31), "original_due_precision": "day"}
    world.pledge(**due)
    (line,) = lines(planned(as_csv(f"code|{column}", f"P1.01|{value}"), world.author))
    assert line.startswith(f"wrong: row 2, {column}: P1.01 is public and keeps “{old}”")
    draft = world.pledge("P1.02", public=False, **due)
    applied(as_csv(f"code|{column}", f"P1.02|{value}"), world.author)
    draft.refresh_from_db()
    assert str(getattr(draft, column)) == value


def test_another_status_begins_a_draft_and_changes_no_standing(world):
    pledge = world.pledge()
    world.published(pledge, Status.IN_PROGRESS)
    plan = applied(as_csv("code|status", "P1.01|kept"), world.author)
    assert lines(plan) == [
        "changed: status In progress → Kept; (begins a draft, which needs evidence and review)"
    ]
    draft = Update.objects.get(status=Status.KEPT)
    assert (draft.state, draft.created_by) == (UpdateState.DRAFT, world.author)
    assert list(draft.writers.all()) == [world.author]
    pledge.refresh_from_db()
    assert pledge.standing.status == Status.IN_PROGRESS
    # The same file again: the draft says so already, and no second one is begun.
    plan = applied(as_csv("code|status", "P1.01|kept"), world.author)
    assert lines(plan) == ["unchanged: (an update under way says this already)"]
    assert Update.objects.count() == 2


def test_another_due_date_begins_a_draft_too(world):
    world.pledge(original_due_on=date(2025, 12, 31), original_due_precision="year")
    applied(as_csv("code|due_on|due_precision", "P1.01|2026-12-31|year"), world.author)
    draft = Update.objects.get()
    assert (draft.due_on, draft.due_precision) == (date(2026, 12, 31), "year")
    assert Pledge.objects.get().original_due_on == date(2025, 12, 31)


def test_a_new_pledge_with_a_status_brings_a_draft(world):
    applied(
        as_csv(f"{NEW}|status|last_entry_on", "P1|A|words|test|Promise kept|2024-05-06"),
        world.author,
    )
    draft = Update.objects.get()
    assert (draft.status, draft.effective_on, draft.state) == (
        Status.KEPT,
        date(2024, 5, 6),
        UpdateState.DRAFT,
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("partly_kept", "partly_kept"),
        ("Partly Kept", "partly_kept"),
        ("部分兑现", "partly_kept"),
        ("Compromise", "partly_kept"),
        ("In the Works", "in_progress"),
        ("进行中", "in_progress"),
        ("已完成", "kept"),
        ("Promise Broken", "not_kept"),
    ],
)
def test_a_status_is_read_by_code_label_and_sure_synonym(world, word, status):
    world.pledge()
    applied(as_csv("code|status", f"P1.01|{word}"), world.author)
    assert Update.objects.get().status == status


def test_any_other_word_is_asked_for(world):
    world.pledge()
    plan = planned(as_csv("code|status", "P1.01|On track"), world.author)
    assert lines(plan)[0].startswith(
        "wrong: row 2, status: 'On track' is not known; use one of: not_rated, not_started"
    )
    assert plan.unknown_words == ["On track"]
    applied(as_csv("code|status", "P1.01|On track"), world.author, words={"on track": "stalled"})
    assert Update.objects.get().status == Status.STALLED


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_written(world):
    world.pledge()
    content = as_csv(
        "code|title_en|wording|programme|announced_on|due_on|leads|original_due_precision",
        "P1.01|Changed|we will do P1.01|test|||nobody|",
        "P 2|Bad code|words|test||31/02/2025||",
        "P3|Third|words|elsewhere|03/04/2022|||",
        "P4|Again|||||||more",
    )
    with pytest.raises(imports.Wrong):
        applied(content, world.author)
    said = lines(planned(content, world.author))
    assert "row 2, leads: “nobody” is not known" in said[0]
    assert "row 3, due_on: '31/02/2025' is no date; use YYYY-MM-DD" in said[1]
    assert "row 3, code: Use capital letters" in said[1]
    assert "row 4, programme: “elsewhere” is not known" in said[2]
    assert "row 4, announced_on: '03/04/2022' does not say which number is the day" in said[2]
    assert "wrong: row 5: it has 9 cells, the header 8" in said[3]
    assert Pledge.objects.get().title_en == "Pledge P1.01"


def test_a_code_that_is_there_twice_is_wrong(world):
    plan = planned(as_csv(NEW, "P1|A|words|test", "p1|B|words|test"), world.author)
    assert lines(plan)[1] == "wrong: row 3, code: row 2 is P1 too; take one of them out"


def test_what_new_rows_lack_is_asked_for_once_and_given_once(world):
    content = as_csv("Promise|Deadline", "We will build it|2025", "我们将建成|2026")
    plan = planned(content, world.author)
    assert plan.is_wrong
    assert [fault.split(".")[0] for fault in plan.faults] == ["No column holds code"]
    given = {"code_prefix": "X-", "programme": "test"}
    plan = applied(content, world.author, given=given)
    assert len(plan.assumed) == 4
    first, second = Pledge.objects.order_by("code")
    assert (first.code, first.title_en, first.wording_language) == ("X-002", first.wording, "en")
    assert (second.code, second.title_zh, second.wording_language) == (
        "X-003",
        "我们将建成",
        "zh-hans",
    )
    assert first.announced_on == world.programme.announced_on
    assert (first.original_due_on, first.original_due_precision) == (date(2025, 12, 31), "year")


def test_what_is_not_known_is_added_only_where_that_is_said(world):
    content = as_csv(
        "code|wording|programme|announced_on|pillar|leads|sectors",
        "P1|We will|Better city|2021-01-20|Schools|Dept. of Transport, Energy|Energy; 教育",
    )
    assert planned(content, world.author).is_wrong
    # Editors do not keep the frame; who may, may add to it here.
    plan = planned(content, world.author, adds=True)
    assert "your role does not allow this (add_programme)" in lines(plan)[0]
    both = world.person("both", StaffRole.EDITOR, StaffRole.MANAGER)
    plan = applied(content, both, adds=True)
    assert len(plan.added) == 5
    pledge = Pledge.objects.get()
    assert pledge.programme == Programme.objects.get(name_en="Better city")
    assert pledge.pillar == Pillar.objects.get(title_en="Schools", order=1)
    assert pledge.leads == [Body.objects.get(slug="dept-of-transport-energy")]
    assert {s.name_zh or s.name_en for s in Sector.objects.all()} == {"Energy", "教育"}


def test_bodies_and_sectors_change_as_sets(world):
    harbour, schools = world.body("harbour"), world.body("schools")
    pledge = world.pledge()
    world.responsibility(pledge, harbour)
    world.responsibility(pledge, schools, Role.SUPPORT)
    assert lines(planned(as_csv("code|leads", "P1.01|harbour"), world.author)) == ["unchanged"]
    plan = applied(as_csv("code|leads|supporters", "P1.01|schools|"), world.author)
    assert lines(plan) == [
        "changed: leading bodies Harbour → Schools; supporting bodies Schools → (empty)"
    ]
    roles = [(r.body.slug, r.role) for r in pledge.responsibilities.all()]
    assert roles == [("schools", Role.LEAD)]


def test_only_what_is_in_one_s_care_is_changed_and_nothing_is_added(world):
    mine, theirs = world.body("mine"), world.body("theirs")
    world.responsibility(world.pledge("P1.01"), mine)
    world.responsibility(world.pledge("P1.02"), theirs)
    editor = world.person("editor", StaffRole.EDITOR, bodies=[mine])
    content = as_csv(
        "code|title_en|wording", "P1.01|Mine|we will do P1.01", "P1.02|Theirs|", "P1.03|New|words"
    )
    said = lines(planned(content, editor))
    assert said[0].startswith("changed: ")
    assert said[1] == ("wrong: row 3, code: P1.02 is not in the care of your bodies; ask its own")
    assert "only those who work for every body add pledges" in said[2]


def test_a_pledge_of_another_programme_is_not_taken_for_one_of_this(world):
    world.pledge("1")
    Programme.objects.create(slug="other", name_en="Other", announced_on=date(2020, 1, 1))
    (line,) = lines(planned(as_csv(NEW, "1|A|words|other"), world.author))
    assert "1 is a pledge of “Test programme” already; give new pledges codes" in line


def test_a_row_exported_with_its_version_is_stopped_once_that_moved_on(world):
    pledge = world.pledge()
    exported = pledge.version
    pledge.title_en = "Meanwhile"
    pledge.save()
    row = f"P1.01|Mine|{exported}"
    (line,) = lines(planned(as_csv("code|title_en|version", row), world.author))
    assert f"the file has version {exported}, the record {exported + 1}" in line


def test_every_row_of_our_own_export_is_unchanged(lingang, django_user_model):
    person = django_user_model.objects.get(username="record-author")
    plan = planned(exported("pledges"), person)
    assert plan.counts == {"wrong": 0, "new": 0, "changed": 0, "unchanged": 25}


def test_our_own_export_makes_the_same_pledges_where_there_are_none(lingang, world, client):
    """Programme, pillars, bodies and sectors come with their names, in both languages."""
    person = world.person("both", StaffRole.EDITOR, StaffRole.MANAGER)
    rows = (
        exported("pledges").decode().replace("lingang-2022", "elsewhere").replace("\r\nP", "\r\nQ")
    )
    plan = applied(
        rows.encode(),
        person,
        adds=True,
        columns={"status": "", "status en": "", "status zh": ""},
        given={"announced_on": "2022-08-20"},
    )
    assert plan.counts["new"] == 25
    for new in Pledge.objects.filter(code__startswith="Q").select_related("pillar"):
        old = Pledge.objects.get(code=f"P{new.code[1:]}")
        assert (new.title_zh, new.wording) == (old.title_zh, old.wording)
        assert (new.original_due_on, new.original_due_precision) == (
            old.original_due_on,
            old.original_due_precision,
        )
        assert (new.pillar.title_en, new.pillar.order) == (old.pillar.title_en, old.pillar.order)
        assert (new.leads, new.supporters) == (old.leads, old.supporters)


def test_an_apostrophe_guards_a_text_in_a_csv_file_and_is_its_own_in_a_workbook(world):
    workbook = Workbook()
    workbook.active.append(NEW.split("|"))
    workbook.active.append(["P9.02", "''Tis built''", "'=1+1 is two'", "test"])
    file = io.BytesIO()
    workbook.save(file)
    applied(file.getvalue(), world.author)
    pledge = Pledge.objects.get(code="P9.02")
    assert (pledge.title_en, pledge.wording) == ("''Tis built''", "'=1+1 is two'")
    applied(as_csv(NEW, "P9.03|''Tis built''|'=1+1 is two'|test"), world.author)
    pledge = Pledge.objects.get(code="P9.03")
    assert (pledge.title_en, pledge.wording) == ("'Tis built''", "=1+1 is two'")


def test_who_leads_may_be_named_among_all_who_take_part(world):
    """As the list of the mandate letters of a federal government has it."""
    plan = applied(
        as_csv(
            "ID|Commitment|Reporting Lead|All ministers",
            "LPC-1|Build one economy.|Minister of Finance|Minister of Finance; Minister of Health",
        ),
        world.person("both", StaffRole.EDITOR, StaffRole.MANAGER),
        columns={"all ministers": "supporters"},
        given={"programme": "test"},
        adds=True,
    )
    assert lines(plan) == ["new"]
    roles = Pledge.objects.get(code="LPC-1").responsibilities
    assert {r.body.name_en: r.role for r in roles.all()} == {
        "Minister of Finance": Role.LEAD,
        "Minister of Health": Role.SUPPORT,
    }


def test_rows_that_cannot_be_told_apart_are_wrong_and_not_unchanged(world):
    plan = planned(as_csv("MLC ID|Commitment", "100|Do it."), world.author)
    assert lines(plan) == ["wrong"]
    assert plan.faults[0].startswith("No column holds code.")


def test_a_name_that_is_too_long_is_said_of_the_file_s_own_column(world):
    names = f"P1|A|words|test|{'x' * 201}"
    both = world.person("both", StaffRole.EDITOR, StaffRole.MANAGER)
    plan = planned(as_csv(f"{NEW}|Lead minister", names), both, adds=True)
    assert lines(plan) == [
        "wrong: row 2, Lead minister: Ensure this value has at most 200 characters (it has 201)."
    ]
