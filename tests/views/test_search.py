"""What a search finds, how it is set right, and that it never says what is not public."""

from datetime import date

import pytest

from tracker.actions import updates
from tracker.models import Pillar
from tracker.vocabulary import Status


@pytest.fixture
def written(world):
    """A pledge with a word of its own in each place that a search looks into, and one without."""
    pillar = Pillar.objects.create(programme=world.programme, order=2, title_en="Lighthouse")
    pledge = world.pledge(
        pillar=pillar,
        title_en="Hydrogen trucks",
        title_zh="氢能卡车",
        wording="support gigawatts",
        summary_en="A summary about viaducts.",
        yardstick_zh="码头",
    )
    world.responsibility(pledge, world.body("ministry", name_en="Ministry of Harbours"))
    pledge.sectors.add(world.sector("energy", name_en="Energy", name_zh="能源"))
    draft = world.draft(
        pledge, Status.KEPT, effective_on=date(2023, 5, 1), narrative_en="Turbines run.", evidence=0
    )
    world.evidence(
        draft,
        title="Report on windmills",
        publisher="Morning Gazette",
        quotation="“They spin.”",
        note_en="Shows rotors.",
    )
    updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )
    world.published(world.pledge("P1.02"), narrative_en="Something else, on driving.")
    return pledge


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    "words",
    [
        "hydrogen",
        "氢",
        "卡",
        "gigawatts",
        "viaducts",
        "码头",
        "lighthouse",
        "harbours",
        "能源",
        "turbines",
        "windmills",
        "gazette",
        "spin",
        "rotors",
        "hydrogen rotors 氢",
        '"report on windmills"',
        "“Hydrogen trucks”",
    ],
)
def test_words_are_found_wherever_the_page_of_a_pledge_says_them(read, words):
    assert read(f"/en/pledges/?q={words}").codes == ["P1.01"]
    assert read(f"/zh-hans/pledges/?q={words}").codes == ["P1.01"]


@pytest.mark.usefixtures("written")
def test_a_phrase_in_quotation_marks_is_found_as_it_stands(read, rows):
    assert read('/en/pledges/?q="trucks hydrogen"').codes == []
    assert read("/en/pledges/?q=trucks hydrogen").codes == ["P1.01"]
    assert len(rows('/en/data/pledges.csv?q="hydrogen trucks"')) == 2


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("words", ["turbines", "gazette", "rotors"])
def test_an_entry_is_found_from_its_day_on(read, words):
    assert read(f"/en/pledges/?q={words}&as_of=2023-05-01").codes == ["P1.01"]
    assert read(f"/en/pledges/?q={words}&as_of=2023-04-30").codes == []


@pytest.mark.usefixtures("written")
def test_a_slip_is_set_right_and_the_results_stand_there_at_once(read):
    page = read("/en/pledges/?q=hydrogn&sort=title")
    assert page.codes == ["P1.01"]
    assert "Did you mean hydrogen? Showing results for hydrogen." in page.text
    assert "Search: hydrogen" in page.text
    # The reader's own words stay in the field, and the files are those of the results.
    assert page.all("input", name="q", type="search")[0]["value"] == "hydrogn"
    files = [link for link in page.links if ".csv" in link]
    assert files == [
        "/en/data/pledges.csv?q=hydrogen&sort=title",
        "/en/data/updates.csv?q=hydrogen&sort=title",
    ]
    (exactly,) = [a for a in page.links if "%22hydrogn%22" in a]
    exact = read(f"/en/pledges/{exactly}")
    assert exact.codes == []
    assert "Did you mean" not in exact.text


@pytest.mark.usefixtures("written")
def test_a_word_that_stands_nowhere_is_left_out_if_others_remain(read):
    page = read("/en/pledges/?q=autonomous driving")
    assert page.codes == ["P1.02"]
    assert "The record does not say “autonomous”. Showing results for driving." in page.text
    assert read("/en/pledges/?q=autonomous").codes == []
    # Words that all occur, though never together, are nobody's slip.
    apart = read("/en/pledges/?q=hydrogen driving")
    assert apart.codes == []
    assert "Showing results" not in apart.text
    # Nor is a word that only the other filters shut out.
    assert "Showing results" not in read("/en/pledges/?q=hydrogen&pillar=1").text


@pytest.mark.usefixtures("written")
def test_a_slip_is_set_right_by_what_was_public_on_the_day(read):
    assert "Did you mean turbines?" in read("/en/pledges/?q=turbinse&as_of=2023-05-01").text
    before = read("/en/pledges/?q=turbinse&as_of=2023-04-30")
    assert "Did you mean" not in before.text
    assert before.codes == []
    assert "Did you mean" not in read("/en/pledges/?q=hydrogn&known_on=2026-11-22").text


def test_a_slip_is_never_set_right_by_what_is_not_public(world, read, written):
    secret = {"narrative_en": "Quixotry.", "effective_on": date(2024, 1, 1)}
    world.evidence(world.draft(written, **secret), title="Quixotry", publisher="Quixotry")
    world.submitted(written, **secret)
    world.pledge("P9.01", public=False, title_en="Quixotry", wording="quixotry")
    hidden = world.pledge("P9.02", public=False)
    hidden.sectors.add(world.sector("quixotry"))
    world.responsibility(hidden, world.body("quixotry"))
    for words in ("quixotri", "quixotri hydrogen"):
        page = read(f"/en/pledges/?q={words}")
        assert "Did you mean" not in page.text
        assert "quixotry" not in page.html.lower()
    page = read("/en/pledges/?q=quixotri hydrogen")
    assert "The record does not say “quixotri”." in page.text


@pytest.mark.usefixtures("written")
def test_found_words_are_marked_in_the_texts_that_say_them(world, read, written):
    world.published(
        written, Status.KEPT, effective_on=date(2024, 1, 1), narrative_en="More was said."
    )
    page = read("/en/pledges/?q=HYDROGEN turbines")
    assert page.texts("mark") == ["Hydrogen", "Turbines"]
    # The entry that the status rests on comes first, so that the list answers by itself.
    found = page.text.partition("support gigawatts")[2]
    assert found.index("Jan. 1, 2024") < found.index("More was said.")
    assert found.index("More was said.") < found.index("Turbines run.")
    assert [a for a in page.links if "#entry-" in a] == [
        f"/en/pledges/P1.01/#{update.anchor}"
        for update in written.updates.published().latest_first()
    ]
    assert page.faults == []


@pytest.mark.usefixtures("written")
def test_a_word_of_the_other_language_is_shown_in_it(read):
    page = read("/en/pledges/?q=码头")
    assert page.texts("mark") == ["码头"]
    assert page.all("span", lang="zh-hans")
