"""Readers' messages at the desk: read by who cares for the pledge, handled by reviewers."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from tests.admin.desk import address, messages_of, signed_in
from tracker.actions import feedback
from tracker.models import Feedback
from tracker.vocabulary import StaffRole


@pytest.fixture
def message(world):
    """A message on a pledge that the body `harbour` leads."""
    pledge = world.pledge()
    world.responsibility(pledge, world.body("harbour"))
    return feedback.receive(
        pledge,
        kind="evidence",
        text="See the gazette.",
        url="https://example.org/gazette",
        email="reader@example.org",
        on=date(2026, 11, 23),
    )


def test_a_reviewer_reads_it_and_marks_it_as_handled(world, message):
    reviewer = signed_in(world.reviewer)
    page = reviewer.get(address("feedback", "change", message.pk))
    for words in ("See the gazette.", "https://example.org/gazette", "reader@example.org"):
        assert words in page.content.decode()
    step = page.context["handle_address"]
    answer = reviewer.post(step, follow=True)
    assert messages_of(answer) == ["Marked as handled."]
    message.refresh_from_db()
    assert message.handled_by == world.reviewer
    again = reviewer.get(address("feedback", "change", message.pk))
    assert step not in again.content.decode()


def test_handling_it_again_changes_nothing(world, message):
    first = feedback.handle(message, by=world.reviewer, at=world.at)
    again = feedback.handle(message, by=world.reviewer, at=world.later(days=1))
    assert again.handled_at == first.handled_at


def test_an_editor_begins_an_update_from_it_and_does_not_handle_it(world, message):
    editor = signed_in(world.author)
    page = editor.get(address("feedback", "change", message.pk))
    begin = page.context["begin_address"]
    assert editor.get(begin).context["adminform"].form["pledge"].value() == message.pledge_id
    assert editor.post(address("feedback", "step", message.pk, "handle")).status_code == 403
    message.refresh_from_db()
    assert message.handled_at is None


def test_nobody_writes_in_it_or_deletes_it(world, message):
    reviewer = signed_in(world.reviewer)
    page = address("feedback", "change", message.pk)
    reviewer.post(page, {"text": "Something else.", "email": ""})
    message.refresh_from_db()
    assert (message.text, message.email) == ("See the gazette.", "reader@example.org")
    assert reviewer.get(address("feedback", "add")).status_code == 403
    assert reviewer.get(address("feedback", "delete", message.pk)).status_code == 403


def test_staff_of_another_body_see_nothing_of_it(world, message):
    schools = world.body("schools")
    other = world.person("other", StaffRole.REVIEWER, bodies=[schools])
    client = signed_in(other)
    assert not client.get(address("feedback", "changelist")).context["cl"].queryset
    assert client.get(address("feedback", "change", message.pk)).status_code == 302
    assert client.post(address("feedback", "step", message.pk, "handle")).status_code == 404
    with pytest.raises(PermissionDenied):
        feedback.handle(message, by=other, at=world.at)


def test_the_list_is_narrowed_to_those_that_wait(world, message):
    reviewer = signed_in(world.reviewer)

    def rows(handled):
        page = reviewer.get(address("feedback", "changelist"), {"handled": handled})
        return len(page.context["cl"].queryset)

    assert (rows("0"), rows("1")) == (1, 0)
    feedback.handle(message, by=world.reviewer, at=world.at)
    assert (rows("0"), rows("1")) == (0, 1)
    assert Feedback.objects.waiting().count() == 0
