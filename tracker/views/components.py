"""Every component of the pages in all its states, for those who work on them.

It holds samples that are made here, and nothing of the record.
"""

from datetime import date, datetime, time
from decimal import Decimal

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tracker.forms.days import IsoDateField
from tracker.forms.pledges import Option
from tracker.models import (
    Body,
    Evidence,
    Indicator,
    Measurement,
    Milestone,
    MilestoneChange,
    Pledge,
    Reply,
    Update,
)
from tracker.queries.summary import Summary, summary
from tracker.queries.timeline import TimelineEntry
from tracker.rules.asof import AsOf
from tracker.rules.dates import SHANGHAI
from tracker.rules.progress import progress
from tracker.views.asof import asof_form, render_asof
from tracker.vocabulary import EvidenceKind, Flag, MilestoneState, Status

#: Components that stand around every page, this one too, and so are shown by it once already;
#: and those of the desk, whose style sheet is another.
AROUND = {
    "glyphs.html": "the shapes, drawn once at the head of every page",
    "site_header.html": "the head of this page",
    "site_footer.html": "the foot of this page",
    "breadcrumbs.html": "above the heading of this page",
    "share_meta.html": "in the head of this page, for programs that show its address",
    "difference_value.html": "on the desk only, in its own style: the review of an update",
    "differences.html": "on the desk only, in its own style: the review of an update",
    "asof_picker.html": "in the head of this page",
    "asof_banner.html": "above: add ?as_of=2024-01-01 to the address, or ?as_of=x",
}

ON = date(2024, 3, 1)


class SampleChoice(forms.Form):
    """A filter with one choice."""

    pillar = forms.ChoiceField(choices=[("1", "1"), ("2", "2")], required=False)


class SampleForm(forms.Form):
    """A field that is right and one that is wrong."""

    right = IsoDateField(required=False)
    wrong = IsoDateField(required=False)


def components(request: HttpRequest) -> HttpResponse:
    """The gallery. Readers have no use for it: a site that is deployed does not show it."""
    if not settings.SHOW_COMPONENTS:
        raise Http404
    form = SampleForm({"right": ON.isoformat(), "wrong": ON.isoformat()})
    form.fields["right"].label = _("As it stood on")
    form.fields["wrong"].label = _("As known on")
    form.add_error("wrong", IsoDateField.default_error_messages["invalid"])
    again = SampleForm({"right": ON.isoformat()}, auto_id="again_%s")
    for name in again.fields:
        again.fields[name].label = form.fields[name].label
    choice = SampleChoice()
    choice.fields["pillar"].label = _("Pillar")
    choice.fields["pillar"].empty_label = _("All pillars")
    pledges = [_pledge(number, status) for number, status in enumerate(Status, start=1)]
    context = {
        "around": AROUND,
        "statuses": list(Status),
        "flags": list(Flag),
        "figures": [
            progress(milestones_done=2, milestones_total=5, reported=None),
            progress(milestones_done=0, milestones_total=0, reported=75),
            progress(milestones_done=0, milestones_total=0, reported=None),
        ],
        "summary": _summary(pledges),
        "nothing": _summary([]),
        "pledges": pledges[:3],
        # Not called `pledge`: the head of a page that has one speaks of it.
        "sample": pledges[0],
        "reply": _reply(),
        "entries": _entries(pledges[0]),
        "step": _entries(pledges[0])[0].update.milestone_changes.all()[0],
        "form": form,
        "again": again,
        "choice": choice,
        "options": [Option("1", "1", 9, is_chosen=True), Option("2", "2", 0, is_chosen=False)],
        "indicator": _indicator(),
        "page": Paginator(range(30), 10).page(2),
    }
    return render_asof(request, "tracker/components.html", asof_form(request), context)


def _summary(pledges: list[Pledge]) -> Summary:
    return summary(pledges, AsOf(ON))


def _pledge(number: int, status: Status) -> Pledge:
    """A pledge as `PledgeQuerySet.seen` would give it."""
    pledge = Pledge(
        code=f"X0.{number:02}",
        title_en=f"A sample pledge, number {number}",
        title_zh=f"示例承诺（第{number}条）",
        wording="we will show what a pledge looks like in a list",
        announced_on=date(2022, 8, 20),
    )
    pledge.status, pledge.entry_id = status.value, number
    pledge.last_entry_on, pledge.has_evidence = ON, status != Status.NOT_RATED
    pledge.due_on, pledge.due_precision = date(2023, 12, 31), "year"
    pledge.milestones_total, pledge.milestones_done = 4, number % 5
    pledge.reported_progress = None
    pledge.flags_then = pledge.flags(ON)
    return pledge


def _indicator() -> Indicator:
    """A number with three values and a target, as `IndicatorQuerySet.seen` would give it."""
    indicator = Indicator(
        name_en="A sample number",
        name_zh="示例数字",
        unit_en="a year",
        unit_zh="每年",
        target=Decimal(100),
        target_on=date(2026, 12, 31),
    )
    indicator.values_then = [
        Measurement(
            value=Decimal(value),
            measured_on=date(year, 12, 31),
            is_baseline=year == 2021,
            publisher="The sample commission",
        )
        for year, value in ((2021, 20), (2022, 35), (2023, 70))
    ]
    return indicator


def _evidence() -> Evidence:
    return Evidence(
        kind=EvidenceKind.OFFICIAL,
        title="Notice of the sample commission",
        language="en",
        publisher="The sample commission",
        url="https://example.org/notice",
        published_on=ON,
        seen_on=ON,
        quotation="The thing pledged was opened today.",
        note_en="What the quotation shows, in our own words.",
        note_zh="用我们自己的话说明引文表明了什么。",
    )


def _reply() -> Reply:
    return Reply(
        body=Body(slug="sample", name_en="The sample commission", name_zh="示例委员会"),
        text_en="What a body answers to a verdict.",
        text_zh="机构对结论的答复。",
        published_at=datetime.combine(ON, time(12), SHANGHAI),
    )


def _entries(pledge: Pledge) -> list[TimelineEntry]:
    """An entry that changed the status, one that was corrected, and its correction."""
    changed = _update(pledge, 1, Status.IN_PROGRESS)
    wrong = _update(pledge, 2, Status.KEPT)
    right = _update(pledge, 3, Status.PARTLY_KEPT, corrects=wrong)
    right.correction_reason_en, right.correction_reason_zh = "A slip.", "笔误。"
    return [
        _entry(right, before=Status.IN_PROGRESS, holds=True),
        _entry(wrong, corrected_by=right),
        _entry(changed, before=Status.NOT_RATED),
    ]


def _entry(
    update: Update,
    *,
    before: Status | None = None,
    holds: bool = False,
    corrected_by: Update | None = None,
) -> TimelineEntry:
    return TimelineEntry(
        update=update,
        status=Status(update.status),
        before=before,
        holds=holds,
        corrected_by=corrected_by,
        is_withdrawn=corrected_by is not None,
    )


def _update(pledge: Pledge, number: int, status: Status, corrects: Update | None = None) -> Update:
    update = Update(
        pk=number,
        pledge=pledge,
        sequence=number,
        status=status,
        effective_on=ON,
        published_at=datetime.combine(ON, time(12), SHANGHAI),
        narrative_en="What happened, in the record’s own words.",
        narrative_zh="发生了什么，用记录自己的话说。",
        reported_progress=40,
        due_on=date(2024, 12, 31),
        due_precision="year",
        corrects=corrects,
    )
    change = MilestoneChange(
        milestone=Milestone(title_en="A sample step", title_zh="示例步骤"),
        state=MilestoneState.DONE,
        done_on=ON,
    )
    # What a page would have fetched along with the entry.
    update._prefetched_objects_cache = {
        "milestone_changes": [change],
        "evidence": [_evidence()] if number > 1 else [],
    }
    return update
