from datetime import date

import pytest

from tracker.models import Pillar, Programme
from tracker.vocabulary import Status


@pytest.fixture
def grouped(world):
    pledge, other = world.pledge("P1.01"), world.pledge("P1.02")
    ministry = world.body()
    world.responsibility(pledge, ministry, "lead")
    world.responsibility(other, ministry, "support")
    pledge.sectors.add(world.sector())
    world.published(pledge, Status.IN_PROGRESS, effective_on=date(2023, 1, 1))
    world.published(pledge, Status.KEPT, effective_on=date(2026, 1, 1), reported_progress=80)


@pytest.mark.usefixtures("grouped")
@pytest.mark.parametrize(
    ("address", "title", "codes"),
    [
        ("pillars/1/", "First pillar", ["P1.01", "P1.02"]),
        ("bodies/ministry/", "Ministry", ["P1.01", "P1.02"]),
        ("sectors/hydrogen/", "Hydrogen", ["P1.01"]),
    ],
)
def test_a_group_shows_its_pledges_and_where_they_stand(read, address, title, codes):
    page = read(f"/en/{address}")
    assert page.texts("h1") == [title]
    assert page.codes == codes
    assert "80%" in page.text
    assert f"1 of {len(codes)} pledge" in page.text
    for link in [a for a in page.links if "status=" in a]:
        assert set(read(link).codes) <= set(codes)
    past = read(f"/en/{address}?as_of=2023-06-01")
    assert "pledge: In progress" in past.text
    assert "Kept" not in past.texts("th")
    gone = read(f"/en/{address}?as_of=2022-01-01")
    assert gone.codes == []
    assert "No pledge was on public record here on that day." in gone.text


@pytest.mark.usefixtures("grouped")
def test_a_body_leads_or_supports_each_of_its_pledges(read):
    text = read("/en/bodies/ministry/").text
    first, second = text.partition("P1.02")[::2]
    assert "Leads" in first
    assert "Leads" not in second
    assert "Supports" in second


@pytest.mark.usefixtures("grouped")
@pytest.mark.parametrize(
    "address",
    [
        "pillars/2/",
        "pillars/0/",
        "pillars/99999999999999999999/",
        "pillars/1/?programme=none",
        "pillars/1/?programme=%00",
        "bodies/nobody/",
        "sectors/nowhere/",
        "sources/nothing/",
    ],
)
def test_a_group_that_is_not_there_is_not_found(read, address):
    read(f"/en/{address}", 404)


def test_pillars_with_one_number_are_told_apart_by_their_programme(world, read):
    later = Programme.objects.create(slug="next", name_en="Next", announced_on=date(2025, 1, 1))
    pillar = Pillar.objects.create(programme=later, order=1, title_en="Another pillar")
    world.pledge("P1.01")
    world.pledge("N1.01", programme=later, pillar=pillar)
    assert read("/en/pillars/1/").texts("h1") == ["First pillar"]
    page = read("/en/pillars/1/?programme=next")
    assert page.texts("h1") == ["Another pillar"]
    (counted,) = [a for a in page.links if "status=not_rated" in a]
    assert "N1.01" in read(counted).text
    assert "P1.01" not in read(counted).text
    # Two programmes are a choice.
    assert read("/en/pledges/").all("select", name="programme")
