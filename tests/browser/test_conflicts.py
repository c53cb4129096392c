"""Two browsers edit one draft: the second is told, sees both versions and loses nothing."""

import pytest

from tests.browser.looking import faults
from tests.factories import PASSWORD
from tracker.models import Pledge, Update, User
from tracker.vocabulary import StaffRole

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


@pytest.fixture
def draft(site):
    """A draft with evidence, and a second editor beside the demo staff."""
    editor = User.objects.get(username="editor")
    colleague = User.objects.create_user(
        "colleague", password=PASSWORD, is_staff=True, is_site_wide=True
    )
    colleague.groups.set(editor.groups.all())
    assert editor.groups.get().name == StaffRole.EDITOR
    moment = "2026-11-20T04:00:00Z"
    draft = Update.objects.create(
        pledge=Pledge.objects.get(code="P3.05"),
        status="in_progress",
        effective_on="2026-11-01",
        narrative_en="A first sentence.",
        created_at=moment,
        created_by=editor,
        edited_at=moment,
        edited_by=editor,
    )
    draft.evidence.create(
        kind="official", title="Notice", publisher="Office", url="https://example.org/1"
    )
    return draft


def test_two_browsers_edit_one_draft_and_nothing_is_lost(visitor, draft):
    here = f"/admin/tracker/update/{draft.pk}/change/"
    first = visitor().sign_in("editor").page
    second = visitor(bypass_csp=True, viewport={"width": 360, "height": 740}).sign_in("colleague")
    page = second.page
    first.goto(here)
    page.goto(here)

    # Both write; the first adds evidence too.
    first.fill("#id_narrative_en", "A first sentence, mended by the editor.")
    first.click("text=Add another Evidence")
    first.select_option("#id_evidence-1-kind", "law")
    first.fill("#id_evidence-1-title", "Decree")
    first.fill("#id_evidence-1-publisher", "Government")
    first.fill("#id_evidence-1-url", "https://example.org/2")
    page.fill("#id_narrative_en", "A first sentence, and a second by the colleague.")
    page.fill("#id_narrative_zh", "同事写的中文。")
    first.click("text=Save draft")
    assert "successfully" in first.inner_text(".messagelist")
    page.click("text=Save draft")

    # The second sees both versions, and has all that they typed.
    told = page.inner_text(".conflict")
    for text in (
        "editor saved it",
        "A first sentence, mended by the editor.",
        "A first sentence, and a second by the colleague.",
        "同事写的中文。",
        "Decree",
    ):
        assert text in told
    assert page.input_value("#id_narrative_zh") == "同事写的中文。"
    assert page.input_value("#id_evidence-1-title") == "Decree"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert faults(page, are_grave=True) == []

    # They merge the two sentences with the keyboard alone, and save.
    page.focus("#id_narrative_en")
    page.keyboard.press("Control+A")
    page.keyboard.type("A first sentence, mended by the editor, and a second by the colleague.")
    page.focus("text=Save draft")
    page.keyboard.press("Enter")
    page.wait_for_selector(".messagelist .success")
    draft.refresh_from_db()
    assert draft.narrative_en == (
        "A first sentence, mended by the editor, and a second by the colleague."
    )
    assert draft.narrative_zh == "同事写的中文。"
    assert sorted(draft.evidence.values_list("title", flat=True)) == ["Decree", "Notice"]
    assert {person.username for person in draft.writers.all()} == {"editor", "colleague"}
    # The browser itself notes the answer 409, and complains of nothing else.
    assert [c for c in second.complaints if "409" not in c] == []
