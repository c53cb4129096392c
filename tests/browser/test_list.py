"""The list's filters in a real browser: with its script, without any, and with a large zoom."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looking import faults

# What a browser makes of the list does not depend on the database: one is enough.
pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]


def test_each_choice_changes_count_address_and_what_is_announced(visitor):
    reader = visitor(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page = reader.page
    page.goto("/en/pledges/")
    page.evaluate("window.stayed = true")
    results = page.locator("#results")
    expect(results).to_have_text("25 pledges")

    page.get_by_label("In progress").check()
    expect(results).to_have_text("9 pledges fit")
    expect(page).to_have_url(re.compile(r"status=in_progress$"))
    expect(page.get_by_role("status")).to_have_text("9 pledges found")
    # The keyboard stays where it was, and the counts of the others moved on.
    expect(page.get_by_label("In progress")).to_be_focused()
    expect(page.get_by_label("In progress")).to_be_checked()
    expect(page.locator("#filter-count")).to_have_text("1 set")
    expect(page.locator("#id_pillar")).to_contain_text("(7)")
    page.locator("#id_pillar").select_option("2")
    expect(results).to_have_text("2 pledges fit")
    expect(page.locator(".chip").first).to_contain_text("Pillar")

    # Typing is answered without a click, and one step back undoes it together.
    page.locator("#id_q").press_sequentially("hydrogn")
    expect(page.locator(".empty")).to_be_visible()
    page.locator("#id_pillar").select_option("")
    expect(page.locator(".found .notice")).to_contain_text("Did you mean hydrogen?")
    expect(results).to_have_text("1 pledge fits")
    expect(page.locator("#id_q")).to_have_value("hydrogn")
    assert page.evaluate("window.stayed")
    # The other language is one click away, with all that was asked.
    assert "q=hydrogn" in page.locator("a[lang=zh-hans]").get_attribute("href")
    assert faults(page) == []

    page.go_back()
    expect(page.locator(".chips")).to_contain_text("Pillar")
    assert reader.complaints == []
    assert len(reader.hosts) == 1


def test_the_policy_lets_the_script_work_and_it_complains_of_nothing(visitor):
    reader = visitor(viewport={"width": 360, "height": 700})
    page = reader.page
    page.goto("/zh-hans/pledges/")
    expect(page.locator("#filter-body")).to_be_hidden()
    page.locator("#filter-fold > summary").click()
    page.locator("#id_flag_2").check()
    expect(page.locator("#results")).to_have_text("9项承诺符合条件")
    page.get_by_role("button", name="查看这些承诺").or_(
        page.locator("#filter-body button")
    ).first.click()
    expect(page.locator("#results")).to_be_focused()
    assert reader.complaints == []


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (320, 180)])
def test_it_is_complete_without_a_script(visitor, width, height):
    # 320 by 180 is what a window of 1280 by 720 has left at a zoom of 400%.
    reader = visitor(java_script_enabled=False, viewport={"width": width, "height": height})
    page = reader.page
    page.goto("/en/pledges/")
    page.locator("#filter-fold > summary").click()
    page.get_by_label("No evidence").check()
    page.get_by_role("button", name="Show these pledges").click()
    expect(page.locator("#results")).to_have_text("9 pledges fit")
    assert "flag=no_evidence" in page.url
    page.locator("#asof-day").fill("2023-01-01")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "flag=no_evidence" in page.url
    expect(page.locator(".asof")).to_contain_text("Jan. 1, 2023")
    page.locator("#id_q").fill("digital")
    page.locator("#id_q").press("Enter")
    assert {"q=digital", "flag=no_evidence", "as_of=2023-01-01"} <= set(
        page.url.partition("?")[2].split("&")
    )
