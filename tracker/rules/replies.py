"""When a body's reply may stand beside a verdict: the right of reply.

`refusals` is asked by the form and by the step; the database's trigger is the second belt.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tracker.vocabulary import Refusal, Status


@dataclass(frozen=True)
class Answer:
    """What the rules look at in a reply that asks to be published."""

    status: str
    update_is_published: bool
    update_is_corrected: bool
    body_leads: bool
    has_text: bool
    is_published: bool = False


def may_be_answered(status: str, *, is_published: bool, is_corrected: bool) -> bool:
    """Whether an update of that kind takes replies."""
    return is_published and not is_corrected and status in Status.final()


def refusals(answer: Answer) -> Iterator[Refusal]:
    """Why `answer` may not be published; nothing if it may."""
    if answer.is_published:
        yield Refusal.REPLY_IS_PUBLISHED
    if not answer.update_is_published:
        yield Refusal.REPLIES_TO_UNPUBLISHED
    if answer.status not in Status.final():
        yield Refusal.REPLIES_TO_NOT_FINAL
    if answer.update_is_corrected:
        yield Refusal.REPLIES_TO_CORRECTED
    if not answer.body_leads:
        yield Refusal.REPLIES_WITHOUT_LEAD
    if not answer.has_text:
        yield Refusal.SAYS_NOTHING
