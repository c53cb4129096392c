"""What each member of staff is to be reminded of on a day, and was not reminded of yet.

Due dates, late and stale pledges go to the editors of the bodies that lead them; who works for
every body gets them only as a member of such a body, so that nobody is written to about everything
without having asked for it. Updates that wait for review go to the reviewers of the bodies that
lead or support the pledge, and to reviewers who work for every body, for the queue is their work;
never to those who wrote the update.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.models import Milestone, Pledge, Reminder, Update, User
from tracker.rules import reminding
from tracker.rules.asof import AsOf
from tracker.rules.dates import day_of
from tracker.vocabulary import Flag, MilestoneState, ReminderKind, Role, Status

_MILESTONE_ENDS = frozenset({MilestoneState.DONE, MilestoneState.DROPPED})


@dataclass(frozen=True)
class Occasion:
    """One thing to be reminded of. `subject` names it for ever: what it is about and which
    occasion. `days` are those to the due date, since it, of silence, or of waiting."""

    kind: ReminderKind
    subject: str
    pledge: Pledge
    days: int
    due_on: date | None = None
    milestone: Milestone | None = None
    update: Update | None = None


@dataclass(frozen=True)
class Digest:
    """All that one person is to be reminded of at once."""

    person: User
    occasions: tuple[Occasion, ...]


def digests(asof: AsOf) -> list[Digest]:
    """What falls due on the day asked about, person by person, without what was sent before.

    People who are not active or have no e-mail address are among them: to be passed over aloud.
    """
    waiting: dict[User, list[Occasion]] = {}
    for person, occasion in (*_about_pledges(asof), *_about_reviews(asof.day)):
        waiting.setdefault(person, []).append(occasion)
    sent = set(
        Reminder.objects.filter(recipient__in=waiting).values_list("recipient", "kind", "subject")
    )
    found = []
    for person in sorted(waiting, key=lambda person: person.username):
        new = tuple(o for o in waiting[person] if (person.pk, o.kind, o.subject) not in sent)
        if new:
            found.append(Digest(person, new))
    return found


def _staff(permission: str) -> dict[int, User]:
    """Those who hold a permission, whether they can sign in or not."""
    people = User.objects.with_perm(
        permission,
        is_active=None,  # type: ignore[arg-type]
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return {person.pk: person for person in people.filter(is_staff=True)}


def _members(pledges: Iterable[int], *roles: Role) -> dict[int, set[int]]:
    """By pledge, the ids of the members of the bodies with one of `roles` for it."""
    rows = User.objects.filter(
        bodies__responsibilities__pledge__in=pledges, bodies__responsibilities__role__in=roles
    ).values_list("bodies__responsibilities__pledge", "pk")
    members: dict[int, set[int]] = {}
    for pledge, person in rows:
        members.setdefault(pledge, set()).add(person)
    return members


def _about_pledges(asof: AsOf) -> Iterator[tuple[User, Occasion]]:
    on = asof.day
    horizon = on + timedelta(days=max(reminding.DUE_IN))
    pledges = Pledge.objects.seen(asof).order_by("code")
    dated = pledges.exclude(status__in=Status.final()).filter(due_on__lte=horizon)
    occasions = [o for pledge in dated for o in _of_date(pledge, pledge.due_on, pledge.status, on)]
    steps = (
        Milestone.objects.filter(pledge__in=pledges.order_by().values("pk"))
        .as_of(on, asof.known_on)
        .awaited_by(horizon)
        .select_related("pledge")
    )
    for step in steps:
        occasions += _of_date(step.pledge, step.due_on, step.state, on, step)
    occasions += [_of_silence(pledge, on) for pledge in pledges.flagged(Flag.STALE, on)]
    editors = _staff("tracker.add_update")
    members = _members({o.pledge.pk for o in occasions}, Role.LEAD)
    for occasion in occasions:
        for person in sorted(members.get(occasion.pledge.pk, set()) & editors.keys()):
            yield editors[person], occasion


def _of_date(
    pledge: Pledge, due_on: date | None, state: str, on: date, step: Milestone | None = None
) -> Iterator[Occasion]:
    """The occasions of the due date of a pledge or its milestone. Moved, it is another thing."""
    about = f"{pledge.code} {step.uid}" if step else pledge.code
    for kind, rule in ((ReminderKind.DUE, reminding.due), (ReminderKind.LATE, reminding.late)):
        occasion = rule(due_on, state, on, _MILESTONE_ENDS if step else Status.final())
        if due_on is not None and occasion is not None:
            subject = f"{about} {due_on} {occasion}"
            days = abs((due_on - on).days)
            yield Occasion(kind, subject, pledge, days, due_on, step)


def _of_silence(pledge: Pledge, on: date) -> Occasion:
    # Once for each stretch of silence: the day of its beginning is part of the name.
    subject = f"{pledge.code} {pledge.last_entry_on}"
    return Occasion(ReminderKind.STALE, subject, pledge, (on - pledge.last_entry_on).days)


def _about_reviews(on: date) -> Iterator[tuple[User, Occasion]]:
    updates = list(Update.objects.awaiting_review().select_related("pledge"))
    reviewers = _staff("tracker.publish_update")
    members = _members({update.pledge_id for update in updates}, *Role)
    for update in updates:
        days = (on - day_of(update.submitted_at)).days
        occasion = reminding.waiting(day_of(update.submitted_at), on)
        if occasion is None:
            continue
        # Submitted again, it waits anew.
        subject = f"{update.uid} {update.submitted_at.isoformat()} {occasion}"
        wrote = update.proposal().authors
        for person in reviewers.values():
            cares = person.is_site_wide or person.pk in members.get(update.pledge_id, set())
            if cares and person.pk not in wrote:
                yield (
                    person,
                    Occasion(ReminderKind.REVIEW, subject, update.pledge, days, update=update),
                )
