"""What an entry may hold and none of the Lingang record does yet, published by the staff's own
actions: milestones ticked off and moved, a due date moved, a correction with its reason."""

from datetime import date, timedelta

from tracker.actions import updates
from tracker.models import Evidence, Milestone, MilestoneChange, Pledge, Update, User
from tracker.vocabulary import Status


def fill(pledges: int = 6) -> None:
    """Publishes an entry on so many pledges, a minute apart, and a correction of every other."""
    last = Update.objects.published().newest_first().first()
    assert last
    assert last.published_at
    at = last.published_at + timedelta(hours=1)
    author, reviewer = (
        User.objects.create(username=name, is_staff=True, is_superuser=True, is_site_wide=True)
        for name in ("an-author", "a-reviewer")
    )

    def publish(draft: Update) -> Update:
        submitted = updates.submit(draft, by=author, at=at)
        return updates.publish(submitted, by=reviewer, at=at)

    for number, pledge in enumerate(Pledge.objects.published().order_by("code")[:pledges]):
        steps = [
            Milestone.objects.create(pledge=pledge, title_en=f"Step {step}", order=step)
            for step in (1, 2)
        ]
        draft = Update.objects.create(
            pledge=pledge,
            status=Status.IN_PROGRESS,
            effective_on=date(2024, 1, 1 + number),
            reported_progress=40 + number,
            due_on=date(2030, 12, 31),
            due_precision="year",
            narrative_en="Work went on.",
            narrative_zh="工作在推进。",
            created_at=at,
            created_by=author,
            edited_at=at,
            edited_by=author,
        )
        Evidence.objects.create(
            update=draft,
            kind="official",
            title="通知",
            language="zh",
            publisher="The commission",
            url="https://example.org/notice",
            published_on=date(2024, 1, 1),
            seen_on=date(2024, 1, 2),
            quotation="已完成",
            note_en="Page 3.",
        )
        done, moved = steps
        MilestoneChange.objects.create(
            update=draft, milestone=done, state="done", done_on=date(2023, 12, 1)
        )
        MilestoneChange.objects.create(
            update=draft,
            milestone=moved,
            state="open",
            due_on=date(2026, 6, 30),
            due_precision="month",
        )
        entry = publish(draft)
        at += timedelta(minutes=1)
        if number % 2:
            correction = updates.correct(entry, by=author, at=at)
            correction.correction_reason_en = "A slip."
            correction.save()
            publish(correction)
            at += timedelta(minutes=1)
