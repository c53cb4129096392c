"""What pledges belonged to and were called on a day, asked of all of them at once.

`Words` puts back what rows at hand then said; this chooses rows by it, for filters, the search and
the order of titles. `tests/queries/test_belonging.py` holds the two equal.
"""

from collections.abc import Iterator
from datetime import date
from operator import attrgetter
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tracker.models import Body, Pillar, Pledge, Programme, Responsibility, Sector
from tracker.models.pledge import SEARCHED
from tracker.models.update import saying
from tracker.queries.words import SECTORS_AT_SAVES, Words, last_saves
from tracker.rules.search import Term, occurring

#: The filters with one choice, and the groups that they choose from.
GROUPS: dict[str, type[Programme] | type[Pillar] | type[Sector] | type[Body]] = {
    "programme": Programme,
    "pillar": Pillar,
    "sector": Sector,
    "body": Body,
}
_ROWS = {"programme": "programmes", "pillar": "pillars", "sector": "sectors", "body": "bodies"}
#: In which order a filter offers its groups.
_IN_ORDER: dict[str, Any] = {
    "programme": attrgetter("announced_on", "slug"),
    "pillar": attrgetter("programme_id", "order"),
    "sector": attrgetter("slug"),
    "body": attrgetter("slug"),
}
_NAMES = ("name_en", "name_zh")
_TITLES = ("title_en", "title_zh")


def address_of(name: str, group: Any) -> str:
    """What an address says to ask for a group: the number of a pillar, the slug of any other."""
    return str(group.order if name == "pillar" else group.slug)


class Belonging:
    """Pledges by their groups and texts at the end of `known_on`; as they are now without that day.

    A pledge of which no save is known that early has what it has now, as in `Words.pledges`.
    """

    def __init__(self, known_on: date | None = None) -> None:
        self.known_on = known_on
        self._words = Words(known_on)

    def groups(self, name: str) -> list[Any]:
        """All groups of a filter, those without pledges too, in the order of offering them.

        A pillar has its programme.
        """
        rows = getattr(self._words, _ROWS[name])
        return sorted(rows.values(), key=_IN_ORDER[name])

    def within(self, name: str, keys: Any) -> Q:
        """Whether a pledge belongs to one of the groups with these keys: a list, or a question."""
        if name in ("programme", "pillar"):
            return self._saved(Q(**{f"{name}__in": keys}))
        then: QuerySet[Any]
        now: QuerySet[Any]
        if name == "sector":
            then = SECTORS_AT_SAVES.objects.filter(history__in=self._saves, sector__in=keys)
            now = Pledge.sectors.through.objects.filter(sector__in=keys)
        else:
            then = last_saves(Responsibility, self.known_on).filter(body__in=keys)
            now = Responsibility.objects.filter(body__in=keys)
        return self._either(
            *(Q(pk__in=rows.order_by().values("pledge_id")) for rows in (then, now))
        )

    def saying(self, term: Term) -> Q:
        """Whether the code of a pledge begins with a word, or a text of it or a name of a group
        that it belongs to holds the word. What its record says is not looked into."""
        return self._saved(saying(term.text, *SEARCHED)) | self.named(term)

    def named(self, term: Term) -> Q:
        """Whether the code of a pledge begins with a word, or a name of a group that it belongs to
        holds the word."""
        found = Q(code__istartswith=term.text)
        for name in ("pillar", "sector", "body"):
            found |= self.within(name, self.called(name, term))
        return found

    def called(self, name: str, term: Term) -> Any:
        """The keys of the groups in whose names a word stands."""
        fields = _TITLES if name == "pillar" else _NAMES
        if self.known_on is None:
            return GROUPS[name].objects.filter(saying(term.text, *fields)).order_by().values("pk")
        return [
            group.pk
            for group in self.groups(name)
            if any(occurring(getattr(group, field), [term]) for field in fields)
        ]

    def by_title(self, pledges: QuerySet, suffix: str) -> QuerySet:
        """`pledges` in the order of their titles in one language, as the database orders texts."""
        title = f"title_{suffix}"
        if self.known_on is None:
            return pledges.order_by(title, "code")
        then = self._saves.filter(id=OuterRef("pk")).values(title)
        return pledges.alias(title_then=Coalesce(Subquery(then), F(title))).order_by(
            "title_then", "code"
        )

    def of_pledges(self, pledges: QuerySet, *names: str) -> Iterator[tuple]:
        """The key and the fields `names` of each pledge, those that may be mended as they were."""
        now = pledges.values_list("pk", *names).iterator(chunk_size=5000)
        if self.known_on is None:
            return now
        mended = [name for name in names if name in _MENDED]
        saved = {key: values for key, *values in self._saves.values_list("id", *mended)}
        places = [names.index(name) + 1 for name in mended]
        return (_with(row, places, saved.get(row[0])) for row in now)

    def pairs(self, name: str, pledges: QuerySet | None = None) -> Iterator[tuple[int, int]]:
        """Each pledge's key with that of each sector, or body, that it belongs to."""
        rows: Any = Pledge.sectors.through if name == "sector" else Responsibility
        now = rows.objects.all()
        if pledges is not None:
            now = now.filter(pledge__in=pledges)
        if self.known_on is None:
            yield from _pairs(now, name)
            return
        if name == "sector":
            then = SECTORS_AT_SAVES.objects.filter(history__in=self._saves)
        else:
            then = last_saves(Responsibility, self.known_on).filter(pledge__in=self._saves_keys)
        # Who deletes a group saves no pledge: their last saves still name it.
        known = {group.pk for group in self.groups(name)}
        yield from (pair for pair in _pairs(then, name) if pair[1] in known)
        yield from _pairs(now.exclude(pledge__in=self._saves_keys), name)

    @property
    def _saves(self) -> QuerySet:
        return last_saves(Pledge, self.known_on)

    @property
    def _saves_keys(self) -> QuerySet:
        return self._saves.order_by().values("id")

    def _saved(self, fits: Q) -> Q:
        """Whether a pledge's own fields fit, as they were last saved."""
        if self.known_on is None:
            return fits
        return self._either(Q(pk__in=self._saves.filter(fits).order_by().values("id")), fits)

    def _either(self, then: Q, now: Q) -> Q:
        if self.known_on is None:
            return now
        return then | (now & ~Q(pk__in=self._saves_keys))


#: Of what `of_pledges` is asked for, what may have been otherwise.
_MENDED = frozenset({"programme_id", "pillar_id", *_TITLES})


def _with(row: tuple, places: list[int], values: list[Any] | None) -> tuple:
    if values is None:
        return row
    changed = list(row)
    for place, value in zip(places, values, strict=True):
        changed[place] = value
    return tuple(changed)


def _pairs(rows: QuerySet, name: str) -> Iterator[tuple[int, int]]:
    return rows.order_by().values_list("pledge_id", f"{name}_id").iterator(chunk_size=5000)
