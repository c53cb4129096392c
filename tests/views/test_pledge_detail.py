from datetime import date

import pytest

from tracker.actions import updates
from tracker.models import Responsibility
from tracker.vocabulary import Status


def test_it_says_where_the_pledge_stands_since_when_and_why(world, read):
    pledge = world.pledge(summary_en="A summary.", yardstick_en="A yardstick.", speaker_en="Zhang")
    world.published(pledge, Status.IN_PROGRESS, effective_on=date(2023, 1, 1))
    world.published(
        pledge, Status.IN_PROGRESS, effective_on=date(2023, 5, 1), narrative_en="It went on."
    )
    page = read("/en/pledges/P1.01/")
    assert "since Jan. 1, 2023" in page.text
    assert "Published on Nov. 23, 2026" in page.text
    why = page.text.partition("Where it stands, and why")[2].partition("At a glance")[0]
    assert "In progress" in why
    assert "It went on." in why
    assert "Work went on." not in why
    assert "A summary." in page.text
    assert "A yardstick." in page.text
    assert "Zhang" in page.text
    # Said first, changed, then said again: only the first was a change.
    assert page.texts("h3")[-2:] == ["In progress", "Not yet rated →then In progress"]


def test_a_pledge_without_an_entry_is_not_rated_and_says_that_this_is_no_verdict(world, read):
    world.pledge()
    page = read("/en/pledges/P1.01/")
    assert "Not yet rated" in page.text
    assert "That does not mean that nothing has been done." in page.text
    assert "The record: 0 entries" in page.texts("h2")
    assert "No figure is not zero" in page.text


def test_before_its_first_entry_a_rated_pledge_is_not_rated(world, read):
    world.published(world.pledge(), Status.KEPT, effective_on=date(2023, 1, 1))
    page = read("/en/pledges/P1.01/?as_of=2022-12-31")
    assert "You are reading the record as it stood on Dec. 31, 2022." in page.text
    assert "Not yet rated" in page.text
    assert "Kept" not in page.text
    read("/en/pledges/P1.01/?as_of=2022-08-19", 404)
    read("/en/pledges/P1.01/?known_on=2026-11-22", 404)


def test_an_entry_and_its_correction_stay_to_be_seen_and_lead_to_each_other(world, read):
    entry = world.published(world.pledge(), Status.KEPT, narrative_en="It is there.")
    correction = world.correction(
        entry, Status.IN_PROGRESS, narrative_en="It is not.", correction_reason_en="Another park."
    )
    page = read("/en/pledges/P1.01/")
    assert "It is there." in page.text
    assert "It is not." in page.text
    assert page.text.count("Another park.") == 2
    assert f"#{correction.anchor}" in page.links
    assert f"#{entry.anchor}" in page.links
    assert {entry.anchor, correction.anchor} <= set(page.ids)
    assert f"Corrected by entry {correction.sequence}, published on Nov. 23, 2026." in page.text
    assert f"Corrects entry {entry.sequence}." in page.text
    # The one that is corrected counts no more, neither as the status nor as what came before.
    assert "Not yet rated →then In progress" in page.texts("h3")
    assert "since Jan. 1, 2023" in page.text
    listed = read("/en/updates/")
    assert f"/en/pledges/P1.01/#{correction.anchor}" in listed.links
    assert f"/en/pledges/P1.01/#{entry.anchor}" in listed.links
    assert f"Corrected by entry {correction.sequence}." in listed.text


def test_before_the_correction_was_known_the_entry_stands(world, read):
    now, world.at = world.at, world.later(days=-10)
    entry = world.published(world.pledge(), Status.KEPT)
    world.correction(entry, Status.IN_PROGRESS, at=now)
    for address in ("pledges/P1.01/", "updates/"):
        page = read(f"/en/{address}?known_on=2026-11-20")
        assert "Corrected by" not in page.text
        assert "Kept" in page.text
        assert "Corrected by" in read(f"/en/{address}").text


def test_a_correction_that_takes_effect_later_withdraws_the_entry_already(world, read):
    entry = world.published(world.pledge(), Status.KEPT, effective_on=date(2023, 1, 1))
    world.correction(entry, Status.KEPT, effective_on=date(2023, 6, 1))
    page = read("/en/pledges/P1.01/?as_of=2023-03-01")
    assert "Withdrawn: a correction that takes effect on a later day has replaced it." in page.text
    assert "Not yet rated" in page.text
    assert read("/en/updates/?as_of=2023-03-01").faults == []


def test_evidence_stands_with_its_own_title_in_its_own_language(world, read):
    draft = world.draft(world.pledge(), evidence=0)
    world.evidence(
        draft,
        title="临港新闻",
        language="zh",
        publisher="新华社",
        kind="news",
        url="https://example.org/a?b=1&c=2",
        published_on=date(2023, 2, 3),
        seen_on=date(2024, 5, 6),
        quotation="“已经建成。”",
        note_en="Shows that it is there.",
    )
    updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )
    page = read("/en/pledges/P1.01/")
    # Where the status is explained, and at its entry.
    links = page.all("a", href="https://example.org/a?b=1&c=2")
    assert [link["lang"] for link in links] == ["zh", "zh"]
    for text in (
        "临港新闻",
        "新华社",
        "News report",
        "Published on Feb. 3, 2023",
        "Seen on May 6, 2024",
        "“已经建成。”",
        "Shows that it is there.",
        "1 piece of evidence",
    ):
        assert text in page.text
    assert {"lang": "zh", "class": "verbatim"} in page.all("blockquote")


def test_milestones_explain_the_figure_and_show_what_moved(world, read):
    pledge = world.pledge()
    first = world.milestone(
        pledge, "First", original_due_on=date(2023, 12, 31), original_due_precision="year"
    )
    second = world.milestone(
        pledge, "Second", original_due_on=date(2024, 3, 31), original_due_precision="month"
    )
    draft = world.draft(pledge, effective_on=date(2024, 2, 1), reported_progress=90)
    world.change(
        draft,
        first,
        state="done",
        done_on=date(2024, 1, 15),
        due_on=date(2023, 12, 31),
        due_precision="year",
    )
    world.change(draft, second, due_on=date(2025, 6, 30), due_precision="month")
    updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )
    page = read("/en/pledges/P1.01/")
    assert "50%" in page.text
    assert "1 of 2 milestones are done. The figure is that share." in page.text
    assert "Done on Jan. 15, 2024" in page.text
    assert "Due: June 2025" in page.text
    assert "Due date moved once, by 15 months At first: March 2024" in page.text
    assert "From Feb. 1, 2024 on: June 2025" in page.text
    assert page.text.count("Late") == 1
    assert "Milestone “First”: Done, Jan. 15, 2024" in page.text
    assert "Reported progress: 90%" in page.text
    (bar,) = [a for a in page.all("rect") if a["class"] == "bar-fill"]
    assert bar["width"] == "50"
    assert "Milestones" not in read("/en/pledges/P1.01/?as_of=2024-01-31").texts("h2")


def test_a_reported_figure_is_called_one(world, read):
    world.published(world.pledge(), reported_progress=0)
    page = read("/en/pledges/P1.01/")
    assert "0%" in page.text
    assert "the last percentage that an update reported" in page.text


@pytest.mark.parametrize(
    ("due_on", "precision", "shown"),
    [
        (date(2024, 6, 30), "day", {"en": "June 30, 2024", "zh-hans": "2024年6月30日"}),
        (date(2024, 6, 30), "month", {"en": "June 2024", "zh-hans": "2024年6月"}),
        (date(2024, 12, 31), "year", {"en": "2024", "zh-hans": "2024年"}),
        (None, "none", {"en": "No date stated"}),
    ],
)
def test_a_due_date_is_as_exact_as_it_was_stated(world, read, due_on, precision, shown):
    world.pledge(original_due_on=due_on, original_due_precision=precision)
    for language, text in shown.items():
        assert text in read(f"/{language}/pledges/P1.01/").texts("dd")


def test_a_moved_due_date_stands_beside_the_first(world, read):
    pledge = world.pledge(original_due_on=date(2024, 12, 31), original_due_precision="year")
    world.published(pledge, due_on=date(2030, 12, 31), due_precision="year")
    page = read("/en/pledges/P1.01/")
    assert (
        "2030 Due date moved once, by 6 years At first: 2024 From Jan. 1, 2023 on: 2030"
        in page.texts("dd")
    )
    assert "New due date: 2030" in page.text
    assert "moved" not in read("/en/pledges/P1.01/?as_of=2022-12-31").text


def test_flags_come_with_what_they_mean(world, read):
    world.pledge(original_due_on=date(2023, 1, 1), original_due_precision="day")
    text = read("/en/pledges/P1.01/").text
    for flag, meaning in {
        "Late": "Its due date has passed and its status is not final.",
        "Stale": "Nothing has been recorded for longer than the set number of days.",
        "No evidence": "The entry that its status rests on cites no evidence, or there is none.",
    }.items():
        assert f"{flag} {meaning}" in text


def test_bodies_sectors_and_related_pledges_are_led_to(world, read):
    parent = world.pledge()
    child = world.pledge("P1.01.1", parent=parent)
    world.pledge("P1.01.2", parent=parent, public=False)
    world.responsibility(parent, world.body("ministry"), "lead")
    Responsibility.objects.create(
        pledge=parent, body=world.body("bureau"), role="support", note_en="It pays."
    )
    parent.sectors.add(world.sector())
    page = read("/en/pledges/P1.01/")
    assert {
        "/en/bodies/ministry/",
        "/en/bodies/bureau/",
        "/en/sectors/hydrogen/",
        "/en/pillars/1/",
        "/en/pledges/P1.01.1/",
    } <= set(page.links)
    assert "Bureau It pays." in page.texts("dd")
    assert "P1.01.2" not in page.html
    assert "/en/pledges/P1.01/" in read(f"/en/pledges/{child.code}/").links


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_text_in_one_language_shows_in_both_and_says_so(world, read, language):
    pledge = world.pledge(
        title_en="Only English", title_zh="", summary_en="", summary_zh="只有中文"
    )
    world.published(pledge, narrative_en="", narrative_zh="只有中文的说明")
    page = read(f"/{language}/pledges/P1.01/")
    assert "Only English" in page.texts("h1")[0]
    assert "只有中文" in page.text
    assert "只有中文的说明" in page.text
    foreign = {"en": "zh-hans", "zh-hans": "en"}[language]
    marked = [
        a
        for tag, a in page.tags
        if tag in {"span", "div"} and a.get("lang") == foreign and "class" not in a
    ]
    assert len(marked) == (3 if language == "en" else 1)
    assert page.with_class("fallback-note")
    titled = ("pledges/", "pillars/1/") if language == "zh-hans" else ()
    for address in ("", "updates/", *titled):
        assert read(f"/{language}/{address}").with_class("fallback-note")


def test_texts_are_never_markup(world, read):
    attack = "<script>alert(1)</script>"
    pledge = world.pledge(title_en=attack, title_zh="", wording=attack, summary_zh=attack)
    world.published(pledge, narrative_en=attack, narrative_zh="")
    for language in ("en", "zh-hans"):
        for address in ("", "pledges/", "pledges/P1.01/", "updates/", "pillars/1/"):
            page = read(f"/{language}/{address}")
            # JSON for programs is data; test_sharing.py looks into it.
            scripts = [a for a in page.all("script") if a.get("type") != "application/ld+json"]
            assert all("src" in script for script in scripts)
            assert attack not in page.html
            assert attack in page.text
            assert page.faults == []


def test_the_slug_is_optional_and_the_code_decides(world, client, read):
    world.pledge(title_en="Speed up the port")
    page = read("/en/pledges/P1.01/speed-up-the-port/")
    assert page.all("link", rel="canonical")[0]["href"] == "http://testserver/en/pledges/P1.01/"
    response = client.get("/en/pledges/P1.01/an-older-title/?as_of=2024-01-01")
    assert response.status_code == 302
    assert response["Location"] == "/en/pledges/P1.01/?as_of=2024-01-01"
    assert client.get("/en/pledges/P1.01/old/")["Location"] == "/en/pledges/P1.01/"
    for code in ("p1.01", "P1.1", "P1.010", "P1_01", "%00"):
        read(f"/en/pledges/{code}/", 404)


def test_wording_leads_to_its_place_in_the_source(lingang, read):
    page = read("/en/pledges/P1.03/")
    (link,) = [a for a in page.links if "#passage-" in a]
    address, _, mark = link.partition("#")
    assert mark in read(address).ids


def publish(world, draft):
    return updates.publish(
        updates.submit(draft, by=world.author, at=world.at), by=world.reviewer, at=world.at
    )


def test_a_milestone_says_how_often_and_how_far_it_moved(world, read):
    pledge = world.pledge()
    step = world.milestone(
        pledge, "Step", original_due_on=date(2024, 3, 31), original_due_precision="month"
    )
    for day, due_on in {
        date(2023, 5, 1): date(2024, 6, 30),
        date(2024, 5, 1): date(2024, 12, 31),
    }.items():
        draft = world.draft(pledge, effective_on=day)
        world.change(draft, step, due_on=due_on, due_precision="month")
        entry = publish(world, draft)
    text = read("/en/pledges/P1.01/").text
    assert "Due date moved twice, by 9 months At first: March 2024" in text
    assert "From May 1, 2023 on: June 2024 From May 1, 2024 on: December 2024" in text
    assert "期限变更两次，推迟9个月" in read("/zh-hans/pledges/P1.01/").text
    assert "moved once, by 3 months" in read("/en/pledges/P1.01/?as_of=2024-04-30").text
    # A correction takes its move back.
    draft = updates.correct(entry, by=world.author, at=world.at)
    draft.correction_reason_en = "A slip."
    draft.save()
    draft.milestone_changes.all().delete()
    publish(world, draft)
    assert "moved once, by 3 months" in read("/en/pledges/P1.01/").text


@pytest.mark.parametrize(
    ("first", "later", "shown"),
    [
        (
            ("2024-12-31", "year"),
            ("2023-12-31", "year"),
            "moved once, 1 year earlier than at first",
        ),
        (("2024-12-31", "year"), ("2024-12-31", "day"), None),
        (("2024-12-31", "day"), (None, "none"), "Taken back: no date is stated any more"),
        ((None, "none"), ("2024-12-31", "day"), "No date was stated at first"),
    ],
)
def test_a_due_date_says_how_it_moved(world, read, first, later, shown):
    def due(name, day, precision):
        return {f"{name}on": day and date.fromisoformat(day), f"{name}precision": precision}

    world.published(world.pledge(**due("original_due_", *first)), **due("due_", *later))
    page = read("/en/pledges/P1.01/")
    summaries = [text for text in page.texts("summary") if "date" in text]
    assert summaries == ([] if shown is None else [summaries[0]])
    assert shown is None or shown in summaries[0]


def test_the_number_is_explained_by_its_milestones(world, read):
    pledge = world.pledge()
    draft = world.draft(pledge, effective_on=date(2024, 2, 1))
    world.change(draft, world.milestone(pledge, "Built"), state="done", done_on=date(2024, 1, 15))
    world.change(draft, world.milestone(pledge, "Opened"))
    world.change(draft, world.milestone(pledge, "Painted"), state="dropped")
    publish(world, draft)
    page = read("/en/pledges/P1.01/")
    for text in (
        "Explain this number",
        "1 done ÷ 2 in all × 100 = 50%",
        "Done on Jan. 15, 2024: Built",
        "Open: Opened",
        "Dropped, and so not counted: Painted",
        "The rule: the share of a pledge's milestones that are done",
    ):
        assert text in page.text


def test_the_number_is_explained_by_the_entry_that_reported_it(world, read):
    pledge = world.pledge()
    first = world.published(pledge, effective_on=date(2023, 1, 1), reported_progress=40)
    world.published(pledge, effective_on=date(2023, 6, 1))
    page = read("/en/pledges/P1.01/")
    assert f"Entry {first.sequence} reports 40%" in page.text
    assert "It holds from Jan. 1, 2023 and was published on Nov. 23, 2026." in page.text
    assert f"#{first.anchor}" in page.links
    corrected = world.correction(first, Status.IN_PROGRESS, reported_progress=30)
    assert f"Entry {corrected.sequence} reports 30%" in read("/en/pledges/P1.01/").text


def test_a_number_that_is_not_there_is_explained_too(world, read):
    world.pledge()
    text = read("/en/pledges/P1.01/").text
    assert "Explain this number" in text
    assert "where there is neither, no figure." in text
    assert "÷" not in text


def test_how_fresh_it_is_counts_from_the_day_asked_about(world, read):
    draft = world.draft(world.pledge(), effective_on=date(2023, 1, 1), evidence=0)
    world.evidence(draft, seen_on=date(2023, 2, 3))
    world.evidence(draft, seen_on=date(2023, 1, 2))
    publish(world, draft)
    text = read("/en/pledges/P1.01/").text
    assert "Last entry holds from Jan. 1, 2023 1422 days ago Published on Nov. 23, 2026" in text
    assert "Evidence last looked at on Feb. 3, 2023" in text
    assert "Jan. 1, 2023 30 days before" in read("/en/pledges/P1.01/?as_of=2023-01-31").text


def test_related_pledges_share_most_and_stood_there_on_the_day(world, read):
    sectors = [world.sector(f"s{number}") for number in range(3)]
    pledge = world.pledge("P1.01")
    pledge.sectors.set(sectors)
    shared = {"P1.02": 1, "P1.03": 2, "P1.04": 0, "P1.05": 3, "P1.06": 1, "P1.07": 1, "P1.08": 1}
    for code, number in shared.items():
        world.pledge(code, announced_on=date(2024 if code == "P1.05" else 2023, 1, 1)).sectors.set(
            sectors[:number]
        )
    world.pledge("P9.01", public=False).sectors.set(sectors)
    world.published(pledge.programme.pledges.get(code="P1.03"), Status.KEPT)

    def related(query):
        text = read(f"/en/pledges/P1.01/{query}").text.partition("Related pledges")[2]
        return list(dict.fromkeys(word for word in text.split() if word in {*shared, "P9.01"}))

    assert related("") == ["P1.05", "P1.03", "P1.02", "P1.06", "P1.07"]
    assert related("?as_of=2023-06-01") == ["P1.03", "P1.02", "P1.06", "P1.07", "P1.08"]
    assert "Related pledges" not in read("/en/pledges/P1.04/").texts("h2")


def test_a_citation_says_what_stood_here_on_the_day(world, read):
    world.published(world.pledge(title_en="A port", title_zh="港口"), Status.KEPT)
    page = read("/en/pledges/P1.01/")
    assert (
        "“A port” (P1.01). Status on Nov. 23, 2026: Kept. Lingang Pledge Tracker, "
        "http://testserver/en/pledges/P1.01/?as_of=2026-11-23" in page.text
    )
    assert (
        "《港口》（P1.01），2022年12月31日的状态：尚未评估。临港承诺追踪， "
        "http://testserver/zh-hans/pledges/P1.01/?as_of=2022-12-31"
        in read("/zh-hans/pledges/P1.01/?as_of=2022-12-31").text
    )
    known = read("/en/pledges/P1.01/?known_on=2026-11-23").text
    assert "http://testserver/en/pledges/P1.01/?as_of=2026-11-23" in known


def test_what_the_status_rests_on_is_one_click_away(world, read):
    draft = world.draft(world.pledge(), evidence=0)
    world.evidence(draft, title="A report", publisher="The Gazette", url="https://example.org/r")
    publish(world, draft)
    why = read("/en/pledges/P1.01/").text.partition("What this rests on")[2]
    assert why.startswith(" A report The Gazette")
