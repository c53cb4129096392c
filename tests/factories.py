"""Makes rows for tests, through the same actions that staff use wherever there is one."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db.models import Model

from tests import snapshot
from tracker.actions import pledges as pledge_actions
from tracker.actions import staff, updates
from tracker.models import (
    Body,
    Evidence,
    Milestone,
    MilestoneChange,
    Pillar,
    Pledge,
    Programme,
    Responsibility,
    Sector,
    Update,
    User,
)
from tracker.vocabulary import Role, StaffRole, Status

PASSWORD = "correct horse battery staple"


@cache
def _hashed() -> str:
    """PASSWORD as an account keeps it. Hashing is slow on purpose, so once will do."""
    return make_password(PASSWORD)


def _save(row: Model) -> None:
    """Saves a row that a form would take. The database looks at its constraints; asking each of
    them before, as `full_clean` does, is a third of the suite's time."""
    row.clean_fields()
    row.clean()
    row.save()


def _roles() -> dict[StaffRole, Group]:
    """The groups as `sync_roles` makes them."""
    if Group.objects.exists() or not snapshot.ROLES.lay():
        staff.sync_roles()
        snapshot.ROLES.take()
    return {StaffRole(group.name): group for group in Group.objects.all()}


class World:
    """One programme of one pillar, an author and a reviewer. `at` is the moment of every step."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.groups = _roles()
        self.author = self.person("author", StaffRole.EDITOR)
        self.reviewer = self.person("reviewer", StaffRole.REVIEWER)
        self.programme = Programme.objects.create(
            slug="test",
            name_en="Test programme",
            name_zh="测试方案",
            announced_on=date(2022, 8, 20),
        )
        self.pillar = Pillar.objects.create(
            programme=self.programme, order=1, title_en="First pillar", title_zh="第一支柱"
        )

    def person(self, name: str, *roles: StaffRole, bodies: Sequence[Body] = ()) -> User:
        """One of staff: of `bodies`, or working for every body where none is given."""
        person = User.objects.create(
            username=name, password=_hashed(), is_staff=True, is_site_wide=not bodies
        )
        person.bodies.set(bodies)
        person.groups.set([self.groups[role] for role in roles])
        return person

    def sector(self, slug: str = "hydrogen", **values) -> Sector:
        return Sector.objects.create(slug=slug, **({"name_en": slug.title()} | values))

    def body(self, slug: str = "ministry", **values) -> Body:
        return Body.objects.create(slug=slug, **({"name_en": slug.title()} | values))

    def responsibility(self, pledge: Pledge, body: Body, role: str = Role.LEAD) -> Responsibility:
        return Responsibility.objects.create(pledge=pledge, body=body, role=role)

    def pledge(self, code: str = "P1.01", *, public: bool = True, **values) -> Pledge:
        pledge = Pledge(
            code=code,
            **(
                {
                    "programme": self.programme,
                    "pillar": self.pillar,
                    "wording": f"we will do {code}",
                    "title_en": f"Pledge {code}",
                    "title_zh": f"承诺{code}",
                    "announced_on": date(2022, 8, 20),
                }
                | values
            ),
        )
        _save(pledge)
        if public:
            return pledge_actions.publish_pledge(pledge, by=self.reviewer, at=self.at)
        return pledge

    def draft(
        self, pledge: Pledge, status: str = Status.IN_PROGRESS, *, evidence: int = 1, **values
    ) -> Update:
        update = Update(
            pledge=pledge,
            status=status,
            **(
                {
                    "effective_on": date(2023, 1, 1),
                    "narrative_en": "Work went on.",
                    "narrative_zh": "工作在推进。",
                    "created_at": self.at,
                    "created_by": self.author,
                    "edited_at": self.at,
                    "edited_by": self.author,
                }
                | values
            ),
        )
        _save(update)
        for number in range(evidence):
            self.evidence(update, title=f"Document {number + 1}")
        return update

    def evidence(self, update: Update, **values) -> Evidence:
        evidence = Evidence(
            update=update,
            **(
                {
                    "kind": "official",
                    "title": "Document",
                    "publisher": "Publisher",
                    "url": "https://example.org/document",
                }
                | values
            ),
        )
        _save(evidence)
        return evidence

    def submitted(self, pledge: Pledge, status: str = Status.IN_PROGRESS, **values) -> Update:
        return updates.submit(
            self.draft(pledge, status, **values),
            by=values.get("created_by", self.author),
            at=self.at,
        )

    def published(
        self,
        pledge: Pledge,
        status: str = Status.IN_PROGRESS,
        *,
        at: datetime | None = None,
        **values,
    ) -> Update:
        """An entry of the record, published at `at` (`self.at` unless given)."""
        update = self.submitted(pledge, status, **values)
        return updates.publish(update, by=self.reviewer, at=at or self.at)

    def correction(
        self, of: Update, status: str, *, at: datetime | None = None, **values
    ) -> Update:
        """A published correction of an entry."""
        draft = updates.correct(of, by=self.author, at=self.at)
        for name, value in ({"status": status, "correction_reason_en": "A slip."} | values).items():
            setattr(draft, name, value)
        _save(draft)
        if not draft.evidence.exists():
            self.evidence(draft)
        draft = updates.submit(draft, by=self.author, at=self.at)
        return updates.publish(draft, by=self.reviewer, at=at or self.at)

    def milestone(self, pledge: Pledge, title: str = "First step", **values) -> Milestone:
        return Milestone.objects.create(pledge=pledge, title_en=title, **values)

    def change(self, update: Update, milestone: Milestone, **values) -> MilestoneChange:
        change = MilestoneChange(update=update, milestone=milestone, **values)
        _save(change)
        return change

    def later(self, **delta) -> datetime:
        return self.at + timedelta(**delta)
