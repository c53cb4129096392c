"""When a reporting period may be closed, and as of which day its reports are then known."""

from collections.abc import Iterator
from datetime import date, timedelta

from tracker.vocabulary import Refusal


def known_on(closed_on: date) -> date:
    """The day as of which the reports of a period closed on `closed_on` are known: the day before.

    More may be published later on the day of closing, and then a report "as known on" that day
    would differ from the one that was frozen. The day before is over: its reports give the same
    bytes whenever they are made again (DESIGN, rule 7).
    """
    return closed_on - timedelta(days=1)


def refusals(
    *, is_closed: bool, ends_on: date, on: date, missing: int, although_missing: bool
) -> Iterator[Refusal]:
    """Why a period may not be closed on day `on`; nothing if it may.

    With entries missing it may be closed only by someone who says that they know
    (`although_missing`).
    """
    if is_closed:
        yield Refusal.PERIOD_CLOSED
        return
    if on <= ends_on:
        yield Refusal.PERIOD_NOT_OVER
    if missing and not although_missing:
        yield Refusal.PERIOD_INCOMPLETE
