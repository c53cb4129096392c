"""A file as a whole: kept, previewed, applied once, whole or not at all."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.actions.imports.bringing import TODAY, applied, as_csv, kept, lines, planned
from tracker.actions import imports
from tracker.actions.imports.columns import SHAPES, Choices, match, shape_for
from tracker.models import ImportFile, Pledge, Update
from tracker.reports import REPORTS
from tracker.rules.readings import key
from tracker.rules.tables import table
from tracker.vocabulary import StaffRole

NEW = "code|title_en|wording|programme"


def apply(file, plan, by, at):
    return imports.apply(file, digest=plan.digest, by=by, at=at, on=TODAY)


def test_a_file_is_kept_as_it_came_with_what_became_of_it(world):
    content = as_csv(NEW, "P1|A|words|test")
    applied(content, world.author)
    file = ImportFile.objects.get()
    assert bytes(file.content) == content
    assert (file.uploaded_by, file.applied_by, file.kind) == (world.author, world.author, "pledges")
    assert file.outcome["counts"] == {"wrong": 0, "new": 1, "changed": 0, "unchanged": 0}


def test_a_file_is_applied_once(world):
    file = kept(as_csv(NEW, "P1|A|words|test"), world.author)
    plan = imports.preview(file, by=world.author, on=TODAY)
    apply(file, plan, world.author, world.at)
    with pytest.raises(imports.Applied):
        apply(file, plan, world.author, world.at)
    assert Pledge.objects.count() == 1


def test_a_row_that_changed_since_the_preview_stops_the_file_with_both_values(world):
    pledge = world.pledge(title_en="Old")
    file = kept(as_csv(f"{NEW}", "P1.01|Mine|we will do P1.01|test", "P2|B|w|test"), world.author)
    plan = imports.preview(file, by=world.author, on=TODAY)
    imports.remember(file, plan)
    pledge.title_en = "Theirs"
    pledge.save()
    with pytest.raises(imports.Moved) as moved:
        apply(file, plan, world.author, world.at)
    assert moved.value.rows == [
        (2, "changed: title (English) Old → Mine", "changed: title (English) Theirs → Mine")
    ]
    assert not Pledge.objects.filter(code="P2").exists()
    pledge.refresh_from_db()
    assert pledge.title_en == "Theirs"
    # Seen anew, it may be applied.
    apply(file, moved.value.plan, world.author, world.at)
    assert Pledge.objects.filter(title_en__in=["Mine", "B"]).count() == 2


def test_one_who_writes_between_reading_and_writing_is_not_written_over(world, monkeypatch):
    pledge = world.pledge(title_en="Old")
    file = kept(as_csv("code|title_en", "P1.01|Mine"), world.author)
    plan = imports.preview(file, by=world.author, on=TODAY)
    begin = imports.files.PLANNERS["pledges"].begin

    def meanwhile(planner, at, why):
        begin(planner, at, why)
        Pledge.objects.filter(pk=pledge.pk).update(title_en="Theirs", version=2)

    monkeypatch.setattr(imports.files.PLANNERS["pledges"], "begin", meanwhile)
    # Whatever wrote meanwhile here goes with our transaction: what counts is that we stop.
    with pytest.raises(Exception, match="changed meanwhile"):
        apply(file, plan, world.author, world.at)
    assert ImportFile.objects.get().applied_at is None


def test_a_failure_half_way_leaves_nothing(world, monkeypatch):
    rows = [f"P{n}|A|words|test|in_progress" for n in range(5)]
    file = kept(as_csv(f"{NEW}|status", *rows), world.author)
    plan = imports.preview(file, by=world.author, on=TODAY)

    def broken(*args):
        raise RuntimeError("half-way")

    monkeypatch.setattr(imports.files.PLANNERS["pledges"], "_begin_drafts", broken)
    with pytest.raises(RuntimeError):
        apply(file, plan, world.author, world.at)
    assert (Pledge.objects.count(), Update.objects.count()) == (0, 0)
    assert Pledge.history.count() == 0
    assert ImportFile.objects.get().applied_at is None


def test_who_may_not_import_keeps_applies_and_chooses_nothing(world):
    content = as_csv(NEW, "P1|A|words|test")
    with pytest.raises(PermissionDenied):
        kept(content, world.reviewer)
    file = kept(content, world.author)
    plan = imports.preview(file, by=world.author, on=TODAY)
    colleague = world.person("colleague", StaffRole.EDITOR)
    with pytest.raises(PermissionDenied):
        apply(file, plan, colleague, world.at)
    with pytest.raises(PermissionDenied):
        imports.choose(file, choices=Choices(), by=colleague)


def _file(kind, count):
    if kind == "pledges":
        rows = [f"P1.{n}|New {n}|words|test|harbour|hydrogen|kept" for n in range(count)]
        return as_csv(f"{NEW}|leads|sectors|status", *rows)
    if kind == "milestones":
        return as_csv("pledge|title_en|order", *(f"P1.{n}|Step|2" for n in range(count)))
    rows = [f"P1.{n}|kept|2024-01-01|x {n}|https://example.org/{n}" for n in range(count)]
    return as_csv("pledge|status|effective_on|narrative_en|evidence_url", *rows)


@pytest.mark.parametrize("kind", list(SHAPES))
def test_a_preview_takes_as_many_queries_for_a_few_rows_as_for_many(world, kind):
    world.body("harbour")
    world.sector()
    for n in range(20):
        pledge = world.pledge(f"P1.{n}")
        world.milestone(pledge, "Step")
        world.draft(pledge)
    counts = []
    for rows in (5, 200):
        file = kept(_file(kind, rows), world.author)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            plan = imports.preview(file, by=world.author, on=TODAY)
        assert len(plan.rows) == rows
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


# --- Which column is which ------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(SHAPES))
def test_every_column_of_our_reports_is_read_or_said_to_be_computed(name):
    header = tuple(REPORTS[name].header)
    rows = ("|".join(header), "|".join(["P1.01"] * len(header)))
    shape = shape_for(table(as_csv(*rows)), Choices())
    assert shape is SHAPES[name]
    matching = match(header, shape, Choices())
    assert not matching.is_foreign
    assert not matching.unclear


@pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.kind.value)
def test_columns_are_found_by_their_labels_in_either_language(shape):
    for language in ("en", "zh-hans"):
        with translation.override(language):
            labels = {column.name: str(column.label) for column in shape.columns}
        for name, label in labels.items():
            if key(label) in map(key, shape.computed):
                continue
            # A label that two columns share is that of the first, and the second has its name.
            firsts = {key(text): first for first, text in reversed(list(labels.items()))}
            assert match((label,), shape, Choices()).places == {firsts[key(label)]: 0}, name


def test_a_text_called_pledge_is_not_taken_for_the_code_of_one(world):
    content = as_csv("Pledge|Status|Date", "We will build 500 schools|Kept|2024-05-06")
    assert planned(content, world.author).matching.shape is SHAPES["pledges"]
    content = as_csv("Pledge|Status|Date", "p1.01|Kept|2024-05-06")
    assert planned(content, world.author).matching.shape is SHAPES["updates"]


def test_headers_are_found_whatever_their_case_width_and_order(world):
    world.pledge()
    plan = planned("ＴＩＴＬＥ＿ＥＮ, Code \r\nNew,P1.01\r\n".encode(), world.author)
    assert lines(plan) == ["changed: title (English) Pledge P1.01 → New"]


def test_columns_that_are_not_read_are_named_with_the_reason(world):
    world.pledge()
    plan = planned(
        as_csv("code|title_en|colour|late|status|status_en", "P1.01|A|red||not_rated|x"),
        world.author,
    )
    assert plan.matching.left_out == {
        "not known": ["colour"],
        "computed from the record": ["late"],
        "another column is read instead": ["status_en"],
    }


def test_two_headers_that_mean_the_same_are_both_named(world):
    content = as_csv("code|wording|Department|Agency", "P1|w|a|b")
    plan = planned(content, world.author)
    assert plan.faults == [
        "“Department” and “Agency” are both read as leads. Say which of them is, and what the "
        "other is."
    ]
    assert not planned(content, world.author, columns={"agency": ""}).matching.unclear


def test_a_label_is_read_where_its_code_is_missing(world):
    world.pledge()
    plan = planned(as_csv("code|status_zh", "P1.01|停滞"), world.author)
    assert lines(plan)[0].startswith("changed: status Not yet rated → Stalled")
