"""The whole job, in a real browser: drafted, reviewed, published, read in both languages, taken
home as a file."""

import csv
import io
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

NARRATIVE_EN = "The first twin of a park went into service."
NARRATIVE_ZH = "首个数字孪生园区投入使用。"


def rows_of(download):
    text = Path(download.path()).read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_from_an_editor_s_draft_to_a_manager_s_file(visitor):
    citizen = visitor(java_script_enabled=False)
    editor, reviewer, manager = (
        visitor().sign_in(name) for name in ("editor", "reviewer", "manager")
    )

    # The editor finds the pledge, writes, is told what is missing, adds it, and submits.
    page = editor.page
    page.click(".tables a:text-is('Pledges')")
    page.fill("#searchbar", "P3.05")
    page.press("#searchbar", "Enter")
    page.click("text=Digital twin parks")
    page.click("text=Write an update")
    page.select_option("#id_status", "in_progress")
    page.fill("#id_effective_on", "2026-11-20")
    page.fill("#id_narrative_en", NARRATIVE_EN)
    page.fill("#id_narrative_zh", NARRATIVE_ZH)
    page.click("text=Save and submit for review")
    assert "needs evidence" in page.inner_text(".messagelist")
    page.click("text=Add another Evidence")
    page.select_option("#id_evidence-0-kind", "official")
    page.fill("#id_evidence-0-title", "Park twin in service")
    page.fill("#id_evidence-0-publisher", "Lingang New Area")
    page.fill("#id_evidence-0-url", "https://example.org/twin")
    page.click("text=Save and submit for review")
    assert "Submitted for review." in page.inner_text(".messagelist")
    address = page.url

    # Nobody outside sees a trace of it yet.
    citizen.page.goto("/en/pledges/P3.05/")
    assert NARRATIVE_EN not in citizen.page.content()

    # The reviewer returns it once, and publishes it when it has been mended.
    reviewer.page.goto(address)
    reviewer.page.fill("#return-reason", "Say which park.")
    reviewer.page.click("button:text-is('Return')")
    page.goto(address)
    assert "Say which park." in page.inner_text(".notice")
    page.fill("#id_narrative_en", NARRATIVE_EN + " It is the Dishui Lake park.")
    page.click("text=Save and submit for review")
    reviewer.page.goto(address)
    reviewer.page.click("button:text-is('Publish')")
    assert "it is entry 46 of the record" in reviewer.page.inner_text(".messagelist")

    # A citizen reads it in both languages, without JavaScript.
    citizen.page.goto("/en/pledges/P3.05/")
    text = citizen.page.inner_text("main")
    assert NARRATIVE_EN in text
    assert "In progress" in text
    citizen.page.click("a[hreflang='zh-Hans'], a[hreflang='zh-hans']")
    text = citizen.page.inner_text("main")
    assert NARRATIVE_ZH in text
    assert "推进中" in text
    citizen.page.goto("/en/pledges/P3.05/?as_of=2026-11-19")
    assert NARRATIVE_EN not in citizen.page.inner_text("main")

    # A manager takes it home, from the desk and from the site.
    page = manager.page
    page.goto("/admin/tracker/pledge/?q=P3.05")
    page.check("[name=_selected_action]")
    page.select_option("select[name=action]", "download_updates")
    with page.expect_download() as download:
        page.click("button:text-is('Go')")
    rows = rows_of(download.value)
    assert [row["status"] for row in rows] == ["not_rated", "in_progress"]
    page.goto("/en/pledges/?status=in_progress")
    with page.expect_download() as download:
        page.click("main a[href*='pledges.csv']")
    rows = rows_of(download.value)
    assert {row["status"] for row in rows} == {"in_progress"}
    assert "P3.05" in [row["code"] for row in rows]

    # A mistake is answered by a correction, and both stay to be seen.
    page = editor.page
    page.goto(address)
    page.click("button:text-is('Correct this')")
    page.select_option("#id_status", "not_started")
    page.fill("#id_correction_reason_en", "The notice was about another park.")
    page.click("text=Save and submit for review")
    correction = page.url
    reviewer.page.goto(correction)
    reviewer.page.click("button:text-is('Publish')")
    citizen.page.goto("/en/pledges/P3.05/")
    text = citizen.page.inner_text("main")
    assert "The notice was about another park." in text
    assert "Not started" in text
    assert NARRATIVE_EN in text

    for person in (citizen, editor, reviewer, manager):
        assert person.complaints == []
        assert person.hosts == {person.page.url.split("/")[2]}
