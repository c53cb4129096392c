"""The managers' reports on the desk."""

import csv
import io
import json
from datetime import date

import pytest

from tests.admin.desk import messages_of, signed_in
from tests.views.markup import Page
from tracker.models import SavedReport
from tracker.reports import EVERY_REPORT, STAFF_REPORTS
from tracker.reports.formats import FORMATS
from tracker.vocabulary import StaffRole, Status

pytestmark = pytest.mark.usefixtures("clock")

PAGE = "/admin/reports/"


@pytest.fixture
def manager(world):
    return signed_in(world.person("manager", StaffRole.MANAGER))


def rows_of(response):
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.getvalue().decode(), newline="")))


@pytest.mark.parametrize("name", list(EVERY_REPORT))
def test_each_report_can_be_chosen_looked_at_and_downloaded(world, manager, name):
    world.published(world.pledge())
    response = manager.get(PAGE, {"report": name})
    page = Page(response.content.decode())
    assert page.faults == []
    assert str(EVERY_REPORT[name].description) in page.text
    for extension in FORMATS:
        (address,) = [
            link for link in page.links if link.split("?")[0] == f"{PAGE}{name}.{extension}"
        ][:1]
        assert manager.get(address).status_code == 200
    is_public = name not in STAFF_REPORTS
    assert any(f"/data/{name}.csv" in link for link in page.links) == is_public


def test_the_page_counts_and_shows_the_first_rows_of_what_was_asked(lingang, world, manager):
    response = manager.get(PAGE, {"report": "pledges", "status": "in_progress", "bom": ""})
    assert (response.context["count"], len(response.context["rows"])) == (9, 9)
    response = manager.get(PAGE, {"report": "pledges", "as_of": "2024-12-31"})
    assert (response.context["count"], len(response.context["rows"])) == (25, 20)
    page = Page(response.content.decode())
    assert "These are the first 20 rows." in page.text
    (file,) = [link for link in page.links if ".json" in link]
    assert file.endswith("/admin/reports/pledges.json?as_of=2024-12-31")
    assert len(json.loads(manager.get(file).getvalue())["rows"]) == 25


def test_what_another_report_took_is_left_out_and_what_is_wrong_is_said(world, manager):
    response = manager.get(PAGE, {"report": "pledges", "from": "2024-01-01", "by": "body"})
    assert response.status_code == 200
    response = manager.get(PAGE, {"report": "changes", "from": "2024-02-01", "to": "2024-01-01"})
    assert response.status_code == 400
    assert "Give the earlier day first." in Page(response.content.decode()).text
    assert manager.get(PAGE, {"report": "nothing"}).status_code == 404


@pytest.mark.parametrize("role", [StaffRole.EDITOR, StaffRole.REVIEWER])
def test_reports_are_for_those_who_may_download_them(world, role):
    client = signed_in(world.person("other", role))
    assert client.get(PAGE).status_code == 403
    assert client.get(f"{PAGE}attention.csv").status_code == 403
    assert "/admin/reports/" not in client.get("/admin/").content.decode()


def test_nobody_reads_them_without_signing_in(db, client):
    for address in (PAGE, f"{PAGE}attention.csv", f"{PAGE}workload.json"):
        assert client.get(address).status_code == 302


def test_the_desk_leads_there(world, manager):
    assert "/admin/reports/" in Page(manager.get("/admin/").content.decode()).links


def test_what_is_not_public_is_told_of_the_pledges_in_one_s_care_only(world):
    own, other = world.body(), world.body("other")
    for code, body in (("P1.01", own), ("P1.02", other)):
        pledge = world.pledge(code)
        world.responsibility(pledge, body)
        world.submitted(pledge, Status.KEPT)
    client = signed_in(world.person("manager", StaffRole.MANAGER, bodies=[own]))
    assert [row["code"] for row in rows_of(client.get(f"{PAGE}attention.csv"))] == ["P1.01"]
    assert [row["body"] for row in rows_of(client.get(f"{PAGE}workload.csv"))] == ["ministry"]


def test_a_managers_report_is_of_today(world, manager):
    world.pledge()
    response = manager.get(f"{PAGE}attention.csv", {"as_of": "2024-01-01"})
    assert response.status_code == 400
    assert "as_of: This report is of today." in response.content.decode()
    assert rows_of(manager.get(f"{PAGE}attention.csv"))


def test_the_page_leads_to_the_period_on_paper(lingang, world, manager):
    response = manager.get(
        PAGE, {"report": "changes", "from": "2022-12-31", "to": "2023-12-31", "pillar": "1"}
    )
    (paper,) = [x for x in Page(response.content.decode()).links if "/data/period/" in x]
    page = Page(manager.get(paper).content.decode())
    assert "Where the 9 pledges stand" in page.texts("h2")
    assert date(2023, 12, 31).isoformat() in paper


# --- Saved reports ------------------------------------------------------------------------------


def save(client, name="Kept and late", report="pledges", query="status=kept&flag=late&page=2"):
    asked = {"name": name, "report": report, "query": query}
    return client.post(f"{PAGE}saved/", asked, follow=True)


def test_a_report_is_saved_by_name_and_found_again_by_all_managers(world, manager):
    response = save(manager)
    assert messages_of(response) == ["Saved as “Kept and late”."]
    assert response.redirect_chain[-1][0] == f"{PAGE}?report=pledges&status=kept&flag=late"
    other = signed_in(world.person("other", StaffRole.MANAGER))
    page = Page(other.get(PAGE).content.decode())
    (address,) = [link for link in page.links if "flag=late" in link and "report=pledges" in link]
    found = other.get(address)
    assert (found.status_code, found.context["report"].name) == (200, "pledges")


def test_a_name_is_given_once_and_what_cannot_be_is_refused(world, manager):
    save(manager)
    response = save(manager, query="status=kept")
    assert messages_of(response) == ["There is one of this name. Choose another name."]
    assert SavedReport.objects.get().query == "status=kept&flag=late"
    assert save(manager, name="Other", report="nothing").status_code == 404
    assert save(manager, name="").status_code == 200
    assert SavedReport.objects.count() == 1


def test_what_is_saved_is_removed_by_who_saved_it_or_works_for_every_body(world, manager):
    save(manager)
    saved = SavedReport.objects.get()
    own = world.body()
    other = signed_in(world.person("other", StaffRole.MANAGER, bodies=[own]))
    assert other.post(f"{PAGE}saved/{saved.pk}/").status_code == 403
    assert manager.get(f"{PAGE}saved/{saved.pk}/").status_code == 405
    assert manager.post(f"{PAGE}saved/{saved.pk}/").status_code == 302
    assert manager.post(f"{PAGE}saved/{saved.pk}/").status_code == 404
    assert not SavedReport.objects.exists()


def test_saving_is_for_those_who_may_download(world):
    client = signed_in(world.person("other", StaffRole.EDITOR))
    assert save(client).status_code == 403
