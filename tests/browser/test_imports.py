"""The pages on which files are brought in, looked at by a browser."""

import pytest

from tests.browser.looking import faults

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]

FILE = "Numéro;Engagement;État\nA1;Créer des places;Tenu\nA2;Réformer;En cours\n".encode()


def test_a_file_is_brought_in_on_a_phone_without_a_fault(visitor):
    editor = visitor(bypass_csp=True, viewport={"width": 360, "height": 740}).sign_in("editor")
    page, found = editor.page, []

    def look():
        found.extend(faults(page, are_grave=True))
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            found.append(f"{page.url} scrolls sideways")

    page.goto("/admin/tracker/importfile/add/")
    look()
    page.set_input_files("#id_file", {"name": "a.csv", "mimeType": "text/csv", "buffer": FILE})
    page.click("text=Show the preview")
    look()
    for header, column in (("Numéro", "code"), ("Engagement", "wording"), ("État", "status")):
        page.get_by_label(header, exact=True).select_option(column)
    page.fill("#id_given_programme", "lingang-2022")
    page.click("text=Show the preview anew")
    page.get_by_label("The file’s “Tenu” is").select_option("kept")
    page.get_by_label("The file’s “En cours” is").select_option("in_progress")
    page.click("text=Show the preview anew")
    look()
    page.click("text=Import 2 rows")
    assert "Imported." in page.inner_text(".messagelist")
    look()
    assert found == []
    assert editor.complaints == []
