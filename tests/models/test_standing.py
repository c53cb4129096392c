"""Where a pledge stands: the database, the rule and a naive reading of the record are one."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from tracker.actions import updates
from tracker.models import Evidence, Milestone, MilestoneChange, Pledge, Standing, Update
from tracker.rules import standing as rule
from tracker.vocabulary import Refusal, Status, UpdateState

SHANGHAI = timezone(timedelta(hours=8))
DAY_0 = date(2024, 1, 1)
LAST_DAY = 24
FIELDS = (
    "status",
    "entry_id",
    "last_entry_on",
    "reported_progress",
    "due_on",
    "due_precision",
    "milestones_total",
    "milestones_done",
)

#: What is said of a due date: how exactly, the day given, and the last day that this means.
DUE = [
    ("", None, None),
    ("none", None, None),
    ("day", date(2024, 1, 9), date(2024, 1, 9)),
    ("month", date(2024, 2, 3), date(2024, 2, 29)),
    ("year", date(2025, 5, 5), date(2025, 12, 31)),
]


def day(number):
    return DAY_0 + timedelta(days=number)


@dataclass(frozen=True)
class Step:
    """One thing that happens to the record. A drawn number is taken modulo what there is."""

    pledge: int
    corrects: int | None
    status: str
    published: int
    minute: int
    lag: int
    reported: int | None
    due: int
    changes: dict[int, str]
    until: str

    @property
    def at(self):
        midnight = datetime.combine(day(self.published), datetime.min.time(), SHANGHAI)
        return midnight + timedelta(minutes=self.minute)

    @property
    def effective_on(self):
        return day(max(0, self.published - self.lag))


steps = st.builds(
    Step,
    pledge=st.sampled_from([0, 0, 0, 1]),
    corrects=st.one_of(st.none(), st.integers(0, 9)),
    status=st.sampled_from(Status.values),
    published=st.integers(0, LAST_DAY),
    minute=st.sampled_from([0, 1, 479, 480, 720, 1439]),
    lag=st.integers(0, 12),
    reported=st.one_of(st.none(), st.integers(0, 100)),
    due=st.integers(0, len(DUE) - 1),
    changes=st.dictionaries(
        st.integers(0, 1), st.sampled_from(["open", "done", "dropped"]), max_size=2
    ),
    until=st.sampled_from(["draft", "submitted", "returned"] + ["published"] * 7),
)
days_asked = st.lists(
    st.tuples(st.integers(-2, LAST_DAY + 3), st.one_of(st.none(), st.integers(-2, LAST_DAY + 3))),
    min_size=4,
    max_size=4,
)


@dataclass(frozen=True)
class Line:
    """A published entry as the test itself remembers it."""

    pk: int
    pledge: int
    corrects: int | None
    status: str
    effective_on: date
    published_on: date
    order: int
    reported: int | None
    due: tuple[str, date | None, date | None]
    changes: dict[int, str]


@dataclass
class Reading:
    """What a reader who walks through the record from its first day comes to."""

    status: str
    entry_id: int | None
    last_entry_on: date
    reported_progress: int | None
    due_on: date | None
    due_precision: str
    since: date | None = None
    holding: list[int] = field(default_factory=list)
    milestones: dict[int, str] = field(default_factory=dict)

    @property
    def milestones_total(self):
        return sum(state != "dropped" for state in self.milestones.values())

    @property
    def milestones_done(self):
        return sum(state == "done" for state in self.milestones.values())

    @property
    def standing(self):
        return {name: getattr(self, name) for name in FIELDS}


def read(lines, pledge, original_due, on, known_on):
    """The oracle: walk through the entries, the oldest first, and let each overwrite the last."""
    known = [
        line
        for line in lines
        if line.pledge == pledge and (known_on is None or line.published_on <= known_on)
    ]
    withdrawn = [line.corrects for line in known if line.corrects is not None]
    reading = Reading("not_rated", None, DAY_0, None, original_due[2], original_due[0])
    for line in sorted(known, key=lambda line: (line.effective_on, line.order)):
        if line.effective_on > on or line.pk in withdrawn:
            continue
        if reading.entry_id is None or reading.status != line.status:
            reading.since = line.effective_on
        reading.status, reading.entry_id = line.status, line.pk
        reading.last_entry_on = line.effective_on
        if line.reported is not None:
            reading.reported_progress = line.reported
        if line.due[0]:
            reading.due_precision, _given, reading.due_on = line.due
        reading.milestones |= line.changes
        reading.holding.insert(0, line.pk)
    return reading


class History:
    """Two pledges, what happened to them through the actions, and what was published of it."""

    def __init__(self, world, original_due):
        self.world = world
        self.original_due = original_due
        precision, given_on, _last = original_due
        self.pledges = [
            world.pledge(
                code,
                announced_on=DAY_0,
                original_due_on=given_on,
                original_due_precision=precision,
            )
            for code in ("P1.01", "P1.02")
        ]
        self.milestones = [
            [world.milestone(pledge, f"Step {n}", order=n) for n in (0, 1)]
            for pledge in self.pledges
        ]
        self.lines = []

    def take(self, step):
        world, pledge = self.world, self.pledges[step.pledge]
        replaced = {line.corrects for line in self.lines}
        open_lines = [
            line for line in self.lines if line.pledge == step.pledge and line.pk not in replaced
        ]
        target = None
        if step.corrects is not None and open_lines:
            target = open_lines[-1 - step.corrects % len(open_lines)]
            update = updates.correct(Update.objects.get(pk=target.pk), by=world.author, at=step.at)
            update.correction_reason_en = "A slip."
            update.evidence.all().delete()
            update.milestone_changes.all().delete()
            event("a correction of a correction" if target.corrects else "a correction")
        else:
            update = Update(
                pledge=pledge,
                narrative_en="Work went on.",
                created_at=step.at,
                created_by=world.author,
                edited_at=step.at,
                edited_by=world.author,
            )
        precision, given_on, _last = DUE[step.due]
        update.status, update.effective_on = step.status, step.effective_on
        update.reported_progress = step.reported
        update.due_on, update.due_precision = given_on, precision
        update.clean()
        update.save()
        if step.status != Status.NOT_RATED:
            Evidence.objects.create(update=update, kind="law", title="A", url="https://a.example")
        for number, state in step.changes.items():
            done_on = step.effective_on if state == "done" else None
            milestone = self.milestones[step.pledge][number]
            MilestoneChange.objects.create(
                update=update, milestone=milestone, state=state, done_on=done_on
            )
        if step.until == "draft":
            return
        update = updates.submit(update, by=world.author, at=step.at)
        if step.until == "returned":
            updates.return_(update, by=world.reviewer, at=step.at, reason="Say more.")
        if step.until != "published":
            return
        update = updates.publish(update, by=world.reviewer, at=step.at)
        self.lines.append(
            Line(
                pk=update.pk,
                pledge=step.pledge,
                corrects=target.pk if target else None,
                status=step.status,
                effective_on=step.effective_on,
                published_on=day(step.published),
                order=len(self.lines),
                reported=step.reported,
                due=DUE[step.due],
                changes=step.changes,
            )
        )

    def read(self, pledge, on, known_on=None):
        return read(self.lines, pledge, self.original_due, on, known_on)


def standings(**dates):
    """What `as_of` says of each pledge, in the order of their codes."""
    return list(Pledge.objects.as_of(**dates).order_by("code").values(*FIELDS))


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(
    deadline=None,
    max_examples=20,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    taken=st.lists(steps, min_size=1, max_size=9),
    original_due=st.sampled_from(DUE[1:]),
    asked=days_asked,
)
def test_every_way_to_a_standing_gives_the_same_for_any_history(world, taken, original_due, asked):
    with undone():
        history = History(world, original_due)
        for step in taken:
            history.take(step)
            event(step.until)
        for on, known_on in asked:
            agree(history, day(on), None if known_on is None else day(known_on))
        stored_is_the_latest(history)


def agree(history, on, known_on):
    readings = [history.read(number, on, known_on) for number in (0, 1)]
    assert standings(on=on, known_on=known_on) == [reading.standing for reading in readings]
    for pledge, milestones, reading in zip(
        history.pledges, history.milestones, readings, strict=True
    ):
        held = Milestone.objects.filter(pledge=pledge).as_of(on, known_on)
        assert {m.pk: m.state for m in held} == {
            milestones[number].pk: state for number, state in reading.milestones.items()
        }
        in_effect = pledge.updates.in_effect(on, known_on).latest_first()
        assert [entry.pk for entry in in_effect] == reading.holding
        holding = rule.in_effect(pledge.updates.all(), on, known_on)
        assert [entry.pk for entry in holding] == reading.holding
        assert rule.status_of(holding) == reading.status
        assert rule.since(holding) == reading.since


def stored_is_the_latest(history):
    latest = day(LAST_DAY)
    expected = [history.read(number, latest).standing for number in (0, 1)]
    assert standings() == expected
    assert standings(on=latest) == expected
    assert standings(known_on=latest) == expected
    assert list(Standing.objects.order_by("pledge__code").values(*FIELDS)) == expected


def test_a_standing_without_a_day_is_that_of_the_day_of_knowledge(world):
    pledge = world.pledge()
    entry = world.published(pledge, effective_on=date(2023, 1, 1))
    day_before = entry.published_on - timedelta(days=1)
    assert standings(known_on=entry.published_on)[0]["entry_id"] == entry.pk
    assert standings(known_on=day_before)[0]["entry_id"] is None
    assert standings(on=date(2022, 12, 31))[0]["entry_id"] is None


def test_an_update_that_would_take_effect_after_its_publication_is_not_submitted(world):
    draft = world.draft(world.pledge(), effective_on=date(2026, 11, 24))
    with pytest.raises(updates.Refused) as refused:
        updates.submit(draft, by=world.author, at=world.at)
    assert refused.value.refusals == [Refusal.EFFECTIVE_AFTER_PUBLICATION]
    draft.refresh_from_db()
    assert draft.state == UpdateState.DRAFT


def test_an_update_that_would_take_effect_after_its_publication_is_not_published(world):
    submitted = updates.submit(
        world.draft(world.pledge(), effective_on=date(2026, 11, 24)),
        by=world.author,
        at=world.later(days=1),
    )
    with pytest.raises(updates.Refused) as refused:
        updates.publish(submitted, by=world.reviewer, at=world.at)
    assert refused.value.refusals == [Refusal.EFFECTIVE_AFTER_PUBLICATION]
    with (
        pytest.raises(IntegrityError, match="update_not_before_its_time"),
        transaction.atomic(),
    ):
        Update.objects.filter(pk=submitted.pk).update(
            state=UpdateState.PUBLISHED,
            published_at=world.at,
            published_by=world.reviewer,
            sequence=1,
        )
    submitted.refresh_from_db()
    assert submitted.state == UpdateState.SUBMITTED
    assert standings()[0]["status"] == Status.NOT_RATED


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        # 16:00 UTC is midnight in Shanghai: a minute before it, the 24th has not come there.
        (datetime(2026, 11, 23, 23, 59, tzinfo=SHANGHAI), True),
        (datetime(2026, 11, 24, 0, 0, tzinfo=SHANGHAI), False),
    ],
)
def test_the_day_of_publication_is_shanghais(world, at, refused):
    draft = world.draft(world.pledge(), effective_on=date(2026, 11, 24))
    submitted = updates.submit(draft, by=world.author, at=world.later(days=1))
    if refused:
        with pytest.raises(updates.Refused):
            updates.publish(submitted, by=world.reviewer, at=at)
    else:
        entry = updates.publish(submitted, by=world.reviewer, at=at)
        assert entry.published_on == entry.effective_on


def test_a_pledge_has_a_standing_from_its_first_moment(world):
    pledge = world.pledge(
        public=False, original_due_on=date(2025, 1, 1), original_due_precision="year"
    )
    assert pledge.standing.status == Status.NOT_RATED
    assert pledge.standing.due_on == date(2025, 12, 31)
    assert str(pledge.standing) == f"{pledge.pk}: not_rated"


def test_milestones_enter_the_record_with_a_published_update_only(world):
    pledge = world.pledge()
    step = world.milestone(pledge)
    draft = world.draft(pledge)
    MilestoneChange.objects.create(update=draft, milestone=step)
    assert standings()[0]["milestones_total"] == 0
    submitted = updates.submit(draft, by=world.author, at=world.at)
    updates.publish(submitted, by=world.reviewer, at=world.at)
    assert standings()[0]["milestones_total"] == 1
