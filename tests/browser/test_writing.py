"""Writing and reviewing in a real browser: by keyboard alone, on a phone, with nothing lost."""

import pytest

from tests.browser.looking import faults
from tests.factories import PASSWORD
from tracker.actions import updates
from tracker.models import Pledge, Update, User
from tracker.vocabulary import UpdateState

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]
PHONE = {"viewport": {"width": 360, "height": 740}}


def tab_to(page, wanted):
    """Goes on with Tab until what has the focus matches the selector `wanted`."""
    for _ in range(150):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"No way with Tab to {wanted} on {page.url}")


def type_into(page, wanted, text):
    tab_to(page, wanted)
    page.keyboard.insert_text(text)


def test_from_signing_in_to_a_submitted_update_in_four_pages_by_keyboard_on_a_phone(visitor):
    person = visitor(**PHONE)
    page = person.page
    opened = []
    page.on("response", lambda answer: opened.append(answer) if is_page(answer) else None)

    page.goto("/admin/")
    type_into(page, "#id_username", "editor")
    type_into(page, "#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#user-tools")
    tab_to(page, "#content a[href*='/tracker/update/add/']")
    page.keyboard.press("Enter")
    page.wait_for_selector("#id_status")
    if "pledge=" not in page.url:
        tab_to(page, ".field-pledge .select2-selection")
        page.keyboard.press("Enter")
        page.keyboard.type("P3.05")
        page.wait_for_selector(".select2-results__option--highlighted:has-text('P3.05')")
        page.keyboard.press("Enter")
    tab_to(page, "#id_status")
    page.keyboard.type("In progress")
    type_into(page, "#id_effective_on", "2026-11-20")
    type_into(page, "#id_narrative_en", "It went on.")
    type_into(page, "#id_narrative_zh", "有进展。")
    type_into(page, "#id_evidence-0-url", "https://example.org/notice")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    tab_to(page, "[name=_submit]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist")

    update = Update.objects.get(narrative_en="It went on.")
    assert update.state == UpdateState.SUBMITTED
    assert (update.evidence.get().url, update.status) == (
        "https://example.org/notice",
        "in_progress",
    )
    # A page is what a person gets to see: what sends them on to another is none.
    assert len([answer for answer in opened if answer.status == 200]) <= 4
    assert person.complaints == []


def is_page(answer):
    return answer.request.is_navigation_request() and answer.frame.parent_frame is None


def test_leaving_with_unsaved_text_warns_and_saving_does_not(visitor):
    editor = visitor().sign_in("editor")
    page = editor.page
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    pledge = Pledge.objects.get(code="P3.05")

    def leave():
        page.goto("/admin/")

    page.goto(f"/admin/tracker/update/add/?pledge={pledge.pk}")
    leave()
    assert asked == []
    page.goto(f"/admin/tracker/update/add/?pledge={pledge.pk}")
    page.fill("#id_narrative_en", "Half a sentence")
    with page.context.expect_page() as preview:
        page.click("[name=_preview]")
    assert "There is no preview yet" in preview.value.inner_text("main")
    assert asked == []
    leave()
    assert asked == ["beforeunload"]

    page.goto(f"/admin/tracker/update/add/?pledge={pledge.pk}")
    page.fill("#id_narrative_en", "A sentence.")
    # Sent with a fault, it comes back and is still kept nowhere.
    page.click("[name=_continue]")
    page.wait_for_selector(".errornote")
    assert page.input_value("#id_narrative_en") == "A sentence."
    leave()
    assert asked == ["beforeunload"] * 2

    page.goto(f"/admin/tracker/update/add/?pledge={pledge.pk}")
    page.fill("#id_effective_on", "2026-11-20")
    page.fill("#id_narrative_en", "A sentence.")
    page.click("[name=_continue]")
    page.wait_for_selector(".success")
    leave()
    assert asked == ["beforeunload"] * 2

    # A note sent off while the form holds unsaved text warns too: it would take the text along.
    page.goto(f"/admin/tracker/update/{Update.objects.get(state='draft').pk}/change/")
    page.fill("#id_narrative_en", "Another sentence.")
    page.fill("#note-text", "A note.")
    page.click("text=Add the note")
    page.wait_for_selector(".success")
    assert asked == ["beforeunload"] * 3
    page.fill("#note-text", "Half a note")
    leave()
    assert asked == ["beforeunload"] * 4
    assert editor.complaints == []


@pytest.fixture
def queue(site):
    """A correction that waits for review, its entry, and a draft of a pledge with milestones."""
    author, reviewer = (User.objects.get(username=name) for name in ("editor", "reviewer"))
    entry = Update.objects.published().filter(status="in_progress").first()
    draft = updates.correct(entry, by=author, at=entry.published_at)
    draft.status, draft.correction_reason_en = "kept", "A slip."
    draft.narrative_en += " One more sentence."
    draft.save()
    draft.pledge.milestones.create(title_en="A step", title_zh="一步")
    draft.pledge.notes.create(text="A note.", written_at=entry.published_at, written_by=reviewer)
    return updates.submit(draft, by=author, at=entry.published_at), entry


def test_no_page_of_writing_and_review_has_a_serious_fault(visitor, queue):
    update, entry = queue
    found, options = [], {"bypass_csp": True, **PHONE}
    pages = {
        "editor": [
            f"tracker/update/add/?pledge={entry.pledge_id}",
            f"tracker/update/{update.pk}/change/",
            "tracker/reply/add/",
        ],
        "reviewer": [
            f"tracker/update/{update.pk}/change/",
            f"tracker/update/{update.pk}/preview/",
        ],
    }
    for name, addresses in pages.items():
        person = visitor(**options).sign_in(name)
        for address in addresses:
            person.page.goto(f"/admin/{address}")
            person.page.wait_for_timeout(200)
            found += faults_in_both_schemes(person.page)
        if name == "reviewer":
            person.page.goto("/admin/tracker/update/?state=submitted")
            person.page.check("[name=_selected_action]")
            person.page.select_option("select[name=action]", "publish_chosen")
            person.page.click("button:text-is('Go')")
            person.page.wait_for_selector(".rows")
            found += faults_in_both_schemes(person.page)
    assert found == []


def faults_in_both_schemes(page):
    # A colour half-way from one scheme to the other is nobody's.
    page.add_style_tag(content="* { transition: none !important; }")
    page.emulate_media(color_scheme="light")
    found = faults(page, are_grave=True)
    page.emulate_media(color_scheme="dark")
    found += faults(page, rules=["color-contrast"], are_grave=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    return found + ([f"{page.url} is {wide} wide"] if wide > 360 else [])
