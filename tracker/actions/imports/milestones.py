"""Rows of milestones. What the record says of one is part of updates, and is not imported here."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from tracker.actions.imports.plan import (
    STATES,
    Cells,
    Change,
    Due,
    Planner,
    RowPlan,
    differs,
    shown,
    shown_due,
    uids,
)
from tracker.models import Milestone, Pledge
from tracker.rules.readings import identifier, key, whole_number
from tracker.vocabulary import DatePrecision, MilestoneState

UNSTATED: Due = (None, DatePrecision.NONE.value)


class MilestonePlanner(Planner):
    def prepare(self, rows: list[Cells]) -> None:
        codes = {cells.text("pledge").upper() for cells in rows}
        self.pledges = {pledge.code: pledge for pledge in Pledge.objects.filter(code__in=codes)}
        known = Milestone.objects.filter(uid__in=set(uids(rows))) | Milestone.objects.filter(
            pledge__code__in=codes
        )
        self.known: dict[Any, Milestone] = {}
        self.last: dict[str, int] = defaultdict(int)
        found = list(known.select_related("pledge"))
        for milestone in found:
            code = milestone.pledge.code
            self.known[milestone.uid] = milestone
            for title in filter(None, (milestone.title_en, milestone.title_zh)):
                self.known[code, key(title)] = milestone
            self.last[code] = max(self.last[code], milestone.order)
        recorded = Milestone.objects.as_of(self.on).filter(pk__in=[m.pk for m in found])
        self.recorded = {milestone.pk: milestone for milestone in recorded}
        mine = Pledge.objects.in_care_of(self.by)
        self.mine = set(mine.filter(code__in=codes).values_list("pk", flat=True)) | set(
            mine.filter(milestones__in=found).values_list("pk", flat=True)
        )
        self.rows: dict[Any, int] = {}

    def plan(self, cells: Cells) -> None:
        plan = cells.plan
        uid = cells.read("uid", identifier)
        code = cells.text("pledge").upper()
        titles = cells.in_its_language("title")
        plan.about = " ".join([code, *filter(None, list(titles.values())[:1])])
        if plan.faults:
            return
        names = [uid] if uid else [(code, key(title)) for title in titles.values() if title]
        milestone = next((self.known[name] for name in names if name in self.known), None)
        repeated = next((self.rows[name] for name in names if name in self.rows), None)
        if repeated:
            cells.wrong(
                "", _("it is the same milestone as row %d; take one of them out") % repeated
            )
            return
        self.rows |= dict.fromkeys(names, plan.number)
        pledge = milestone.pledge if milestone else self.pledges.get(code)
        if pledge is None:
            cells.wrong("pledge", _("there is no pledge “%s”; import the pledges first") % code)
        elif pledge.pk not in self.mine:
            cells.wrong(
                "pledge", _("%s is not in the care of your bodies; ask its own") % pledge.code
            )
        elif milestone is None:
            self._new(cells, pledge, uid)
        elif code and code != pledge.code:
            cells.wrong(
                "pledge",
                _("the milestone belongs to %(old)s, not to %(new)s; take the change out")
                % {"old": pledge.code, "new": code},
            )
        else:
            self._known(cells, milestone)

    def _new(self, cells: Cells, pledge: Pledge, uid: Any) -> None:
        cells.is_new = cells.plan.is_new = True
        if not self.may(cells, "add_milestone"):
            return
        milestone = Milestone(pledge=pledge, **({"uid": uid} if uid else {}))
        order = cells.read("order", whole_number)
        milestone.order = order if order is not None else self.last[pledge.code] + 1
        self.last[pledge.code] = max(self.last[pledge.code], milestone.order)
        for column, text in cells.in_its_language("title").items():
            setattr(milestone, column, text)
        due = cells.due("original_due_on", "original_due_precision")
        if due and not cells.has("original_due_on"):
            due = cells.due("due_on", "due_precision")
        if due:
            milestone.original_due_on, milestone.original_due_precision = due
        self._check(cells, milestone)
        self._of_the_record(cells, milestone)
        cells.plan.work = milestone

    def _known(self, cells: Cells, milestone: Milestone) -> None:
        plan = cells.plan
        plan.version, plan.work = milestone.version, milestone
        for column, text in cells.in_its_language("title").items():
            differs(plan, milestone, column, text)
        order = cells.read("order", whole_number)
        if order is not None:
            differs(plan, milestone, "order", order)
        self._of_the_record(cells, milestone)
        self._original_due(cells, milestone)
        self._check(cells, milestone)
        if plan.changes and not plan.faults:
            self.may(cells, "change_milestone")
            cells.same_version(milestone.version)

    def _check(self, cells: Cells, milestone: Milestone) -> None:
        fields = {field.name for field in Milestone._meta.fields} - {"id", "pledge"}
        cells.check(milestone, fields)
        if not (milestone.title_en or milestone.title_zh):
            cells.wrong("title_en", _("give it in one language at least"))

    def _original_due(self, cells: Cells, milestone: Milestone) -> None:
        if not cells.has("original_due_on"):
            return
        now: Due = (milestone.original_due_on, milestone.original_due_precision)
        due = cells.due("original_due_on", "original_due_precision", now)
        if due is None or due == now:
            return
        if milestone.pk in self.recorded:
            cells.wrong(
                "original_due_on",
                _(
                    "the record names this milestone, which keeps “%(old)s”, not “%(new)s”; take "
                    "the change out"
                )
                % {"old": shown_due(now), "new": shown_due(due)},
            )
            return
        label = str(Milestone._meta.get_field("original_due_on").verbose_name)
        cells.plan.changes.append(Change(label, shown_due(now), shown_due(due)))
        milestone.original_due_on, milestone.original_due_precision = due

    def _of_the_record(self, cells: Cells, milestone: Milestone) -> None:
        """What updates say of a milestone must stand in the file as they say it, or not at all."""
        recorded = self.recorded.get(milestone.pk)
        original: Due = (milestone.original_due_on, milestone.original_due_precision)
        due_now = (recorded.due_on, recorded.due_precision) if recorded else original
        state_now = recorded.state if recorded else MilestoneState.OPEN.value
        state = cells.word("state", STATES) or state_now
        done_on = cells.day("done_on")
        due = cells.due("due_on", "due_precision", due_now) if cells.text("due_on") else due_now
        differing = []
        if state != state_now:
            old, new = (str(MilestoneState(code).label) for code in (state_now, state))
            differing.append(("state", old, new))
        if due is not None and due != due_now:
            differing.append(("due_on", shown_due(due_now), shown_due(due)))
        if done_on is not None and done_on != (recorded.done_on if recorded else None):
            old = shown(recorded.done_on if recorded else None)
            differing.append(("done_on", old or _("(empty)"), str(done_on)))
        for name, old, new in differing:
            cells.wrong(
                name,
                _(
                    "the record says “%(old)s”, the file “%(new)s”; write an update that changes "
                    "it, or leave the column out"
                )
                % {"old": old, "new": new},
            )

    def add(self, works: list[Milestone], *, at: datetime, why: str) -> None:
        bulk_create_with_history(
            works, Milestone, default_user=self.by, default_change_reason=why, default_date=at
        )

    def change(self, plan: RowPlan, *, at: datetime, why: str) -> None:
        self.sign(plan.work, at, why)
        plan.work.save()
