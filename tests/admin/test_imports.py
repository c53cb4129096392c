"""Bringing a file in at the desk: upload, say which column is which, preview, confirm."""

import csv
import io
from email.message import Message

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.actions.imports.bringing import as_csv
from tests.admin.desk import address, messages_of, signed_in
from tracker.models import ImportFile, Pledge
from tracker.vocabulary import StaffRole

NEW = "code|title_en|wording|programme"


@pytest.fixture
def editor(world):
    return signed_in(world.author)


def uploaded(client, content, name="a.csv", **data):
    """The page that an uploaded file leads to."""
    file = SimpleUploadedFile(name, content)
    answer = client.post(address("importfile", "add"), {"file": file, **data}, follow=True)
    assert answer.status_code == 200
    return answer


def page(file):
    return address("importfile", "change", file.pk)


def step(client, name, **data):
    file = ImportFile.objects.latest("pk")
    return client.post(f"{page(file).removesuffix('change/')}{name}/", data, follow=True)


def sent(answer, **said):
    """What a browser sends of the form of choices, with what was `said` in it."""
    fields = {field.name: field.value() for field in answer.context["form"]}
    return {name: value for name, value in (fields | said).items() if value not in (None, False)}


def confirmed(client, answer):
    return step(client, "confirm", digest=answer.context["plan"].digest)


def test_from_a_file_to_the_record(world, editor):
    world.pledge(title_en="Old")
    preview = uploaded(editor, as_csv(NEW, "P1.01|New|we will do P1.01|test", "P2|B|w|test"))
    text = preview.content.decode()
    assert "title (English) Old → New" in text
    assert "Import 2 rows" in text
    assert Pledge.objects.get().title_en == "Old"
    result = confirmed(editor, preview)
    assert messages_of(result) == ["Imported."]
    assert set(Pledge.objects.values_list("title_en", flat=True)) == {"New", "B"}
    # Sent again by a second press: done once.
    again = confirmed(editor, preview)
    assert messages_of(again) == ["This file was imported already. Nothing was done twice."]


def test_columns_that_nobody_knows_are_chosen(world, editor):
    preview = uploaded(editor, "Nº;Engagement;État\nA1;Créer;Tenu\n".encode("cp1252"))
    assert preview.context["asks"]
    assert "For example: Créer" in preview.content.decode()
    said = {"column_0": "code", "column_1": "wording", "column_2": "status"}
    preview = step(editor, "choose", **sent(preview, given_programme="test", **said))
    # The word of the file is asked for in turn.
    assert "The file’s “Tenu” is" in preview.content.decode()
    preview = step(editor, "choose", **sent(preview, word_0="kept"))
    confirmed(editor, preview)
    pledge = Pledge.objects.get()
    assert (pledge.code, pledge.wording, pledge.updates.get().status) == ("A1", "Créer", "kept")


def test_a_wrong_choice_is_said_beside_its_field(world, editor):
    preview = uploaded(editor, as_csv("code|wording", "P1|w"))
    answer = step(editor, "choose", **sent(preview, given_announced_on="31/02/2025"))
    assert "This is no date. Write it as YYYY-MM-DD." in answer.content.decode()


def test_while_something_is_wrong_nothing_can_be_imported(world, editor):
    preview = uploaded(editor, as_csv(f"{NEW}|due_on", "P1|A|w|test|soon", "P2|B|w|test|"))
    text = preview.content.decode()
    assert "row 2, due_on: &#x27;soon&#x27; is no date; use YYYY-MM-DD" in text
    # Only what is wrong is shown at first.
    assert [row.number for row in preview.context["page"]] == [2]
    assert 'name="digest"' not in text
    confirmed(editor, preview)
    assert not Pledge.objects.exists()
    everything = editor.get(f"{page(ImportFile.objects.get())}?show=new")
    assert [row.number for row in everything.context["page"]] == [3]


def test_what_moved_since_the_preview_is_shown_with_both_values(world, editor):
    pledge = world.pledge(title_en="Old")
    preview = uploaded(editor, as_csv("code|title_en", "P1.01|Mine"))
    pledge.title_en = "Theirs"
    pledge.save()
    answer = confirmed(editor, preview)
    text = answer.content.decode()
    assert "What moved since the preview" in text
    assert "Old → Mine" in text
    assert "Theirs → Mine" in text
    assert Pledge.objects.get().title_en == "Theirs"
    confirmed(editor, answer)
    assert Pledge.objects.get().title_en == "Mine"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7", "neither CSV nor an Excel workbook"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 20, "old Excel workbook"),
        (b"a,b\n", "no rows below it"),
    ],
)
def test_what_is_no_table_is_refused_with_the_remedy(editor, content, says):
    answer = uploaded(editor, content)
    assert says in answer.context["form"].errors["file"][0]
    assert not ImportFile.objects.exists()


def test_the_file_and_the_whole_preview_are_there_to_download(world, editor):
    content = as_csv(NEW, "P1|=1+1|w|test")
    uploaded(editor, content, name="任务.csv")
    file = ImportFile.objects.get()
    at = page(file).removesuffix("change/")
    download = editor.get(f"{at}download/")
    assert download.content == content
    assert "attachment" in download["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(editor.get(f"{at}preview/").content.decode())))
    assert rows == [{"row": "2", "about": "P1 =1+1", "outcome": "new", "what": ""}]


def test_a_name_that_somebody_chose_stays_one_name(world, editor):
    """In the header that says how a file is called, it ends nothing and begins nothing."""
    uploaded(editor, as_csv(NEW, "P1|a|w|test"), name='../a"; filename=b.exe; x="\\任务.csv')
    file = ImportFile.objects.get()
    answer = editor.get(f"{page(file).removesuffix('change/')}download/")
    told = Message()
    told["Content-Disposition"] = answer["Content-Disposition"]
    assert told.get_content_disposition() == "attachment"
    assert [name for name, _value in told.get_params(header="Content-Disposition")] == [
        "attachment",
        "filename",
    ]
    assert told.get_filename() == file.filename
    assert "/" not in file.filename


def test_files_of_others_are_not_seen_and_not_imported(world, editor):
    preview = uploaded(editor, as_csv(NEW, "P1|A|w|test"))
    other = signed_in(world.person("other", StaffRole.EDITOR, bodies=[world.body()]))
    assert other.get(address("importfile", "changelist")).context["cl"].result_count == 0
    file = ImportFile.objects.get()
    assert other.get(f"{page(file).removesuffix('change/')}download/").status_code == 404
    # A manager looks, and cannot import.
    manager = signed_in(world.person("manager", StaffRole.MANAGER))
    assert manager.get(address("importfile", "changelist")).context["cl"].result_count == 1
    seen = manager.get(page(file))
    assert 'name="digest"' not in seen.content.decode()
    assert manager.get(address("importfile", "add")).status_code == 403
    digest = preview.context["plan"].digest
    answer = manager.post(f"{page(file).removesuffix('change/')}confirm/", {"digest": digest})
    assert answer.status_code == 403
    assert not Pledge.objects.exists()
    assert signed_in(world.reviewer).get(page(file)).status_code in {302, 403, 404}


def test_a_long_preview_comes_in_pages(world, editor):
    rows = [f"P{n}|A|w|test" for n in range(150)]
    preview = uploaded(editor, as_csv(NEW, *rows))
    assert len(preview.context["page"]) == 100
    later = editor.get(f"{page(ImportFile.objects.get())}?page=2")
    assert len(later.context["page"]) == 50


def test_lists_lead_to_the_import_for_those_who_may(world, editor):
    for model in ("pledge", "update"):
        link = f"{address('importfile', 'add')}?kind={model}s"
        assert link in editor.get(address(model, "changelist")).content.decode()
        seen = signed_in(world.reviewer).get(address(model, "changelist")).content.decode()
        assert link not in seen
