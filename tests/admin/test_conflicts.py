"""Two people at once: the second is told, sees both versions and loses nothing."""

import json
import re
from datetime import date

import pytest

from tests.admin.desk import address, evidence_row, form_of, messages_of, signed_in
from tracker.models import Evidence, Milestone, Pledge, Reply, Responsibility, Update
from tracker.vocabulary import Refusal, Role, StaffRole, Status, UpdateState

# What is merged does not hang on the database; what no form can pass does, and is tested on both
# in tests/models/test_guards_of_versions.py and test_race.py.
pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def first(world):
    return signed_in(world.author)


@pytest.fixture
def second(world):
    return signed_in(world.person("colleague", StaffRole.EDITOR))


def opened(client, model, row):
    return client.get(address(model, "change", row.pk))


def sent(client, page, **typed):
    """Sends the form of `page` with what was typed into it."""
    return client.post(page.request["PATH_INFO"], form_of(page) | typed | {"_continue": "1"})


def differences(answer):
    """The table of the answer: for each field what was opened, what stands now, what was typed."""
    return {
        one.label: (one.opened, one.now, one.typed, one.outcome.name)
        for section in answer.context["conflict"].sections
        for one in section.differences
    }


def outcomes(answer):
    return [s.outcome.name for s in answer.context["conflict"].sections if s.outcome]


def field_errors(answer):
    return {
        name: list(errors)
        for name, errors in answer.context["adminform"].form.errors.items()
        if name != "opened"
    }


# --- the form itself ------------------------------------------------------------------------


def test_the_second_save_of_a_draft_is_stopped_and_shows_both_versions(world, first, second):
    draft = world.draft(world.pledge(), narrative_zh="原文")
    theirs, mine = opened(first, "update", draft), opened(second, "update", draft)
    assert sent(first, theirs, narrative_en="Theirs.", reported_progress="40").status_code == 302
    answer = sent(second, mine, narrative_en="Mine.", narrative_zh="我的")
    assert answer.status_code == 409
    assert differences(answer) == {
        "Narrative (English)": ("Work went on.", "Theirs.", "Mine.", "BOTH"),
        "Narrative (Chinese)": ("原文", "原文", "我的", "YOURS"),
        "Reported progress (%)": ("", "40", "", "THEIRS"),
    }
    draft.refresh_from_db()
    assert (draft.narrative_en, draft.narrative_zh, draft.reported_progress) == (
        "Theirs.",
        "原文",
        40,
    )
    # The form holds the merged texts, and says beside the one that both changed what it replaces.
    form = form_of(answer)
    assert (form["narrative_en"], form["narrative_zh"]) == ("Mine.", "我的")
    assert form["reported_progress"] == "40"
    assert field_errors(answer) == {
        "narrative_en": ["Saving now replaces what was saved here meanwhile: “Theirs.”"]
    }
    page = answer.content.decode()
    assert "Not saved yet: it was changed after you opened it" in page
    assert "author saved it" in page
    # The second save is deliberate, and goes through.
    assert sent(second, answer).status_code == 302
    draft.refresh_from_db()
    assert (draft.narrative_en, draft.narrative_zh, draft.reported_progress) == (
        "Mine.",
        "我的",
        40,
    )


def test_a_third_save_between_the_two_is_told_again(world, first, second):
    draft = world.draft(world.pledge())
    mine = opened(second, "update", draft)
    sent(first, opened(first, "update", draft), narrative_en="Theirs.")
    answer = sent(second, mine, narrative_en="Mine.")
    sent(first, opened(first, "update", draft), narrative_en="Theirs again.")
    answer = sent(second, answer)
    assert answer.status_code == 409
    assert differences(answer) == {
        "Narrative (English)": ("Theirs.", "Theirs again.", "Mine.", "BOTH")
    }
    assert sent(second, answer).status_code == 302


def test_a_pledge_keeps_what_each_of_two_wrote_in_different_fields(world, first, second):
    pledge, sector = world.pledge(), world.sector()
    theirs, mine = opened(first, "pledge", pledge), opened(second, "pledge", pledge)
    sent(first, theirs, title_en="Theirs", sectors=[str(sector.pk)])
    answer = sent(second, mine, summary_zh="我的摘要")
    assert differences(answer) == {
        "Title (English)": ("Pledge P1.01", "Theirs", "Pledge P1.01", "THEIRS"),
        "Summary (Chinese)": ("", "", "我的摘要", "YOURS"),
        "Sectors": ("", "Hydrogen", "", "THEIRS"),
    }
    sent(second, answer)
    pledge.refresh_from_db()
    assert (pledge.title_en, pledge.summary_zh) == ("Theirs", "我的摘要")
    assert list(pledge.sectors.all()) == [sector]


def test_the_same_text_from_both_is_no_difference(world, first, second):
    draft = world.draft(world.pledge())
    theirs, mine = opened(first, "update", draft), opened(second, "update", draft)
    sent(first, theirs, narrative_en="One line.\r\nAnother.")
    answer = sent(second, mine, narrative_en="One line.\nAnother.")
    assert answer.status_code == 409
    assert differences(answer) == {}
    assert "nothing differs from what you see" in answer.content.decode()


def test_two_windows_of_one_person_are_two_people(world, first):
    draft = world.draft(world.pledge())
    one, other = opened(first, "update", draft), opened(first, "update", draft)
    sent(first, one, narrative_en="One.")
    answer = sent(first, other, narrative_en="Other.")
    assert answer.status_code == 409
    assert "You saved it yourself, in another window" in answer.content.decode()


STRANGE = [None, "", "x", "[]", "{}", '{"version": "1"}', '{"version": 1, "fields": 7}', "[" * 9999]


def test_a_page_that_does_not_say_what_it_was_opened_with_is_an_old_one(world, first):
    draft = world.draft(world.pledge())
    Update.objects.get(pk=draft.pk).save()
    typed = form_of(opened(first, "update", draft)) | {"narrative_en": "Mine."}
    for token in STRANGE:
        typed.pop("opened", None)
        if token is not None:
            typed["opened"] = token
        answer = first.post(address("update", "change", draft.pk), typed)
        assert answer.status_code == 409, token
        told = differences(answer)["Narrative (English)"]
        assert told[1:] == ("Work went on.", "Mine.", "BOTH"), token
    draft.refresh_from_db()
    assert draft.narrative_en == "Work went on."


def test_an_ordinary_fault_does_not_pass_for_having_seen_the_latest(world, first, second):
    draft = world.draft(world.pledge())
    mine = opened(second, "update", draft)
    answer = sent(second, mine, effective_on="31/02/2025", narrative_en="Mine.")
    assert answer.status_code == 200
    sent(first, opened(first, "update", draft), narrative_en="Theirs.")
    answer = sent(second, answer, effective_on="2023-02-01")
    assert differences(answer)["Narrative (English)"] == (
        "Work went on.",
        "Theirs.",
        "Mine.",
        "BOTH",
    )


def test_submitting_what_somebody_else_changed_is_stopped_too(world, first, second):
    draft = world.draft(world.pledge())
    mine = opened(second, "update", draft)
    sent(first, opened(first, "update", draft), narrative_en="Theirs.")
    answer = second.post(mine.request["PATH_INFO"], form_of(mine) | {"_submit": "1"})
    assert answer.status_code == 409
    draft.refresh_from_db()
    assert draft.state == UpdateState.DRAFT


def test_in_chinese_the_page_speaks_chinese_and_dates_are_no_difference(world, first, second):
    draft = world.draft(world.pledge(), due_on=date(2027, 12, 31), due_precision="year")
    second.cookies["django_language"] = "zh-hans"
    mine = opened(second, "update", draft)
    typed = form_of(mine) | {"effective_on": "2023/01/01", "narrative_zh": "我的"}
    sent(first, opened(first, "update", draft), narrative_zh="对方的")
    answer = second.post(mine.request["PATH_INFO"], typed)
    assert [one[1:3] for one in differences(answer).values()] == [("对方的", "我的")]
    page = answer.content.decode()
    assert "尚未保存" in page
    assert not re.search(r"\sstyle=", page)


# --- rows -----------------------------------------------------------------------------------


def test_evidence_that_the_other_added_changed_and_removed_is_not_overwritten(world, first, second):
    draft = world.draft(world.pledge(), evidence=3)
    theirs, mine = opened(first, "update", draft), opened(second, "update", draft)
    one, two, three = draft.evidence.order_by("pk")
    typed = {"evidence-0-title": "Theirs", "evidence-1-DELETE": "on"}
    sent(first, theirs, **typed, **evidence_row(3, title="Added by them"))
    answer = sent(
        second,
        mine,
        **{"evidence-0-publisher": "Mine", "evidence-2-title": "Mine"},
        **evidence_row(3, title="Added by me"),
    )
    assert answer.status_code == 409
    assert sorted(outcomes(answer)) == ["ADDED", "REMOVED", "YOU_ADD"]
    assert [e.title for e in draft.evidence.order_by("pk")] == [
        "Theirs",
        "Document 3",
        "Added by them",
    ]
    assert sent(second, answer).status_code == 302
    assert [(e.title, e.publisher) for e in draft.evidence.order_by("pk")] == [
        ("Theirs", "Mine"),
        ("Mine", "Publisher"),
        ("Added by them", "The commission"),
        ("Added by me", "The commission"),
    ]
    assert {one.pk, three.pk} < set(draft.evidence.values_list("pk", flat=True))
    assert not Evidence.objects.filter(pk=two.pk).exists()


def test_a_row_that_the_other_removed_while_i_changed_it_is_kept_as_a_new_one(world, first, second):
    draft = world.draft(world.pledge())
    theirs, mine = opened(first, "update", draft), opened(second, "update", draft)
    sent(first, theirs, **{"evidence-0-DELETE": "on"})
    answer = sent(second, mine, **{"evidence-0-title": "Mine"})
    assert outcomes(answer) == ["REVIVED"]
    assert not draft.evidence.exists()
    sent(second, answer)
    assert draft.evidence.get().title == "Mine"


def test_a_row_that_i_removed_while_the_other_changed_it_stays(world, first, second):
    draft = world.draft(world.pledge())
    theirs, mine = opened(first, "update", draft), opened(second, "update", draft)
    sent(first, theirs, **{"evidence-0-title": "Theirs"})
    answer = sent(second, mine, **{"evidence-0-DELETE": "on"})
    assert outcomes(answer) == ["SPARED"]
    sent(second, answer)
    assert draft.evidence.get().title == "Theirs"
    # Whoever removes it now has seen it.
    sent(second, opened(second, "update", draft), **{"evidence-0-DELETE": "on"})
    assert not draft.evidence.exists()


def test_both_change_one_cell_of_a_row(world, first, second):
    draft = world.draft(world.pledge())
    theirs, mine = opened(first, "update", draft), opened(second, "update", draft)
    sent(first, theirs, **{"evidence-0-title": "Theirs", "evidence-0-publisher": "Their office"})
    answer = sent(second, mine, **{"evidence-0-title": "Mine"})
    assert differences(answer) == {
        "Title": ("Document 1", "Theirs", "Mine", "BOTH"),
        "Publisher": ("Publisher", "Their office", "Publisher", "THEIRS"),
    }
    (errors,) = answer.context["inline_admin_formsets"][0].formset.errors
    assert "“Theirs”" in errors["title"][0]
    sent(second, answer)
    row = draft.evidence.get()
    assert (row.title, row.publisher) == ("Mine", "Their office")


def test_a_file_must_be_chosen_again_and_the_page_says_so(world, first, second):
    from django.core.files.uploadedfile import SimpleUploadedFile

    draft = world.draft(world.pledge())
    theirs, mine = opened(first, "update", draft), opened(second, "update", draft)
    sent(first, theirs, narrative_en="Theirs.")
    upload = SimpleUploadedFile("report.pdf", b"%PDF-1.4")
    answer = sent(second, mine, **{"evidence-0-file": upload})
    assert differences(answer)["File"] == ("", "", "report.pdf", "FILE")
    assert not draft.evidence.get().file


def test_responsibilities_and_milestones_of_a_pledge_are_merged(world, first, second):
    pledge = world.pledge()
    harbour, schools = world.body("harbour"), world.body("schools")
    world.responsibility(pledge, harbour)
    step = world.milestone(pledge)
    theirs, mine = opened(first, "pledge", pledge), opened(second, "pledge", pledge)
    sent(first, theirs, **{"milestones-0-title_en": "Theirs"})
    answer = sent(
        second,
        mine,
        **{
            "responsibilities-TOTAL_FORMS": "2",
            "responsibilities-1-body": str(schools.pk),
            "responsibilities-1-role": "support",
        },
    )
    assert answer.status_code == 409
    sent(second, answer)
    step.refresh_from_db()
    assert step.title_en == "Theirs"
    assert set(Responsibility.objects.values_list("body__slug", "role")) == {
        ("harbour", Role.LEAD),
        ("schools", Role.SUPPORT),
    }


def test_a_milestone_saved_elsewhere_stops_the_pledges_form(world, first, second):
    pledge = world.pledge()
    step = world.milestone(pledge)
    mine = opened(second, "pledge", pledge)
    sent(first, opened(first, "milestone", step), title_en="Theirs")
    answer = sent(second, mine, **{"milestones-0-title_zh": "我的"})
    assert differences(answer) == {
        "Title (English)": ("First step", "Theirs", "First step", "THEIRS"),
        "Title (Chinese)": ("", "", "我的", "YOURS"),
    }
    sent(second, answer)
    step.refresh_from_db()
    assert (step.title_en, step.title_zh) == ("Theirs", "我的")


def test_a_milestone_that_both_tick_off_is_one_row_and_an_untouched_row_is_none(
    world, first, second
):
    pledge = world.pledge()
    ticked, untouched = world.milestone(pledge), world.milestone(pledge, "Second step")
    draft = world.draft(pledge)
    theirs, mine = opened(first, "update", draft), opened(second, "update", draft)
    row = {"milestone_changes-0-state": "done"}
    sent(first, theirs, **row, **{"milestone_changes-0-done_on": "2022-12-01"})
    answer = sent(second, mine, **row, **{"milestone_changes-0-done_on": "2022-12-31"})
    assert differences(answer) == {"Done on": ("", "Dec. 1, 2022", "Dec. 31, 2022", "BOTH")}
    assert sent(second, answer).status_code == 302
    change = draft.milestone_changes.get()
    assert (change.milestone, change.done_on) == (ticked, date(2022, 12, 31))
    # Who touches none of them takes what the other says of them.
    mine = opened(second, "update", draft)
    row = {"milestone_changes-1-state": "dropped"}
    sent(first, opened(first, "update", draft), **row)
    answer = sent(second, mine, narrative_en="Mine.")
    assert outcomes(answer) == ["ADDED"]
    sent(second, answer)
    assert draft.milestone_changes.get(milestone=untouched).state == "dropped"
    assert draft.milestone_changes.count() == 2


def test_a_reply_is_stopped_and_merged_too(world):
    body = world.body()
    pledge = world.pledge()
    world.responsibility(pledge, body)
    entry = world.published(pledge, Status.KEPT)
    clients = [
        signed_in(world.person(f"of-the-body-{n}", StaffRole.EDITOR, bodies=[body])) for n in (1, 2)
    ]
    reply = Reply.objects.create(
        update=entry, body=body, text_en="We did.", edited_at=world.at, edited_by=world.author
    )
    theirs, mine = (opened(client, "reply", reply) for client in clients)
    sent(clients[0], theirs, text_zh="对方的")
    answer = sent(clients[1], mine, text_en="We did it all.")
    assert answer.status_code == 409
    sent(clients[1], answer)
    reply.refresh_from_db()
    assert (reply.text_en, reply.text_zh) == ("We did it all.", "对方的")


def test_publishing_many_spares_what_was_changed_since_it_was_shown(world, first):
    updates = [world.submitted(world.pledge(code)) for code in ("P1.01", "P1.02")]
    reviewer = signed_in(world.reviewer)
    chosen = {"action": "publish_chosen", "_selected_action": [one.pk for one in updates]}
    page = reviewer.post(address("update", "changelist"), chosen)
    step(first, updates[0], "withdraw")
    step(first, updates[0], "submit")
    chosen |= {"confirmed": "1", "opened": page.context["opened"]}
    answer = reviewer.post(address("update", "changelist"), chosen)
    assert {one.update.pk: one.reasons for one in answer.context["outcomes"]} == {
        updates[0].pk: (str(Refusal.CHANGED_MEANWHILE.label),),
        updates[1].pk: (),
    }
    assert Update.objects.published().get() == updates[1]


# --- too late ---------------------------------------------------------------------------------


def test_what_was_submitted_meanwhile_leaves_the_text_to_copy(world, first, second):
    draft = world.draft(world.pledge())
    mine = opened(second, "update", draft)
    first.post(address("update", "step", draft.pk, "submit"), {"seen": draft.version})
    answer = sent(second, mine, narrative_en="Long typed text.", **{"evidence-0-title": "My find"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Long typed text." in page
    assert "My find" in page
    assert "The last step was taken by author" in page
    draft.refresh_from_db()
    assert draft.narrative_en == "Work went on."


@pytest.mark.parametrize("why", ["deleted", "out of care"])
def test_what_is_gone_meanwhile_leaves_the_text_to_copy(world, first, why):
    pledge, body = world.pledge(), world.body()
    world.responsibility(pledge, body)
    person = world.person("of-the-body", StaffRole.EDITOR, bodies=[body])
    draft = world.draft(pledge, narrative_zh="秘密")
    mine = opened(signed_in(person), "update", draft)
    if why == "deleted":
        draft.delete()
    else:
        body.members.clear()
    answer = sent(signed_in(person), mine, narrative_en="Long typed text.", narrative_zh="")
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Long typed text." in page
    assert "秘密" not in page
    assert pledge.code not in page


def test_what_a_pledge_no_longer_takes_is_shown(world, first, second):
    pledge = world.pledge(public=False)
    mine = opened(first, "pledge", pledge)
    signed_in(world.reviewer).post(address("pledge", "step", pledge.pk, "publish"))
    answer = sent(first, mine, wording="we may do it", title_en="Mine")
    assert differences(answer) == {
        "Title (English)": ("Pledge P1.01", "Pledge P1.01", "Mine", "YOURS"),
        "wording": ("we will do P1.01", None, "we may do it", "CLOSED"),
    }


# --- lists ------------------------------------------------------------------------------------


def list_form(client, **typed):
    """What a browser would send of the list of milestones, unchanged but for what is typed."""
    page = client.get(address("milestone", "changelist"))
    formset = page.context["cl"].formset
    data = {"_save": "1", "opened": page.context["opened"]}
    for form in (formset.management_form, *formset.forms):
        data |= {field.html_name: field.value() for field in form}
    return data | typed


def send_list(client, data):
    return client.post(address("milestone", "changelist"), data)


@pytest.fixture
def steps(world):
    pledge = world.pledge()
    return [world.milestone(pledge, f"Step {n}", order=n) for n in (1, 2, 3)]


def titles():
    return list(Milestone.objects.order_by("pk").values_list("title_en", flat=True))


def test_two_who_edit_different_rows_of_a_list_both_save(steps, first, second):
    theirs = list_form(first, **{"form-0-title_en": "Theirs"})
    mine = list_form(second, **{"form-2-title_en": "Mine"})
    assert send_list(first, theirs).status_code == 302
    assert send_list(second, mine).status_code == 302
    # The stock list would have put the old title of the first row back.
    assert titles() == ["Theirs", "Step 2", "Mine"]


def test_the_second_save_of_one_row_of_a_list_is_stopped(steps, first, second):
    theirs = list_form(first, **{"form-0-title_en": "Theirs", "form-0-order": "9"})
    mine = list_form(second, **{"form-0-title_en": "Mine", "form-1-title_zh": "我的"})
    send_list(first, theirs)
    answer = send_list(second, mine)
    assert answer.status_code == 409
    assert titles() == ["Theirs", "Step 2", "Step 3"]
    assert differences(answer) == {
        "Title (English)": ("Step 1", "Theirs", "Mine", "BOTH"),
        "Order": ("1", "9", "1", "THEIRS"),
    }
    # The rows stand in the order in which they were sent, each with its own inputs.
    rows = answer.context["cl"].result_list
    assert [row.pk for row in rows] == [step.pk for step in steps]
    formset = answer.context["cl"].formset
    data = {field.html_name: field.value() for form in formset.forms for field in form}
    assert (data["form-0-title_en"], data["form-0-order"]) == ("Mine", "9")
    assert data["form-1-title_zh"] == "我的"
    assert "“Theirs”" in formset.errors[0]["title_en"][0]
    again = mine | data | {"opened": answer.context["opened"]}
    assert send_list(second, again).status_code == 302
    assert titles() == ["Mine", "Step 2", "Step 3"]
    assert Milestone.objects.get(pk=steps[0].pk).order == 9
    assert Milestone.objects.get(pk=steps[1].pk).title_zh == "我的"


def test_a_row_of_a_list_that_is_gone_shows_what_was_typed(steps, first):
    mine = list_form(first, **{"form-0-title_en": "Mine", "form-2-title_en": "Mine too"})
    steps[0].delete()
    answer = send_list(first, mine)
    assert answer.status_code == 409
    assert outcomes(answer) == ["GONE"]
    assert differences(answer) == {"Title (English)": ("Step 1", None, "Mine", "GONE")}
    assert titles() == ["Step 2", "Step 3"]


def test_a_list_that_does_not_say_what_it_was_opened_with_is_an_old_one(steps, first):
    mine = list_form(first, **{"form-1-title_en": "Mine"})
    del mine["opened"]
    answer = send_list(first, mine)
    assert answer.status_code == 409
    assert differences(answer) == {"Title (English)": (None, "Step 2", "Mine", "BOTH")}


def test_a_strange_key_in_a_list_does_no_harm(steps, first):
    mine = list_form(first, **{"form-1-title_en": "Mine"})
    for key in ("", "x", "²", "9" * 30, "-1"):
        assert send_list(first, mine | {"form-1-id": key}).status_code == 409, key
    assert titles() == ["Step 1", "Step 2", "Step 3"]


def test_the_inputs_of_a_list_say_their_column_and_their_row(steps, first):
    page = first.get(address("milestone", "changelist")).content.decode()
    assert 'aria-label="Title (English): Step 2"' in page
    assert 'aria-label="Order: Step 3"' in page


# --- steps, actions, deletions --------------------------------------------------------------


def step(client, update, name, **data):
    return client.post(address("update", "step", update.pk, name), data, follow=True)


def button(page, name):
    """What the button of a step on this page sends."""
    html = page.content.decode()
    form = html[html.index(f"/step/{name}/") :]
    return {"seen": re.search(r'name="seen" value="(\d+)"', form)[1]}


def test_an_old_review_page_does_not_publish_what_was_changed_meanwhile(world, first):
    update = world.submitted(world.pledge(), Status.STALLED)
    reviewer = signed_in(world.reviewer)
    old = button(opened(reviewer, "update", update), "publish")
    page = opened(first, "update", update)
    step(first, update, "withdraw", **button(page, "withdraw"))
    page = opened(first, "update", update)
    first.post(page.request["PATH_INFO"], form_of(page) | {"status": "in_progress", "_submit": "1"})
    update.refresh_from_db()
    assert (update.state, update.status) == (UpdateState.SUBMITTED, Status.IN_PROGRESS)
    for name in ("publish", "return"):
        answer = step(reviewer, update, name, reason="Why?", **old)
        assert messages_of(answer) == [Refusal.CHANGED_MEANWHILE.label]
    update.refresh_from_db()
    assert update.state == UpdateState.SUBMITTED
    step(reviewer, update, "publish", **button(opened(reviewer, "update", update), "publish"))
    assert Update.objects.published().get() == update


def test_a_withdrawal_and_resubmission_alone_is_a_change_too(world, first):
    update = world.submitted(world.pledge())
    reviewer = signed_in(world.reviewer)
    old = button(opened(reviewer, "update", update), "publish")
    step(first, update, "withdraw")
    step(first, update, "submit")
    assert messages_of(step(reviewer, update, "publish", **old)) == [
        Refusal.CHANGED_MEANWHILE.label
    ]


def test_a_strange_version_publishes_nothing(world):
    update = world.submitted(world.pledge())
    reviewer = signed_in(world.reviewer)
    for seen in ("", "x", "-1", "²", "9" * 30):
        answer = step(reviewer, update, "publish", seen=seen)
        assert messages_of(answer) == [Refusal.CHANGED_MEANWHILE.label], seen
    assert not Update.objects.published().exists()


def test_publishing_twice_with_one_page_is_once_and_says_so(world):
    update = world.submitted(world.pledge())
    reviewer = signed_in(world.reviewer)
    page = button(opened(reviewer, "update", update), "publish")
    step(reviewer, update, "publish", **page)
    answer = step(reviewer, update, "publish", **page)
    assert messages_of(answer) == [
        "It is published already, as entry 1 of the record. Nothing was done twice."
    ]
    assert Update.objects.published().count() == 1


def test_a_pledge_changed_since_it_was_seen_is_not_made_public(world, first):
    pledges = [world.pledge(code, public=False) for code in ("P1.01", "P1.02")]
    reviewer = signed_in(world.reviewer)
    listing = reviewer.get(address("pledge", "changelist"))
    old = button(opened(reviewer, "pledge", pledges[0]), "publish")
    sent(first, opened(first, "pledge", pledges[0]), wording="we may do it")
    answer = reviewer.post(address("pledge", "step", pledges[0].pk, "publish"), old, follow=True)
    assert messages_of(answer) == [Refusal.CHANGED_MEANWHILE.label]
    chosen = {"action": "make_public", "_selected_action": [pledge.pk for pledge in pledges]}
    chosen["opened"] = listing.context["opened"]
    answer = reviewer.post(address("pledge", "changelist"), chosen, follow=True)
    assert messages_of(answer) == [
        f"P1.01: {Refusal.CHANGED_MEANWHILE.label}",
        "1 pledge is public now.",
    ]
    assert list(Pledge.objects.published()) == [pledges[1]]


def test_a_draft_changed_since_it_was_seen_is_not_deleted(world, first, second):
    draft = world.draft(world.pledge())
    page = second.get(address("update", "delete", draft.pk), follow=True)
    here = f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}"
    sent(first, opened(first, "update", draft), narrative_en="Theirs.")
    answer = second.post(here, {"post": "yes"}, follow=True)
    assert messages_of(answer) == [Refusal.CHANGED_MEANWHILE.label]
    assert Update.objects.filter(pk=draft.pk).exists()
    page = second.get(address("update", "delete", draft.pk), follow=True)
    here = f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}"
    second.post(here, {"post": "yes"})
    assert not Update.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("when", ["before the question", "before the answer", "never"])
def test_drafts_are_deleted_in_bulk_as_they_were_seen(world, first, second, when):
    pledge = world.pledge()
    drafts = [world.draft(pledge), world.draft(pledge)]
    listing = second.get(address("update", "changelist"))
    chosen = {"action": "delete_selected", "_selected_action": [draft.pk for draft in drafts]}
    chosen["opened"] = listing.context["opened"]

    def change():
        sent(first, opened(first, "update", drafts[0]), narrative_en="Theirs.")

    if when == "before the question":
        change()
    page = second.post(address("update", "changelist"), chosen, follow=True)
    if when != "before the question":
        carried = re.search(r'name="opened" value="([^"]+)"', page.content.decode())[1]
        chosen |= {"post": "yes", "opened": carried.replace("&quot;", '"')}
        assert set(json.loads(chosen["opened"])) == {str(draft.pk) for draft in drafts}
        if when == "before the answer":
            change()
        page = second.post(address("update", "changelist"), chosen, follow=True)
    assert Update.objects.count() == (0 if when == "never" else 2)
    assert any(str(Refusal.CHANGED_MEANWHILE.label) in said for said in messages_of(page)) == (
        when != "never"
    )


# --- who wrote in it -------------------------------------------------------------------------


def test_whoever_saves_corrects_or_submits_an_update_is_one_of_its_writers(world, first, second):
    draft = world.draft(world.pledge(), Status.KEPT)
    both = world.person("both", StaffRole.EDITOR, StaffRole.REVIEWER)
    sent(signed_in(both), opened(signed_in(both), "update", draft), narrative_en="Both.")
    sent(second, opened(second, "update", draft), narrative_en="Second.")
    step(first, draft, "submit")
    draft.refresh_from_db()
    assert {person.username for person in draft.writers.all()} == {"both", "colleague", "author"}
    # Neither the author nor the last editor, and yet one of those who wrote it.
    answer = step(signed_in(both), draft, "publish")
    assert messages_of(answer) == [Refusal.REVIEWER_IS_AUTHOR.label]
    step(signed_in(world.reviewer), draft, "publish")
    step(second, draft, "correct")
    correction = Update.objects.get(corrects=draft)
    assert [person.username for person in correction.writers.all()] == ["colleague"]
