"""The desk in a real browser: a period from its opening to a citizen's file, axe, the keyboard."""

from hashlib import sha256
from pathlib import Path

import pytest

from tests.browser.looking import STANDARDS, faults
from tracker.models import Body, FrozenFile, Period, Pledge, User
from tracker.vocabulary import UpdateState

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

PHONE = {"width": 360, "height": 740}

#: Pages of the desk, our own and the framework's; those that change most are looked at twice.
DESKTOP = [
    "",
    "tracker/pledge/?flag=any&public=1",
    "tracker/pledge/{pledge}/change/",
    "tracker/update/add/?pledge={pledge}",
    "tracker/update/{draft}/delete/",
    "tracker/period/{period}/closing/",
    "tracker/user/{user}/change/",
    "password_change/",
]
PHONE_PAGES = [
    "",
    "tracker/pledge/{pledge}/history/",
    "tracker/update/",
    "tracker/update/{update}/change/",
    "tracker/period/{period}/change/",
    "tracker/body/{body}/change/",
]


def by_keyboard_to_the_form_of_an_update(page):
    page.goto("/admin/")
    page.keyboard.press("Tab")
    assert "skip-to-content" in page.evaluate("document.activeElement.className")
    page.keyboard.press("Enter")
    for _ in range(60):
        page.keyboard.press("Tab")
        # What has the focus shows it.
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if page.evaluate("document.activeElement.textContent").startswith("Write an update"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#id_status")
    assert "/update/add/?pledge=" in page.url


def test_a_period_from_its_opening_to_a_citizen_s_file(visitor):
    manager, editor = visitor().sign_in("manager"), visitor(viewport=PHONE).sign_in("editor")
    citizen = visitor(java_script_enabled=False, viewport=PHONE)

    page = manager.page
    page.click("a:text-is('Open a reporting period')")
    page.fill("#id_name_en", "Third quarter of 2025")
    page.fill("#id_name_zh", "2025年第三季度")
    page.fill("#id_slug", "2025-q3")
    page.fill("#id_starts_on", "2025-07-01")
    page.fill("#id_ends_on", "2025-09-30")
    page.click("[name=_save]")
    assert "The period is open" in page.inner_text(".messagelist")

    by_keyboard_to_the_form_of_an_update(editor.page)

    # The editor, on a phone, marks one from the desk and the rest on the period's page.
    page = editor.page
    page.goto("/admin/")
    page.click("button:has-text('Mark complete') >> nth=0")
    assert "1 entry is marked complete." in page.inner_text(".messagelist")
    page.click("a.desk-count:has-text('entries not marked complete')")
    page.wait_for_selector(".choice")
    for box in page.query_selector_all(".choice input")[:23]:
        box.check()
    page.click("button:text-is('Mark the chosen ones complete') >> nth=0")
    page.wait_for_selector("text=23 entries are marked complete.")
    assert "24 of 25 complete (96%)" in page.inner_text(".period")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    # The manager sees the one that is missing, and closes on purpose.
    page = manager.page
    page.goto("/admin/")
    page.click("a:text-is('Look at it and close it')")
    page.click("a:has-text('Close this period')")
    assert "1 entry is missing" in page.inner_text(".period")
    page.click("button:text-is('Close this period')")
    assert page.url.endswith("/closing/")  # The browser asks for the tick first.
    page.check("#although-missing")
    # Held up, so that the page can be looked at as it is while the work goes on.
    page.evaluate("window.addEventListener('submit', event => event.preventDefault())")
    page.click("button:text-is('Close this period')")
    page.wait_for_selector("form[data-long] button[disabled]")
    assert page.inner_text("[role=status]") == "Working… the reports are being written."
    page.reload()
    page.check("#although-missing")
    page.click("button:text-is('Close this period')")
    page.wait_for_selector(".messagelist")
    assert "kept for ever" in page.inner_text(".messagelist")

    page = citizen.page
    page.goto("/en/data/")
    page.click("a:text-is('All reporting periods')")
    page.click("a:text-is('Third quarter of 2025')")
    file = FrozenFile.objects.get(report="pledges")
    assert file.sha256 in page.inner_text("main")
    with page.expect_download() as download:
        page.click(f"a[href$='{file.filename}']")
    assert sha256(Path(download.value.path()).read_bytes()).hexdigest() == file.sha256
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for person in (manager, editor, citizen):
        assert person.complaints == []


@pytest.fixture
def rows(site):
    """A row for each page to show."""
    admin = User.objects.get(username="admin")
    entry = Pledge.objects.get(code="P2.01").updates.first()
    draft = Pledge.objects.get(code="P3.05").updates.create(
        status="in_progress",
        effective_on="2026-11-01",
        created_at=entry.created_at,
        created_by=admin,
        edited_at=entry.edited_at,
        edited_by=admin,
    )
    assert draft.state == UpdateState.DRAFT
    period = Period.objects.create(
        programme=entry.pledge.programme,
        slug="q",
        name_en="Quarter",
        name_zh="季度",
        starts_on="2025-07-01",
        ends_on="2025-09-30",
        opened_at=entry.created_at,
        opened_by=admin,
    )
    return {
        "pledge": entry.pledge_id,
        "update": entry.pk,
        "draft": draft.pk,
        "period": period.pk,
        "body": Body.objects.first().pk,
        "user": admin.pk,
    }


@pytest.mark.parametrize(
    ("language", "look_of", "pages"),
    [("en", ("light", 1280), DESKTOP), ("zh-hans", ("dark", 360), PHONE_PAGES)],
    ids=["desktop", "phone"],
)
def test_no_page_of_the_desk_has_a_serious_fault_or_scrolls_sideways(
    visitor, rows, language, look_of, pages
):
    scheme, width = look_of
    admin = visitor(bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800})
    found = []

    def look(name):
        page = admin.page
        page.wait_for_timeout(150)  # The desk's script waits for the admin's own.
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{name} is wider than the page")
        found.extend(faults(page, rules=STANDARDS, are_grave=True))

    admin.page.goto("/admin/")
    if language != "en":
        admin.page.click(f"[name=language][value={language}]")
    assert admin.page.get_attribute("html", "lang") == language
    look("login")
    admin.page.fill("#id_username", "admin")
    admin.page.fill("#id_password", "correct horse battery staple")
    admin.page.press("#id_password", "Enter")
    for address in pages:
        admin.page.goto(f"/admin/{address.format(**rows)}")
        look(address)
    admin.page.click("#logout-form button")
    look("logged out")
    assert found == []
