"""Rows of pledges. New ones are made not public; where one stands is said by drafts of updates."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from tracker.actions.imports.columns import CODE_PREFIX
from tracker.actions.imports.names import Frame, names
from tracker.actions.imports.plan import (
    STATUSES,
    Cells,
    Change,
    Due,
    Planner,
    RowPlan,
    differs,
    shown,
    shown_due,
)
from tracker.models import Pledge, Responsibility, Update
from tracker.models.pledge import FROZEN
from tracker.rules.publishing import STEPS
from tracker.rules.readings import is_chinese, same
from tracker.vocabulary import Language, Role, Status, UpdateState

#: The texts of a pledge that are kept in both languages.
PAIRS = ("title", "summary", "yardstick", "wording_note", "speaker")
ROLES = {"leads": Role.LEAD, "supporters": Role.SUPPORT}
TITLE_LENGTH = 200


class Work:
    """What is written of one pledge."""

    def __init__(self, pledge: Pledge) -> None:
        self.pledge = pledge
        self.sectors: list[Any] | None = None
        self.roles: dict[str, str] | None = None
        #: The draft that the row begins, and how many of the row's changes are in it.
        self.draft: Update | None = None
        self.in_draft = 0


class PledgePlanner(Planner):
    def prepare(self, rows: list[Cells]) -> None:
        self.codes: dict[str, int] = {}
        codes = {self._code(cells) for cells in rows}
        known = (
            Pledge.objects.filter(code__in=codes)
            .as_of()
            .select_related("programme", "pillar")
            .prefetch_related("sectors", "responsibilities__body")
        )
        self.known = {pledge.code: pledge for pledge in known}
        mine = Pledge.objects.in_care_of(self.by).filter(code__in=codes)
        self.mine = set(mine.values_list("code", flat=True))
        self.frame = Frame(self)
        #: What is on its way already, so that the same file begins no second draft.
        self.under_way: dict[int, list[Update]] = defaultdict(list)
        open_states = [*STEPS["edit"], UpdateState.SUBMITTED]
        for draft in Update.objects.filter(pledge__code__in=codes, state__in=open_states):
            self.under_way[draft.pledge_id].append(draft)

    def _code(self, cells: Cells) -> str:
        prefix = self.choices.given.get(CODE_PREFIX, "")
        text = cells.text("code")
        if not text and prefix:
            text = f"{cells.row.number:03}"
        return f"{prefix}{text}".upper()

    def plan(self, cells: Cells) -> None:
        plan = cells.plan
        plan.about = code = self._code(cells)
        if not code:
            cells.missing("code", _("or say how codes begin, with code_prefix"))
            plan.is_nameless = True
            return
        if code in self.codes:
            cells.wrong(
                "code",
                _("row %(row)d is %(code)s too; take one of them out")
                % {"row": self.codes[code], "code": code},
            )
            return
        self.codes[code] = plan.number
        pledge = self.known.get(code)
        if pledge is None:
            self._new(cells, code)
        elif code not in self.mine:
            cells.wrong("code", _("%s is not in the care of your bodies; ask its own") % code)
        else:
            self._known(cells, pledge)

    # --- New ones --------------------------------------------------------------------------

    def _new(self, cells: Cells, code: str) -> None:
        cells.is_new = cells.plan.is_new = True
        if not self.by.cares_for_all:
            cells.wrong(
                "code", _("only those who work for every body add pledges; %s is not known") % code
            )
            return
        if not self.may(cells, "add_pledge"):
            return
        announced_on = cells.day("announced_on")
        programme = self.frame.programme(cells, announced_on)
        if programme is not None and announced_on is None:
            announced_on = programme.announced_on
            self.assume(
                _("announced on: %s, as the programme was, where the file does not say")
                % announced_on
            )
        pledge = Pledge(code=code, wording=cells.text("wording"))
        if pledge.wording:
            pledge.wording_language = self._language(cells, pledge.wording)
        else:
            cells.missing("wording")
        for name in PAIRS:
            for column, text in cells.in_its_language(name).items():
                setattr(pledge, column, text)
        if not (pledge.title_en or pledge.title_zh):
            self._title(pledge)
        cells.plan.about = f"{code} {pledge.title}"
        due = cells.due("original_due_on", "original_due_precision")
        moved = cells.due("due_on", "due_precision")
        if due and moved and not cells.text("original_due_precision"):
            # The report states how exact the date as moved is: the first one too, if they agree.
            due = moved if not cells.has("original_due_on") or due[0] == moved[0] else due
        if due:
            pledge.original_due_on, pledge.original_due_precision = due
        work = cells.plan.work = Work(pledge)
        work.sectors = self.frame.sectors.many(cells, "sectors")
        work.roles = self._roles(cells, {})
        if programme is None or announced_on is None or not pledge.wording:
            return
        pledge.programme, pledge.announced_on = programme, announced_on
        pledge.pillar = self.frame.pillars.one(cells, programme)
        named = {"programme", "pillar", "parent", "published_by", "published_at", "id"}
        cells.check(pledge, {field.name for field in Pledge._meta.fields} - named)
        self._standing(
            cells,
            work,
            status_now=Status.NOT_RATED.value,
            due_now=due,
            due=moved,
            since=announced_on,
        )

    def _language(self, cells: Cells, wording: str) -> str:
        stated = cells.text("wording_language")
        if stated:
            return stated
        language = Language.ZH_HANS if is_chinese(wording) else Language.EN
        self.assume(
            _("language of the wording: %s, by its letters, where the file does not say")
            % language.value
        )
        return language.value

    def _title(self, pledge: Pledge) -> None:
        suffix = "zh" if is_chinese(pledge.wording) else "en"
        text = " ".join(pledge.wording.split())
        short = text if len(text) <= TITLE_LENGTH else f"{text[: TITLE_LENGTH - 1]}…"
        setattr(pledge, f"title_{suffix}", short)
        self.assume(_("title: the beginning of the wording, where the file has none"))

    # --- Known ones ------------------------------------------------------------------------

    def _known(self, cells: Cells, pledge: Pledge) -> None:
        plan = cells.plan
        plan.version, plan.about = pledge.version, str(pledge)
        work = plan.work = Work(pledge)
        self._belonging(cells, pledge)
        for name in PAIRS:
            for column, text in cells.in_its_language(name).items():
                differs(plan, pledge, column, text)
        for name in ("wording", "wording_language"):
            if cells.has(name):
                self._frozen(cells, pledge, name, cells.text(name))
        if cells.has("announced_on") and (day := cells.day("announced_on")):
            self._frozen(cells, pledge, "announced_on", day)
        self._original_due(cells, pledge)
        fields = {field.name for field in Pledge._meta.fields} - {"programme", "pillar", "parent"}
        cells.check(pledge, fields - {"published_by"})
        if not (pledge.title_en or pledge.title_zh):
            cells.wrong("title_en", _("give it in one language at least"))
        self._grouping(cells, work)
        now: Due = (pledge.due_on, pledge.due_precision)
        moved = cells.due("due_on", "due_precision", now) if cells.has("due_on") else None
        self._standing(
            cells,
            work,
            status_now=pledge.status,
            due_now=now,
            due=moved,
            since=pledge.last_entry_on,
        )
        if plan.changes and not plan.faults:
            self._may_change(cells, pledge)

    def _may_change(self, cells: Cells, pledge: Pledge) -> None:
        if len(cells.plan.changes) > cells.plan.work.in_draft:
            self.may(cells, "change_pledge")
        cells.same_version(pledge.version)

    def _belonging(self, cells: Cells, pledge: Pledge) -> None:
        plan = cells.plan
        if cells.has("programme") and cells.text("programme"):
            programme = self.frame.programmes.one(cells, "programme")
            if programme is not None and programme != pledge.programme:
                cells.wrong(
                    "programme",
                    _(
                        "%(code)s is a pledge of “%(programme)s” already; give new pledges codes "
                        "of their own"
                    )
                    % {"code": pledge.code, "programme": pledge.programme},
                )
                return
        if not cells.has("pillar"):
            return
        pillar = self.frame.pillars.one(cells, pledge.programme)
        if (pillar or not cells.text("pillar")) and pillar != pledge.pillar:
            old, new = shown(pledge.pillar), shown(pillar)
            plan.changes.append(Change(_("pillar"), old, new))
            pledge.pillar = pillar

    def _frozen(self, cells: Cells, pledge: Pledge, name: str, new: Any) -> None:
        """A change of what a public pledge keeps as it was is refused."""
        old = getattr(pledge, name)
        if same(str(old), str(new)):
            return
        if pledge.is_public and name in FROZEN:
            cells.wrong(
                name,
                _("%(code)s is public and keeps “%(old)s”, not “%(new)s”; take the change out")
                % {"code": pledge.code, "old": old, "new": new},
            )
            return
        differs(cells.plan, pledge, name, new)

    def _original_due(self, cells: Cells, pledge: Pledge) -> None:
        if not cells.has("original_due_on"):
            return
        now: Due = (pledge.original_due_on, pledge.original_due_precision)
        due = cells.due("original_due_on", "original_due_precision", now)
        if due is None or due == now:
            return
        if pledge.is_public:
            cells.wrong(
                "original_due_on",
                _("%(code)s is public and keeps “%(old)s”, not “%(new)s”; take the change out")
                % {"code": pledge.code, "old": shown_due(now), "new": shown_due(due)},
            )
            return
        label = str(Pledge._meta.get_field("original_due_on").verbose_name)
        cells.plan.changes.append(Change(label, shown_due(now), shown_due(due)))
        pledge.original_due_on, pledge.original_due_precision = due

    def _grouping(self, cells: Cells, work: Work) -> None:
        plan, pledge = cells.plan, work.pledge
        if cells.has("sectors"):
            sectors, old = self.frame.sectors.many(cells, "sectors"), list(pledge.sectors.all())
            if {sector.slug for sector in sectors} != {sector.slug for sector in old}:
                plan.changes.append(Change(_("sectors"), names(old), names(sectors)))
                work.sectors = sectors
        if not any(map(cells.has, ROLES)):
            return
        before = {r.body.slug: r.role for r in pledge.responsibilities.all()}
        after = self._roles(cells, before)
        if after != before:
            for column, role in ROLES.items():
                was, is_now = (
                    names(self.frame.bodies.by_slug(slug) for slug, r in of.items() if r == role)
                    for of in (before, after)
                )
                if was != is_now:
                    label = str(cells.matching.shape.label_of[column])
                    plan.changes.append(Change(label, was, is_now))
            work.roles = after
            self.may(cells, "change_responsibility")

    def _roles(self, cells: Cells, before: dict[str, str]) -> dict[str, str]:
        """Who does what after the import: the roles that the file speaks of are as it says."""
        spoken = {role.value for column, role in ROLES.items() if cells.has(column)}
        after = {slug: role for slug, role in before.items() if role not in spoken}
        for column, role in ROLES.items():
            for body in self.frame.bodies.many(cells, column):
                # Files that list all who take part name those who lead among them.
                if column == "leads" or after.get(body.slug) != Role.LEAD:
                    after[body.slug] = role.value
        return after

    # --- Where it stands -------------------------------------------------------------------

    def _standing(
        self,
        cells: Cells,
        work: Work,
        *,
        status_now: str,
        due_now: Due | None,
        due: Due | None,
        since: date,
    ) -> None:
        """What a row says of its pledge's status and due date begins a draft of an update."""
        plan = cells.plan
        status = cells.word("status", STATUSES) or status_now
        on = cells.day("last_entry_on")
        moves = cells.has("due_on") and due is not None and due_now is not None and due != due_now
        if plan.faults or (status == status_now and not moves):
            return
        for draft in self.under_way[work.pledge.pk] if work.pledge.pk else ():
            says_due = (draft.due_on, draft.due_precision)
            if draft.status == status and (not moves or says_due == due):
                plan.notes.append(_("an update under way says this already"))
                return
        if not self.may(cells, "add_update"):
            return
        work.draft = draft = Update(
            status=status,
            effective_on=on if on and (plan.is_new or on > since) else self.on,
            created_by=self.by,
            edited_by=self.by,
        )
        said = []
        if status != status_now:
            labels = (str(Status(code).label) for code in (status_now, status))
            said.append(Change(_("status"), *labels))
        if moves and due is not None and due_now is not None:
            draft.due_on, draft.due_precision = due
            said.append(Change(_("due on"), shown_due(due_now), shown_due(due)))
        work.in_draft = len(said)
        if plan.is_new:
            plan.notes.append(_("with a draft of an update: %s") % Status(status).label)
        else:
            plan.changes += said
            plan.notes.append(_("begins a draft, which needs evidence and review"))

    # --- Writing ---------------------------------------------------------------------------

    def begin(self, at: datetime, why: str) -> None:
        self.frame.save(at, why)

    def add(self, works: list[Work], *, at: datetime, why: str) -> None:
        pledges = [work.pledge for work in works]
        for pledge in pledges:
            pledge.give_slug()
            # A relation set before its row was saved gets its key now.
            pledge.programme, pledge.pillar = pledge.programme, pledge.pillar
        Pledge.objects.bulk_create(pledges)
        of = Pledge.sectors.through
        links = of.objects.bulk_create(
            of(pledge=work.pledge, sector=sector) for work in works for sector in work.sectors or ()
        )
        self._tell_history(pledges, links, at, why)
        bulk_create_with_history(
            [
                Responsibility(pledge=work.pledge, body=self.frame.bodies.by_slug(slug), role=role)
                for work in works
                for slug, role in (work.roles or {}).items()
            ],
            Responsibility,
            default_user=self.by,
            default_change_reason=why,
            default_date=at,
        )
        self._begin_drafts(works, at)

    def _tell_history(
        self, pledges: list[Pledge], links: list[Any], at: datetime, why: str
    ) -> None:
        """The history of new pledges, with their sectors, which the library's bulk road forgets."""
        told = Pledge.history.bulk_history_create(
            pledges, default_user=self.by, default_change_reason=why, default_date=at
        )
        history = {row.id: row for row in told}
        of = Pledge.history.model.sectors.model
        of.objects.bulk_create(
            of(
                id=link.pk,
                history=history[link.pledge_id],
                pledge_id=link.pledge_id,
                sector_id=link.sector_id,
            )
            for link in links
        )

    def _begin_drafts(self, works: list[Work], at: datetime) -> None:
        drafts = []
        for work in works:
            if work.draft is not None:
                work.draft.pledge = work.pledge
                work.draft.created_at = work.draft.edited_at = at
                drafts.append(work.draft)
        Update.objects.bulk_create(drafts)
        of = Update.writers.through
        of.objects.bulk_create(of(update=draft, user=self.by) for draft in drafts)

    def change(self, plan: RowPlan, *, at: datetime, why: str) -> None:
        work: Work = plan.work
        pledge = work.pledge
        self.sign(pledge, at, why)
        if len(plan.changes) > work.in_draft:
            pledge.programme, pledge.pillar = pledge.programme, pledge.pillar
            pledge.save()
        if work.sectors is not None:
            pledge.sectors.set(work.sectors)
        if work.roles is not None:
            self._change_roles(pledge, work.roles, at, why)
        self._begin_drafts([work], at)

    def _change_roles(self, pledge: Pledge, roles: dict[str, str], at: datetime, why: str) -> None:
        there = {r.body.slug: r for r in pledge.responsibilities.all()}
        for slug, role in roles.items():
            body = self.frame.bodies.by_slug(slug)
            row = there.pop(slug, None) or Responsibility(pledge=pledge, body=body)
            if row.role != role:
                row.role = role
                self.sign(row, at, why)
                row.save()
        for row in there.values():
            self.sign(row, at, why)
            row.delete()
