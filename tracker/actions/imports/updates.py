"""Rows of updates. New ones become drafts of whoever brings them in, and go through review."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from tracker.actions.imports.columns import EVIDENCE
from tracker.actions.imports.plan import (
    EVIDENCE_KINDS,
    STATUSES,
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
from tracker.models import Evidence, Pledge, Update
from tracker.rules.publishing import Proposal, refusals
from tracker.rules.readings import identifier, is_chinese, percentage, same, whole_number
from tracker.vocabulary import EvidenceKind, Language, Status

REASONS = ("correction_reason_en", "correction_reason_zh")


class Work:
    """What is written of one update. `evidence` holds the pieces that are new or that change."""

    def __init__(self, update: Update, row: RowPlan, there: list[Evidence]) -> None:
        self.update, self.row, self.there = update, row, there
        self.evidence: list[Evidence] = []
        self.said: tuple[Any, ...] = ()


class UpdatePlanner(Planner):
    def prepare(self, rows: list[Cells]) -> None:
        codes = {cells.text("pledge").upper() for cells in rows}
        wanted = set(uids(rows))
        # All of a pledge's updates: a row without an identifier may be one of them.
        known = Update.objects.filter(uid__in=wanted) | Update.objects.filter(
            pledge__code__in=codes
        )
        found = list(
            known.select_related("pledge", "corrects").prefetch_related("evidence", "writers")
        )
        self.known: dict[Any, Update] = {}
        for update in found:
            self.known[update.uid] = update
            self.known[_said(update)] = update
        self.entries = {update.sequence: update for update in found if update.sequence}
        self.corrected = {u.corrects_id for u in found if u.corrects_id and u.is_published}
        pledges = Pledge.objects.filter(code__in=codes) | Pledge.objects.filter(
            updates__uid__in=wanted
        )
        self.pledges = {pledge.code: pledge for pledge in pledges.distinct()}
        mine = Pledge.objects.in_care_of(self.by).filter(code__in=list(self.pledges))
        self.mine = set(mine.values_list("pk", flat=True))
        self.works: dict[Any, Work] = {}

    def plan(self, cells: Cells) -> None:
        plan = cells.plan
        uid = cells.read("uid", identifier)
        code = cells.text("pledge").upper()
        update = self.known.get(uid) if uid else None
        plan.about = code or (update.pledge.code if update else "")
        if plan.faults:
            return
        pledge = self.pledges.get(plan.about)
        if pledge is None:
            cells.wrong("pledge", _("there is no pledge “%s”; import the pledges first") % code)
        elif pledge.pk not in self.mine or (update and update.pledge_id not in self.mine):
            cells.wrong("pledge", _("%s is not in the care of your bodies; ask its own") % code)
        elif uid and uid in self.works:
            self._repeated(cells, self.works[uid])
        elif update is not None:
            self._known(cells, update, uid)
        else:
            self._unknown(cells, pledge, uid)

    # --- New ones --------------------------------------------------------------------------

    def _unknown(self, cells: Cells, pledge: Pledge, uid: Any) -> None:
        """A row without an identifier, or with one that is new here."""
        cells.is_new = True
        update = Update(pledge=pledge, created_by=self.by, edited_by=self.by)
        if uid:
            update.uid = uid
        status = cells.word("status", STATUSES)
        effective_on = cells.day("effective_on")
        for name, value in (("status", status), ("effective_on", effective_on)):
            if value is None and not cells.plan.faults:
                cells.wrong(name, _("it is missing; give it, or once for all new rows"))
        if cells.plan.faults or status is None or effective_on is None:
            return
        update.status, update.effective_on = status, effective_on
        self._rest(cells, update)
        update.corrects = self._corrected(cells, pledge)
        said = _said(update)
        if not uid and said in self.works:
            self._repeated(cells, self.works[said])
            return
        if not uid and said in self.known:
            # Brought in before: the same words of the same pledge from the same day.
            cells.is_new = False
            self._known(cells, self.known[said], self.known[said].uid)
            self.works[said] = self.works[self.known[said].uid]
            return
        cells.plan.is_new = True
        if not self.may(cells, "add_update"):
            return
        self._check(cells, update)
        work = cells.plan.work = Work(update, cells.plan, [])
        work.said = said
        self.works[uid or said] = work
        self._evidence(cells, work)

    def _rest(self, cells: Cells, update: Update) -> None:
        update.reported_progress = cells.read("reported_progress", percentage)
        for column, text in self._texts(cells).items():
            setattr(update, column, text)
        due = cells.due("due_on", "due_precision")
        stated = bool(cells.text("due_on") or cells.text("due_precision"))
        if due and stated:
            update.due_on, update.due_precision = due

    def _texts(self, cells: Cells) -> dict[str, str]:
        texts = cells.in_its_language("narrative")
        return texts | {
            name: cells.text(name) for name in REASONS if cells.has(name) or cells.is_new
        }

    def _corrected(self, cells: Cells, pledge: Pledge) -> Update | None:
        number = cells.read("corrects", whole_number)
        if number is None:
            return None
        entry = self.entries.get(number)
        if entry is None or entry.pledge_id != pledge.pk:
            cells.wrong(
                "corrects",
                _("%(code)s has no entry %(number)s; give the number of one of its own")
                % {"code": pledge.code, "number": number},
            )
            return None
        if entry.pk in self.corrected:
            cells.wrong(
                "corrects", _("entry %s is corrected already; correct that correction") % number
            )
        return entry

    # --- Known ones ------------------------------------------------------------------------

    def _known(self, cells: Cells, update: Update, uid: Any) -> None:
        plan = cells.plan
        work = self.works[uid] = Work(update, plan, list(update.evidence.all()))
        plan.version, plan.work = update.version, work
        code = cells.text("pledge").upper()
        if code and code != update.pledge.code:
            cells.wrong(
                "pledge",
                _("the update belongs to %(old)s, not to %(new)s; take the change out")
                % {"old": update.pledge.code, "new": code},
            )
        self._compare(cells, update)
        work.said = _said(update)
        self._evidence(cells, work)
        self._settle(cells, work)

    def _compare(self, cells: Cells, update: Update) -> None:
        plan = cells.plan
        status = cells.word("status", STATUSES)
        if status is not None and status != update.status:
            old, new = (str(Status(code).label) for code in (update.status, status))
            plan.changes.append(Change(_("status"), old, new))
            update.status = status
        effective_on = cells.day("effective_on")
        if effective_on is not None:
            differs(plan, update, "effective_on", effective_on)
        if cells.has("reported_progress"):
            progress = cells.read("reported_progress", percentage)
            differs(plan, update, "reported_progress", progress)
        for column, text in self._texts(cells).items():
            differs(plan, update, column, text)
        if cells.has("due_on"):
            self._compare_due(cells, update)
        if cells.has("corrects"):
            number = update.corrects.sequence if update.corrects else None
            if cells.read("corrects", whole_number) != number:
                cells.wrong(
                    "corrects", _("the record says “%s”; take the change out") % shown(number)
                )

    def _compare_due(self, cells: Cells, update: Update) -> None:
        now: Due = (update.due_on, update.due_precision)
        due = cells.due("due_on", "due_precision", now)
        if not cells.text("due_on") and not cells.text("due_precision"):
            due = (None, "")
        if due is not None and due != now:
            old, new = (shown_due(d) if d[1] else "" for d in (now, due))
            label = str(Update._meta.get_field("due_on").verbose_name)
            cells.plan.changes.append(Change(label, old, new))
            update.due_on, update.due_precision = due

    def _settle(self, cells: Cells, work: Work) -> None:
        """Whether what a row changes may be changed."""
        changes, update = work.row.changes, work.update
        if not changes or cells.plan.faults:
            return
        if update.is_published:
            cells.wrong(
                "",
                _("entry %(number)d is published and never changes; correct it (%(changes)s)")
                % {"number": update.sequence, "changes": "; ".join(map(str, changes))},
            )
        elif not update.allows("edit"):
            cells.wrong(
                "",
                _("it is waiting for review; withdraw it first (%s)")
                % "; ".join(map(str, changes)),
            )
        elif self.may(cells, "change_update"):
            cells.same_version(update.version)
            self._check(cells, update)

    def _check(self, cells: Cells, update: Update) -> None:
        own = {field.name for field in Update._meta.fields if field.editable} - {"id", "pledge"}
        cells.check(update, own)

    # --- Evidence --------------------------------------------------------------------------

    def _repeated(self, cells: Cells, work: Work) -> None:
        """A row that repeats an update brings a further piece of evidence for it."""
        plan, update, first = cells.plan, work.update, work.row
        plan.is_new = first.is_new
        narrative = self._texts(cells)
        differing = (
            any(text and not same(text, getattr(update, name)) for name, text in narrative.items())
            or cells.word("status", STATUSES) not in {None, update.status}
            or cells.day("effective_on") not in {None, update.effective_on}
        )
        if differing or not self._pieces(cells):
            cells.wrong(
                "",
                _("it is the same update as row %d, without evidence of its own; take it out")
                % first.number
                if not differing
                else _("it says otherwise of the same update than row %d; mend one of them")
                % first.number,
            )
            return
        before = len(first.changes)
        self._evidence(cells, work)
        plan.changes = first.changes[before:]
        plan.notes.append(_("evidence of row %d") % first.number)
        self._settle(cells, work)

    def _pieces(self, cells: Cells) -> list[str]:
        """The prefixes of the columns in which the row has a piece of evidence."""
        prefixes = ["evidence_", *(f"evidence_{number}_" for number in range(1, 10))]
        return [p for p in prefixes if any(cells.text(f"{p}{name}") for name in ("title", "url"))]

    def _evidence(self, cells: Cells, work: Work) -> None:
        by_name = {e.url or e.title: e for e in (*work.there, *work.evidence)}
        for prefix in self._pieces(cells):
            values = self._piece(cells, prefix)
            if values is None:
                continue
            piece = by_name.get(values["url"])
            if piece is None:
                piece = by_name[values["url"]] = Evidence(update=work.update, **values)
                cells.check(piece, set(values))
                work.evidence.append(piece)
                if not work.row.is_new:
                    work.row.changes.append(Change(_("evidence"), "", piece.title))
                continue
            stated = {n: v for n, v in values.items() if cells.has(f"{prefix}{n}")}
            # A list, not any(): each difference is to be seen.
            if True in [differs(work.row, piece, name, value) for name, value in stated.items()]:
                cells.check(piece, set(stated))
                if piece not in work.evidence:
                    work.evidence.append(piece)

    def _piece(self, cells: Cells, prefix: str) -> dict[str, Any] | None:
        """What a row says of one piece of evidence; what it leaves out is said to be assumed."""
        values: dict[str, Any] = {name: cells.text(f"{prefix}{name}") for name in EVIDENCE}
        for name in ("published_on", "seen_on"):
            values[name] = cells.day(f"{prefix}{name}")
        if values["title"].startswith(("https://", "http://")) and not values["url"]:
            values["url"] = values["title"]
        if not values["url"]:
            cells.wrong(
                f"{prefix}url",
                _("evidence needs a web address here; a file is added at the desk, to the draft"),
            )
            return None
        values["kind"] = cells.word(f"{prefix}kind", EVIDENCE_KINDS)
        if values["kind"] is None:
            values["kind"] = EvidenceKind.OTHER.value
            self.assume(_("kind of evidence: other, where the file does not say"))
        if not values["title"]:
            values["title"] = values["url"][:400]
            self.assume(_("title of evidence: its web address, where the file has none"))
        if not values["publisher"]:
            values["publisher"] = urlsplit(values["url"]).hostname or ""
            self.assume(_("publisher of evidence: the name of its site, where the file has none"))
        if not values["language"]:
            chinese = is_chinese(values["title"])
            values["language"] = Language.ZH_HANS.value if chinese else Language.EN.value
            self.assume(_("language of evidence: by the letters of its title"))
        return values

    # --- Afterwards ------------------------------------------------------------------------

    def finish(self) -> None:
        """Says of each draft what it still needs before it can be submitted."""
        for work in {id(work): work for work in self.works.values()}.values():
            update, row = work.update, work.row
            if row.faults or not (row.is_new or row.changes):
                continue
            new = [piece for piece in work.evidence if piece not in work.there]
            proposal = Proposal(
                status=update.status,
                effective_on=update.effective_on,
                has_narrative=bool(update.narrative_en or update.narrative_zh),
                evidence=len(work.there) + len(new),
                authors=frozenset(),
                pledge_id=update.pledge_id,
                announced_on=update.pledge.announced_on,
                pledge_is_public=update.pledge.is_public,
                milestone_pledges=frozenset(),
            )
            needs = [str(refusal.label) for refusal in refusals(proposal, on=self.on)]
            if needs:
                row.notes.append(_("a draft that cannot be submitted yet: %s") % " ".join(needs))

    def add(self, works: list[Work], *, at: datetime, why: str) -> None:
        for work in works:
            work.update.created_at = work.update.edited_at = at
        Update.objects.bulk_create(work.update for work in works)
        Evidence.objects.bulk_create(piece for work in works for piece in work.evidence)
        of = Update.writers.through
        of.objects.bulk_create(of(update=work.update, user=self.by) for work in works)

    def change(self, plan: RowPlan, *, at: datetime, why: str) -> None:
        work: Work = plan.work
        update, before = work.update, work.update.edited_by
        update.edited_at, update.edited_by = at, self.by
        update.save()
        # Whoever edited it before stays one of its writers.
        update.writers.add(before, self.by)
        for piece in work.evidence:
            piece.save()


def _said(update: Update) -> tuple[Any, ...]:
    """What tells an update from others of its pledge where no identifier does."""
    return (
        update.pledge_id,
        update.status,
        update.effective_on,
        update.narrative_en.strip(),
        update.narrative_zh.strip(),
    )
