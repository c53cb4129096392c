import json
from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps

from tests.models import raw
from tracker.actions.loading import BadFile, load
from tracker.models import (
    Indicator,
    Measurement,
    Passage,
    Pledge,
    Responsibility,
    Sector,
    Source,
    Update,
    User,
)

TEXT = "We will build a port. We hope."
EVIDENCE = {
    "fact": "F1",
    "kind": "news",
    "title": "A report",
    "language": "en",
    "publisher": "A newspaper",
    "url": "https://example.org/report",
    "published_on": "2023-01-02",
    "note_en": "Shows it.",
    "note_zh": "表明。",
}
FILES = {
    "programme.json": {
        "published_at": "2026-11-23T09:00:00+08:00",
        "programme": {"slug": "small", "name_en": "Small", "announced_on": "2022-08-20"},
        "pillars": [{"order": 1, "title_en": "Pillar"}],
        "sectors": [{"slug": "ports", "name_en": "Ports"}],
        "bodies": [{"slug": "ministry", "name_en": "Ministry"}],
        "source": {
            "slug": "speech",
            "title_en": "Speech",
            "publisher_en": "Ministry",
            "event_on": None,
            "published_on": "2022-08-20",
            "language": "en",
            "text_file": "source.txt",
        },
        "passages": [
            {"start": 0, "end": 21, "pledge": "P1.01"},
            {"start": 22, "end": 30, "reason": "purpose"},
        ],
        "source_notes": [
            {"key": "X1", "start": 22, "end": 24, "quote": "We", "problem_en": "Who?"}
        ],
        "indicators": [
            {
                "code": "B1",
                "name_en": "Ports",
                "unit_en": "ports",
                "measurements": [
                    {"value": "1", "measured_on": "2022-08-20", "start": 14, "end": 20}
                ],
            }
        ],
    },
    "pledges.json": [
        {
            "code": "P1.01",
            "pillar": 1,
            "title_en": "Build a port",
            "wording": "We will build a port.",
            "announced_on": "2022-08-20",
            "due_on": None,
            "due_precision": "none",
            "sectors": ["ports"],
            "responsibilities": [{"body": "ministry", "role": "lead"}],
        }
    ],
    "updates.json": [
        {
            "key": "P1.01/2",
            "pledge": "P1.01",
            "effective_on": "2023-01-01",
            "status": "in_progress",
            "narrative_en": "Work began.",
            "narrative_zh": "开工了。",
            "evidence": [EVIDENCE],
        },
        {
            "key": "P1.01/1",
            "pledge": "P1.01",
            "effective_on": "2026-11-23",
            "status": "not_rated",
            "narrative_en": "Nothing found.",
            "narrative_zh": "没有找到。",
            "evidence": [],
        },
    ],
    "source.txt": TEXT,
}


@pytest.fixture
def files():
    return deepcopy(FILES)


@pytest.fixture
def written(tmp_path):
    """Writes files to a folder; those that are texts or bytes as they are."""

    def write(files):
        for path in tmp_path.iterdir():
            path.unlink()
        for name, content in files.items():
            if isinstance(content, bytes):
                (tmp_path / name).write_bytes(content)
            else:
                text = content if isinstance(content, str) else json.dumps(content)
                (tmp_path / name).write_text(text, "utf-8", newline="")
        return tmp_path

    return write


def whole_database():
    """Every row of every table of the app, those between two tables too."""
    return {
        model._meta.db_table: raw.sql(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")
        for model in apps.get_app_config("tracker").get_models(include_auto_created=True)
    }


# --- What is loaded -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_folder_becomes_a_record(files, written):
    loaded = load(written(files))
    assert loaded.new == {
        "Programme": 1,
        "Pillar": 1,
        "Sector": 1,
        "Body": 1,
        "Source": 1,
        "Pledge": 1,
        "Responsibility": 1,
        "Passage": 2,
        "SourceNote": 1,
        "Indicator": 1,
        "Measurement": 1,
        "Update": 2,
        "Evidence": 1,
    }
    pledge = Pledge.objects.get()
    assert pledge.is_public
    assert [sector.slug for sector in pledge.sectors.all()] == ["ports"]
    assert [body.slug for body in pledge.leads] == ["ministry"]
    assert Measurement.objects.published().get().quotation == "a port"
    assert Source.objects.get().text == TEXT


@pytest.mark.django_db
def test_entries_are_written_by_one_account_and_published_by_another(files, written):
    load(written(files), author="scribe", reviewer="checker")
    for update in Update.objects.all():
        assert update.created_by.username == update.submitted_by.username == "scribe"
        assert update.published_by.username == "checker"
    assert not any(person.has_usable_password() for person in User.objects.all())


@pytest.mark.django_db
def test_entries_are_numbered_by_their_days_and_those_that_rate_nothing_come_first(files, written):
    load(written(files))
    numbered = Update.objects.order_by("sequence").values_list("sequence", "status")
    assert list(numbered) == [(1, "not_rated"), (2, "in_progress")]


@pytest.mark.django_db
def test_an_entrys_identifier_follows_from_its_key(files, written):
    load(written(files))
    # For ever: a later load knows the entry by it.
    uid = Update.objects.get(status="in_progress").uid
    assert str(uid) == "5ae88faa-38f5-5b58-9e49-85388bab811d"


@pytest.mark.django_db
def test_the_text_keeps_its_line_ends(files, written):
    files["source.txt"] = b"We will build a port. We hope.\r\nEnd.\n"
    load(written(files))
    assert Source.objects.get().text == "We will build a port. We hope.\r\nEnd.\n"


@pytest.mark.django_db
def test_all_that_an_entry_says_is_loaded(files, written):
    files["updates.json"][0] |= {
        "reported_progress": 40,
        "due_on": "2027-02-01",
        "due_precision": "month",
    }
    files["updates.json"][0]["evidence"][0]["seen_on"] = "2026-11-01"
    load(written(files))
    update = Update.objects.get(status="in_progress")
    assert (update.reported_progress, update.due_on) == (40, date(2027, 2, 28))
    assert update.evidence.get().seen_on == date(2026, 11, 1)


# --- Loading again --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_loading_again_changes_nothing(files, written):
    folder = written(files)
    load(folder)
    before = whole_database()
    assert load(folder).new == {}
    assert whole_database() == before


@pytest.mark.django_db
def test_what_is_new_in_the_files_is_added(files, written):
    load(written(files))
    files["programme.json"]["sectors"].append({"slug": "ships", "name_en": "Ships"})
    files["pledges.json"].append(
        files["pledges.json"][0] | {"code": "P1.02", "sectors": ["ships", "ports"]}
    )
    files["updates.json"].append(files["updates.json"][0] | {"key": "P1.02/1", "pledge": "P1.02"})
    assert load(written(files)).new == {
        "Sector": 1,
        "Pledge": 1,
        "Responsibility": 1,
        "Update": 1,
        "Evidence": 1,
    }
    assert list(Update.objects.newest_first().values_list("sequence", flat=True)) == [3, 2, 1]


@pytest.mark.django_db
def test_what_staff_changed_stays_as_they_left_it(world, files, written):
    folder = written(files)
    load(folder)
    pledge = Pledge.objects.get()
    pledge.title_en = "Another title"
    pledge.save()
    pledge.sectors.clear()
    Responsibility.objects.all().delete()
    Sector.objects.update(name_en="Another name")
    # Staff cut the text otherwise, and keep a value that they are not sure of to themselves.
    hope = Passage.objects.get(start=22)
    hope.delete()
    source = Source.objects.get()
    source.passages.create(start=22, end=24, reason="connective")
    source.passages.create(start=25, end=30, reason="purpose")
    Measurement.objects.create(
        indicator=Indicator.objects.get(),
        measured_on=date(2022, 8, 19),
        value=Decimal(7),
        publisher="Nobody is sure",
    )
    world.correction(Update.objects.get(status="in_progress"), "stalled")
    before = whole_database()
    assert load(folder).new == {}
    assert whole_database() == before


# --- Files that do not hold -------------------------------------------------------------------


def _in(name, *path):
    """A change of one value in a file; `...` takes it out."""

    def change(files, value):
        target = files[name]
        for step in path[:-1]:
            target = target[step]
        if value is ...:
            del target[path[-1]]
        else:
            target[path[-1]] = value

    return change


P, Q, U = "programme.json", "pledges.json", "updates.json"


def _file(name):
    def change(files, value):
        if value is ...:
            del files[name]
        else:
            files[name] = value

    return change


def _twice(name, *path):
    def change(files, _value):
        target = files[name]
        for step in path:
            target = target[step]
        target.append(deepcopy(target[0]))

    return change


BAD = [
    # The files themselves.
    (_file(P), ..., [P, "cannot be read", "Name a folder"]),
    (_file(Q), ..., [Q, "cannot be read"]),
    (_file(U), ..., [U, "cannot be read"]),
    (_file("source.txt"), ..., ["source.txt", "cannot be read"]),
    (_file(P), "{", [P, "is no JSON", "Mend the file"]),
    (_file(Q), "[,]", [Q, "is no JSON"]),
    (_file(U), b"[\xff]", [U, "not in UTF-8", "Save it as UTF-8"]),
    (_file("source.txt"), b"\xff", ["source.txt", "not in UTF-8"]),
    (_file(P), [], [P, "does not hold an object"]),
    (_file(Q), {}, [Q, "does not hold a list"]),
    (_file(Q), ["P1.01"], [Q, "pledge number 1", "no object"]),
    # The frame.
    (_in(P, "published_at"), ..., [P, "published_at", "Add it"]),
    (_in(P, "published_at"), "today", [P, "published_at", "today"]),
    (_in(P, "published_at"), "2026-11-23T09:00:00", [P, "published_at", "time zone"]),
    (_in(P, "programme"), ..., [P, "programme", "Add it"]),
    (_in(P, "programme", "announced_on"), "20.8.2022", [P, "programme", "20.8.2022"]),
    (_in(P, "programme", "colour"), "red", [P, "programme", "colour"]),
    (_in(P, "pillars"), ..., [P, "list “pillars”", "Add one"]),
    (_in(P, "pillars", 0, "order"), 0, [P, "pillar “0”", "numbered from 1"]),
    (_in(P, "pillars", 0, "order"), ..., [P, "pillar number 1", "'order'", "Add it"]),
    (_twice(P, "pillars"), None, [P, "pillar “1”", "twice", "Take one out"]),
    (_in(P, "sectors", 0, "name_en"), "", [P, "sector “ports”", "Give this text"]),
    (_in(P, "sectors", 0, "slug"), "a port", [P, "sector “a port”", "slug"]),
    (_in(P, "bodies", 0, "url"), "ftp://example.org", [P, "body “ministry”", "url"]),
    (_in(P, "source", "published_on"), None, [P, "source", "published_on"]),
    (_in(P, "source", "sha256"), "0" * 64, [P, "source", "sha256", "SHA-256 is"]),
    # Pledges.
    (_in(Q, 0, "code"), ..., [Q, "pledge number 1", "'code'", "Add it"]),
    (_in(Q, 0, "code"), "p1", [Q, "pledge “p1”", "Use capital letters"]),
    (_in(Q, 0, "pillar"), 7, [Q, "pledge “P1.01”", "no pillar “7”", "Add it there"]),
    (_in(Q, 0, "sectors"), ["harbours"], [Q, "pledge “P1.01”", "no sector “harbours”"]),
    (_in(Q, 0, "sectors"), ..., [Q, "pledge “P1.01”", "'sectors'"]),
    (_in(Q, 0, "responsibilities", 0, "body"), "nobody", [Q, "P1.01", "no body “nobody”"]),
    (_in(Q, 0, "responsibilities", 0, "role"), "watch", [Q, "P1.01", "role"]),
    (_in(Q, 0, "announced_on"), "2022-8-20", [Q, "pledge “P1.01”", "2022-8-20"]),
    (_in(Q, 0, "announced_on"), None, [Q, "pledge “P1.01”", "Mend the row"]),
    (_in(Q, 0, "due_on"), "2025-01-01", [Q, "pledge “P1.01”", "Give a date together"]),
    (_in(Q, 0, "wording"), "", [Q, "pledge “P1.01”", "wording"]),
    (_in(Q, 0, "wording"), "We will not.", [P, "passage “0, 21”", "what the source says"]),
    (_twice(Q), None, [Q, "pledge “P1.01”", "twice"]),
    # Passages and notes.
    (_in(P, "passages", 0, "pledge"), "P9", [P, "passage “0, 21”", "no pledge “P9”"]),
    (_in(P, "passages", 1, "start"), 20, [P, "passage “20, 30”", "overlaps", "0–21"]),
    (_in(P, "passages", 1, "end"), 31, [P, "passage “22, 31”", "30 characters"]),
    (_in(P, "passages", 1, "end"), 22, [P, "passage “22, 22”", "must come before"]),
    (_in(P, "passages", 1, "end"), "x", [P, "passage “22, x”", "Mend the row"]),
    (_in(P, "passages", 1, "reason"), ..., [P, "passage “22, 30”", "say why"]),
    (_in(P, "passages", 1, "reason"), "boring", [P, "passage “22, 30”", "reason"]),
    (_in(P, "source_notes", 0, "quote"), "You", [P, "note “X1”", "says “We”", "“You”"]),
    (_in(P, "source_notes", 0, "problem_en"), "", [P, "note “X1”", "Give this text"]),
    # Indicators.
    (_in(P, "indicators", 0, "unit_en"), "", [P, "indicator “B1”", "Give this text"]),
    (_in(P, "indicators", 0, "measurements", 0, "value"), "x", [P, "indicator “B1”", "value"]),
    (
        _in(P, "indicators", 0, "measurements", 0, "measured_on"),
        "2022",
        [P, "indicator “B1”", "2022"],
    ),
    (_twice(P, "indicators", 0, "measurements"), None, [P, "“B1”", "already"]),
    # Updates.
    (_in(U, 0, "key"), ..., [U, "update number 1", "'key'", "Add it"]),
    (_in(U, 0, "pledge"), "P9.99", [U, "update “P1.01/2”", "no pledge “P9.99”"]),
    (_in(U, 0, "status"), "wonderful", [U, "update “P1.01/2”", "status"]),
    (_in(U, 0, "status"), ..., [U, "update “P1.01/2”", "status"]),
    (_in(U, 0, "effective_on"), "1 January", [U, "update “P1.01/2”", "1 January"]),
    (_in(U, 0, "effective_on"), ..., [U, "update “P1.01/2”", "effective_on"]),
    (_in(U, 0, "effective_on"), "2026-11-24", [U, "P1.01/2", "Choose a day that has come"]),
    (_in(U, 0, "effective_on"), "2022-08-19", [U, "P1.01/2", "Choose a later day"]),
    (_in(U, 0, "reported_progress"), 101, [U, "P1.01/2", "from 0 to 100"]),
    (_in(U, 0, "state"), "published", [U, "P1.01/2", "not loaded: state"]),
    (_in(U, 0, "evidence"), [], [U, "update “P1.01/2”", "Add at least one piece"]),
    (_in(U, 0, "evidence"), ..., [U, "update “P1.01/2”", "'evidence'"]),
    (_in(U, 0, "evidence", 0, "url"), "", [U, "“P1.01/2”, evidence number 1", "web address"]),
    (_in(U, 0, "evidence", 0, "kind"), "rumour", [U, "evidence number 1", "kind"]),
    (_in(U, 0, "evidence", 0, "published_on"), "2023", [U, "evidence number 1", "2023"]),
    (_in(U, 0, "evidence", 0, "fact"), ..., [U, "evidence number 1", "'fact'"]),
    (_in(U, 0, "evidence", 0, "author"), "x", [U, "evidence number 1", "author"]),
    (_twice(U), None, [U, "update “P1.01/2”", "twice"]),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "value", "said"), BAD, ids=[", ".join(said) for _, _, said in BAD]
)
def test_a_file_that_does_not_hold_is_named_with_the_row_and_loads_nothing(
    files, written, change, value, said
):
    change(files, value)
    folder = written(files)
    before = whole_database()
    with pytest.raises(BadFile) as bad:
        load(folder)
    missing = [words for words in [str(folder), *said] if words not in str(bad.value)]
    assert not missing, str(bad.value)
    assert whole_database() == before
    assert not User.objects.exists()


@pytest.mark.django_db
def test_without_a_narrative_in_either_language_an_update_is_refused(files, written):
    files[U][0] |= {"narrative_en": " ", "narrative_zh": ""}
    with pytest.raises(BadFile, match="no narrative"):
        load(written(files))


@pytest.mark.django_db
def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(BadFile, match="nowhere"):
        load(tmp_path / "nowhere")


@pytest.mark.django_db
def test_a_later_load_that_fails_leaves_the_record_as_it_was(files, written):
    load(written(files))
    before = whole_database()
    files[Q].append(files[Q][0] | {"code": "P1.02"})
    files[U].append(files[U][0] | {"key": "P1.02/1", "pledge": "P1.02", "evidence": []})
    with pytest.raises(BadFile):
        load(written(files))
    assert whole_database() == before
