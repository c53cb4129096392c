from datetime import date

from tracker.vocabulary import Status


def test_every_entry_is_listed_the_last_published_first(world, read):
    first, second = world.pledge("P1.01"), world.pledge("P1.02")
    world.published(first, effective_on=date(2024, 1, 1), narrative_en="One.")
    world.published(second, Status.STALLED, effective_on=date(2023, 1, 1), narrative_en="Two.")
    text = read("/en/updates/").text
    assert text.index("Two.") < text.index("One.")
    assert "2 entries" in text
    past = read("/en/updates/?as_of=2023-06-01").text
    assert "Two." in past
    assert "One." not in past
    assert "No entry had been published by that day." in read("/en/updates/?as_of=2022-09-01").text


def test_the_list_goes_on_page_by_page_and_keeps_the_day(world, read):
    pledge = world.pledge()
    for day in range(1, 23):
        world.published(pledge, effective_on=date(2023, 1, day), narrative_en=f"Number {day}.")
    page = read("/en/updates/?as_of=2025-01-01")
    assert "Number 22." in page.text
    (following,) = [a["href"] for a in page.all("a", rel="next")]
    assert following == "?as_of=2025-01-01&page=2"
    second = read(f"/en/updates/{following}")
    assert "Number 2." in second.text
    assert "Number 3." not in second.text
    assert second.with_class("asof")
    assert (
        second.all("link", rel="canonical")[0]["href"]
        == f"http://testserver/en/updates/{following}"
    )
