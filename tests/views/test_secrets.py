"""Nothing unpublished leaves the staff side (DESIGN, rule 4).

A word that stands nowhere else is put into every text of every row that is not public, and then
every public address is read.
"""

import re
import zipfile
from datetime import date
from io import BytesIO
from itertools import islice

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.management import call_command

from tests import hostile
from tests.conftest import NOW
from tests.test_hostile import REQUESTS, SEED, known
from tests.views.addresses import LANGUAGES, files, follows, pages
from tracker.actions import notes, subscriptions, updates
from tracker.actions.feedback import handle, receive
from tracker.models import (
    Body,
    Evidence,
    Indicator,
    Measurement,
    Passage,
    Pledge,
    Reply,
    Responsibility,
    Source,
    Update,
)
from tracker.views.sitemaps import SITEMAPS
from tracker.vocabulary import Language, Status

SECRET = "quixotry"
TEXT = "We will do P1.01. We keep this to ourselves."


def secret(model):
    """A value with the secret in it for each free text of a model."""
    names = [field.name for field in model._meta.get_fields() if getattr(field, "column", None)]
    return {
        name: f"{SECRET} {name}"
        for name in names
        if name.rpartition("_")[2] in {"en", "zh"}
        or name in {"title", "publisher", "quotation", "wording"}
    }


def secret_evidence(world, update):
    evidence = world.evidence(update, url=f"https://example.org/{SECRET}", **secret(Evidence))
    evidence.file.save(f"{SECRET}.txt", ContentFile(SECRET.encode()), save=False)
    evidence.file_sha256 = "0" * 64
    evidence.save()
    return evidence


@pytest.fixture
def public_entry(world):
    """What is public: a pledge with all that belongs to it, and its entry."""
    public = world.pledge()
    world.responsibility(public, world.body())
    public.sectors.add(world.sector())
    return world.published(public)


@pytest.fixture
def hidden(world, public_entry):
    """A record in which something of every kind is not public. Gives the evidence's files."""
    return hide(world, public_entry)


@pytest.fixture
def hidden_later(world, public_entry):
    """Puts into the record what is not public, when it is called."""
    return lambda: hide(world, public_entry)


def hide(world, entry):
    public = entry.pledge
    writer = world.person(f"{SECRET}-writer", "editor")
    writer.user_permissions.clear()

    texts = secret(Update) | {"reported_progress": 73, "created_by": writer, "edited_by": writer}
    moved = {"due_on": date(2037, 1, 1), "due_precision": "day", "effective_on": date(2024, 5, 17)}
    milestone = world.milestone(public, f"{SECRET} milestone")
    draft = world.draft(public, Status.KEPT, **texts, **moved)
    world.change(draft, milestone, due_on=date(2038, 1, 1), due_precision="day")
    submitted = world.draft(public, Status.STALLED, **texts, **moved)
    returned = world.draft(public, Status.NOT_KEPT, **texts, **moved)
    correction = updates.correct(entry, by=world.author, at=world.at)
    Update.objects.filter(pk=correction.pk).update(**secret(Update))
    evidence = [secret_evidence(world, u) for u in (draft, submitted, returned, correction)]
    submitted = updates.submit(submitted, by=world.author, at=world.at)
    returned = updates.submit(returned, by=world.author, at=world.at)
    updates.return_(returned, by=world.reviewer, at=world.at, reason=f"{SECRET} reason")

    # What staff say among themselves, and who wrote.
    draft.writers.add(writer)
    for update in (None, draft, entry):
        text = f"{SECRET} note"
        notes.write(public, update=update, text=text, by=world.author, at=world.at)

    # A pledge that is not public, tied to everything that is.
    private = world.pledge("X9.99", public=False, parent=public, **secret(Pledge))
    Responsibility.objects.create(
        pledge=private, body=world.body("other"), role="lead", **secret(Responsibility)
    )
    private.sectors.add(public.sectors.get())
    evidence.append(secret_evidence(world, world.draft(private, **texts)))
    source = Source(
        slug="source",
        programme=world.programme,
        title_en="Source",
        publisher_en="Publisher",
        published_on=date(2022, 8, 20),
        language="en",
        text=TEXT,
    )
    source.full_clean()
    source.save()
    Passage.objects.create(
        source=source, start=18, end=len(TEXT), pledge=private, **secret(Passage)
    )
    message = receive(
        public,
        kind="evidence",
        text=f"{SECRET} message",
        email=f"{SECRET}@a.example",
        on=NOW.date(),
    )
    handle(message, by=world.reviewer, at=world.at)
    indicator = Indicator.objects.create(programme=world.programme, code="B1", **secret(Indicator))
    Measurement.objects.create(
        indicator=indicator, value=73, measured_on=date(2024, 1, 1), **secret(Measurement)
    )
    return evidence


#: What only rows that are not public say: the word, their pledge's code, their days.
TRACES = [SECRET, "X9.99", "2037", "2038", "May 17, 2024", "2024年5月17日", "73%"]


def traces_in(text):
    """Which traces `text` has. A year within an identifier or a digest is none."""
    return [
        trace
        for trace in TRACES
        if re.search(rf"(?<![0-9a-f-]){re.escape(trace)}(?![0-9a-f])", text)
    ]


def text_of(body):
    """What an answer says: of a spreadsheet all that is packed in it."""
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(BytesIO(body)) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "query", ["", "?as_of=2026-11-23", "?known_on=2026-11-23", "?as_of=2024-12-31", f"?q={SECRET}"]
)
def test_no_address_gives_away_what_is_not_public(client, language, query):
    asked = [*pages(language), *files(language)]
    if SECRET in query:
        asked = [f"/{language}/pledges/", *files(language)]
    for address in asked:
        response = client.get(f"{address}{query}")
        assert response.status_code == 200
        body = response.getvalue()
        # What the reader asked for comes back to them, and only that.
        text = text_of(body).replace(f'value="{SECRET}"', "").replace(f"q={SECRET}", "")
        text = text.replace(f"</span> {SECRET} <svg", "").replace(f'"q": "{SECRET}"', "")
        text = text.replace(f"<t>{SECRET}</t>", "")
        assert traces_in(text) == [], address


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_programs_fetch_gives_away_what_is_not_public(client, language):
    sitemaps = ["/sitemap.xml", *(f"/sitemap-{section}.xml" for section in SITEMAPS)]
    for address in [*follows(language), *sitemaps, "/robots.txt"]:
        response = client.get(address)
        assert response.status_code == 200
        said = f"{response.headers} {response.content.decode(errors='replace')}"
        assert traces_in(said) == [], address


@pytest.mark.django_db(transaction=True)  # As a server has it: each request with its connection.
@pytest.mark.usefixtures("hidden")
def test_no_request_whatever_gets_what_is_not_public():
    """Of nobody, at every address, with every value that leads to something hidden."""
    for request in islice(hostile.requests(SEED, known()), REQUESTS):
        status, body = request.send()
        assert status < 500, request
        said = text_of(body) if body.startswith(b"PK") else body.decode(errors="replace")
        # What was asked may come back.
        assert [trace for trace in traces_in(said) if trace not in repr(request)] == [], request


def test_what_is_not_public_changes_no_picture_and_no_tag(world, client, hidden_later):
    addresses = follows("en")
    before = {address: client.get(address) for address in addresses}
    hidden_later()
    for address, response in before.items():
        again = client.get(address)
        assert (again.content, again["ETag"]) == (response.content, response["ETag"]), address


@pytest.mark.usefixtures("hidden")
def test_no_mail_gives_away_what_is_not_public(world):
    for subject in (None, world.pillar, Body.objects.get(slug="other")):
        asked = subscriptions.ask(
            email="reader@example.org", subject=subject, language=Language.EN, on=world.at.date()
        )
        subscriptions.confirm(asked.token, on=world.at.date())
    call_command("send_digest")
    assert mail.outbox == []
    world.published(Pledge.objects.get(code="P1.01"), effective_on=date(2023, 6, 1))
    call_command("send_digest")
    (message,) = mail.outbox
    text = message.message().as_string()
    assert "1 new entry" in message.subject
    # Only public names of what it follows: a body's name is on its public page.
    assert traces_in(text) == []


@pytest.mark.usefixtures("hidden")
def test_no_search_hits_what_is_not_public(read, rows):
    for word in (SECRET, "X9", "73"):
        assert read(f"/en/pledges/?q={word}").codes == []
        assert len(rows(f"/en/data/pledges.csv?q={word}")) == 1
        assert len(rows(f"/en/data/updates.csv?q={word}")) == 1


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize("status", ["kept", "stalled", "not_kept"])
def test_no_filter_finds_by_what_is_not_public(read, status):
    assert read(f"/en/pledges/?status={status}").codes == []
    assert read("/en/pledges/?status=in_progress").codes == ["P1.01"]


@pytest.mark.usefixtures("hidden")
def test_counts_leave_out_what_is_not_public(read, rows):
    assert "Where the 1 pledge stands" in read("/en/").text
    assert "1 entry" in read("/en/updates/").text
    for address in ("/en/pillars/1/", "/en/sectors/hydrogen/", "/en/bodies/ministry/"):
        assert "1 pledge" in read(address).texts("h2")
    assert "1 pledge" not in read("/en/bodies/other/").texts("h2")
    assert [len(rows(f"/en/data/{name}.csv")) for name in ("pledges", "updates")] == [2, 2]


@pytest.mark.usefixtures("hidden")
def test_a_pledge_that_is_not_public_is_not_found(read):
    read("/en/pledges/X9.99/", 404)
    read("/en/pledges/X9.98/", 404)


def test_a_file_that_is_not_public_is_not_found(client, hidden):
    for evidence in hidden:
        assert client.get(f"/en/evidence/{evidence.uid}/").status_code == 404


def test_a_published_file_comes_as_a_download_in_which_nothing_runs(client, world):
    draft = world.draft(world.pledge(), evidence=0)
    evidence = world.evidence(draft)
    evidence.file.save("x.txt", ContentFile(b"text"), save=False)
    evidence.file_sha256 = "0" * 64
    evidence.save()
    updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )
    response = client.get(f"/en/evidence/{evidence.uid}/")
    assert b"".join(response.streaming_content) == b"text"
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_that_is_not_public_is_on_no_page(client, world, language):
    verdict = world.published(world.pledge(), Status.NOT_KEPT)
    world.responsibility(verdict.pledge, world.body())
    Reply.objects.create(
        update=verdict,
        body=verdict.pledge.leads[0],
        edited_at=world.at,
        edited_by=world.author,
        **secret(Reply),
    )
    for address in [*pages(language), *files(language)]:
        response = client.get(address)
        assert SECRET not in text_of(response.getvalue()), address
