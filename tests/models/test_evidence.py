from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from tracker.models import Evidence
from tracker.models.evidence import MAX_FILE_BYTES
from tracker.rules.filekinds import BEGINNINGS


def evidence(world, **values):
    update = world.draft(world.pledge(), evidence=0)
    given = {"kind": "law", "title": "Title", "publisher": "Publisher"}
    return Evidence(update=update, **(given | values))


def upload(name="Report.PDF", content=b"%PDF-1.7 a report"):
    return SimpleUploadedFile(name, content)


def test_the_digest_of_an_uploaded_file_is_that_of_its_bytes(world):
    content = b"%PDF-1.7 " + bytes(range(256)) * 500
    row = evidence(world, file=upload(content=content))
    row.full_clean()
    row.save()
    row.refresh_from_db()
    assert row.file_sha256 == sha256(content).hexdigest()
    with row.file.open() as kept:
        assert kept.read() == content


def test_a_file_is_kept_under_a_name_that_its_sender_did_not_choose(world):
    row = evidence(world, file=upload("../../etc/Secret plan.PDF"))
    row.full_clean()
    row.save()
    assert row.file.name == f"evidence/{row.uid}.pdf"


def test_a_file_that_is_kept_already_is_not_read_again(world):
    row = evidence(world, file=upload())
    row.full_clean()
    row.save()
    row = Evidence.objects.get()
    row.file.storage.delete(row.file.name)
    row.title = "Another title"
    digest = row.file_sha256
    row.clean()
    assert row.file_sha256 == digest


def test_without_a_file_there_is_no_digest(world):
    row = evidence(world, url="https://example.org/", file_sha256="0" * 64)
    row.full_clean()
    assert row.file_sha256 == ""


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("a.pdf", True),
        ("a.PNG", True),
        ("a.jpg", True),
        ("a.jpeg", True),
        ("a.txt", True),
        ("a.csv", True),
        ("a.html", False),
        ("a.svg", False),
        ("a.pdf.exe", False),
        ("a.js", False),
        ("pdf", False),
    ],
)
def test_files_of_few_kinds_are_taken(world, name, taken):
    (beginning, *_) = BEGINNINGS.get(name.rpartition(".")[2].lower(), [b"text"])
    row = evidence(world, file=upload(name, beginning))
    if taken:
        row.full_clean()
        return
    with pytest.raises(ValidationError) as invalid:
        row.full_clean()
    assert "file" in invalid.value.message_dict


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"<html><script>alert(1)</script>"),
        ("a.png", b"\xff\xd8\xff\xe0"),
        ("a.jpg", b"\x89PNG\r\n\x1a\n"),
        ("a.txt", b"MZ\x90\x00"),
        ("a.csv", b"PK\x03\x04"),
        ("a.txt", b"one\x00two"),
        ("a.pdf", b""),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(world, name, content):
    with pytest.raises(ValidationError) as invalid:
        evidence(world, file=upload(name, content)).full_clean()
    assert set(invalid.value.message_dict) == {"file"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_of_any_encoding_is_text(world, encoding):
    evidence(world, file=upload("a.txt", "公报，第3页 page 3".encode(encoding))).full_clean()


@pytest.mark.parametrize(("size", "taken"), [(MAX_FILE_BYTES, True), (MAX_FILE_BYTES + 1, False)])
def test_files_up_to_the_limit_are_taken(world, size, taken):
    row = evidence(world, file=upload(content=b"%PDF-".ljust(size, b"0")))
    if taken:
        row.full_clean()
        return
    with pytest.raises(ValidationError, match="larger than 10 MiB"):
        row.full_clean()


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://example.org/a?b=c", True),
        ("http://example.org/", True),
        ("ftp://example.org/", False),
        ("javascript:alert(1)", False),
        ("example.org", False),
    ],
)
def test_a_web_address_is_one_of_a_page(world, url, taken):
    row = evidence(world, url=url)
    if taken:
        row.full_clean()
        return
    with pytest.raises(ValidationError) as invalid:
        row.full_clean()
    assert set(invalid.value.message_dict) == {"url"}


def test_a_form_takes_an_address_without_its_scheme_as_a_secure_one():
    field = Evidence._meta.get_field("url").formfield()
    assert field.clean("example.org/a") == "https://example.org/a"
    assert field.clean("http://example.org/a") == "http://example.org/a"


def test_only_evidence_of_published_updates_is_published(world):
    pledge = world.pledge()
    world.draft(pledge)
    world.submitted(pledge)
    entry = world.published(pledge, evidence=2)
    assert list(Evidence.objects.published()) == list(entry.evidence.all())
    assert Evidence.objects.count() == 4


def test_a_reader_is_led_to_the_document_else_to_our_copy(world):
    row = evidence(world, url="https://example.org/document", file=upload())
    assert row.get_absolute_url() == "https://example.org/document"
    row.url = ""
    assert row.get_absolute_url() == f"/en/evidence/{row.uid}/"
    assert str(row) == "Title"
