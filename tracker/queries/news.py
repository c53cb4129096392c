"""Published entries as news: what each of them changed when it was published."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tracker.models import Update
from tracker.rules.standing import in_effect, status_of
from tracker.vocabulary import Status


@dataclass(frozen=True)
class News:
    """One entry, with where its pledge stood just before its publication and just after."""

    update: Update
    before: Status
    after: Status

    @property
    def is_change(self) -> bool:
        return self.before != self.after

    @property
    def standing(self) -> str:
        """The step from status to status, or the entry's own status where there was none."""
        if self.is_change:
            return f"{self.before.label} → {self.after.label}"
        return str(Status(self.update.status).label)

    @property
    def headline(self) -> str:
        """The entry in one line: the pledge, and what it came to."""
        words: dict[str, object] = {
            "code": self.update.pledge.code,
            "title": self.update.pledge.title,
            "standing": self.standing,
        }
        if self.update.corrects:
            words["number"] = self.update.corrects.sequence
            return _("%(code)s %(title)s: correction of entry %(number)s: %(standing)s") % words
        return _("%(code)s %(title)s: %(standing)s") % words


def news(updates: Iterable[Update]) -> list[News]:
    """The published `updates` (with details) as news, in one query more.

    It is told from the record as it was at the moment of each publication, so that what was told
    once stays the same whatever is published later.
    """
    updates = list(updates)
    record: dict[int, list[Update]] = defaultdict(list)
    pledges = {update.pledge_id for update in updates}
    for entry in Update.objects.published().filter(pledge__in=pledges):
        record[entry.pledge_id].append(entry)
    return [_news(update, record[update.pledge_id]) for update in updates]


def _news(update: Update, record: list[Update]) -> News:
    day, number = update.published_on, update.sequence
    if day is None or number is None:
        raise ValueError("Only what is published is news.")
    known = [entry for entry in record if (entry.sequence or 0) <= number]
    earlier = [entry for entry in known if entry.pk != update.pk]
    return News(
        update=update,
        before=Status(status_of(in_effect(earlier, day))),
        after=Status(status_of(in_effect(known, day))),
    )
