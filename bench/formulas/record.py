"""A record whose every text is hostile, written and published by the staff's own actions."""

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.utils import timezone

from tracker.actions import pledges, updates
from tracker.models import Evidence, Pledge, Programme, Update, User
from tracker.vocabulary import Status

DAY = date(2022, 8, 20)
PLEDGES = 40
#: The texts of a pledge, an entry and its evidence that reports hold.
OF_A_PLEDGE = tuple(
    f"{name}_{language}"
    for name in ("title", "summary", "yardstick", "wording_note")
    for language in ("en", "zh")
)
OF_AN_ENTRY = ("narrative_en", "narrative_zh")
OF_EVIDENCE = ("title", "publisher", "quotation", "note_en", "note_zh")


def cells(entries: int) -> int:
    return PLEDGES * len(OF_A_PLEDGE) + entries * len(OF_AN_ENTRY + OF_EVIDENCE)


@transaction.atomic
def fill(texts: Iterator[str], entries: int) -> None:
    """A text for each cell: of 40 pledges, of so many entries, and of a piece of evidence each."""
    at = timezone.now()
    author, reviewer = (
        User.objects.create(username=name, is_staff=True, is_superuser=True, is_site_wide=True)
        for name in ("an-author", "a-reviewer")
    )
    programme = Programme.objects.create(slug="hostile", name_en="Hostile", announced_on=DAY)

    def drawn(names: tuple[str, ...]) -> dict[str, str]:
        return {name: next(texts) for name in names}

    of_all = []
    for number in range(PLEDGES):
        pledge = Pledge.objects.create(
            programme=programme,
            code=f"F{number}",
            slug=f"f{number}",
            wording="w",
            announced_on=DAY,
            **drawn(OF_A_PLEDGE),
        )
        of_all.append(pledges.publish_pledge(pledge, by=reviewer, at=at))
    for number in range(entries):
        draft = Update.objects.create(
            pledge=of_all[number % PLEDGES],
            status=Status.IN_PROGRESS,
            effective_on=date(2023, 1, 1),
            created_at=at,
            created_by=author,
            edited_at=at,
            edited_by=author,
            **drawn(OF_AN_ENTRY),
        )
        Evidence.objects.create(
            update=draft,
            kind="official",
            url="https://example.org/document",
            **drawn(OF_EVIDENCE),
        )
        updates.publish(updates.submit(draft, by=author, at=at), by=reviewer, at=at)
