"""Where in the record the words of a search stand, and what was meant where they stand nowhere."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value

from tracker.models import Body, Evidence, Pillar, Pledge, Sector, Update
from tracker.models.pledge import SEARCHED
from tracker.models.update import SEARCHED as SEARCHED_IN_ENTRY
from tracker.models.update import SEARCHED_EVIDENCE
from tracker.queries.belonging import Belonging
from tracker.queries.facet_sets import Day
from tracker.queries.grams import Index, among
from tracker.rules.asof import AsOf
from tracker.rules.grams import Keys
from tracker.rules.search import (
    LATIN,
    Correction,
    Piece,
    Term,
    correction,
    excerpt,
    nearest_ones,
    occurring,
    set_right,
    terms,
)
from tracker.vocabulary import Language

NAMES = ("name_en", "name_zh")
SHOWN = 2
#: Of a record of more pledges, no slip is set right while there is no index: it would take seconds.
MANY = 5000
#: So many of the words that are equally near are looked for.
GUESSES = 20


@dataclass(frozen=True)
class Find:
    """One place in which words stand: an entry of a pledge's record, else a text of its own."""

    pieces: tuple[Piece, ...]
    language: str
    update: Update | None = None


def matching(
    pledges: QuerySet, words: str, asof: AsOf, belonging: Belonging | None = None
) -> QuerySet:
    """Those of `pledges` in which each of `words` occurs: in a text, a name, or an entry.

    Words are parted by `rules.search.terms` and found anywhere, in either language. Entries, with
    their evidence, are those that a reader sees as of the day asked about, and no later ones;
    texts and names are what `belonging` says, else those of the day as of which it is known.
    """
    belonging = belonging or Belonging(asof.known_on)
    # Of texts that a past day had the index knows nothing.
    index = None if asof.known_on or belonging.known_on else Index.now()
    for term in terms(words):
        if index and (keys := index.saying(term, asof)) is not None:
            says = Q(pk__in=among(list(keys | _coded(term))))
            for name, own in _groups_called(belonging, term).items():
                says |= belonging.within(name, own)
            pledges = pledges.filter(says)
            continue
        entries = Update.objects.seen(asof).saying(term.text).filter(pledge=OuterRef("pk"))
        pledges = pledges.filter(belonging.saying(term) | Exists(entries))
    return pledges


def found(words: str, asof: AsOf, day: Day) -> int:
    """The places of the pledges that `matching` gives, among those that a reader sees on `day`."""
    index = None if asof.known_on else Index.now()
    fits, facets = day.seen, day.facets
    for term in terms(words):
        keys = index.saying(term, asof) if index else None
        if keys is None:
            seen = matching(Pledge.objects.seen(asof), words, asof).order_by()
            return day.seen & facets.places_of(Keys.of(seen.values_list("pk", flat=True)))
        says = facets.places_of(keys) | facets.coded(term.text)
        for name, groups in _groups_called(facets.belonging, term).items():
            for group in groups:
                says |= facets.sets[name].get(group, 0)
        fits &= says
    return fits


def _coded(term: Term) -> Keys:
    """The pledges whose codes begin with a word."""
    # Public or not: the caller looks at that, and here it is all in the index of codes.
    return Keys.of(Pledge.objects.coded(term.text).order_by().values_list("pk", flat=True))


def _groups_called(belonging: Belonging, term: Term) -> dict[str, list[int]]:
    """The keys of the groups in whose names a word stands, where there are any."""
    names = ("pillar", "sector", "body")
    called = [belonging.called(name, term) for name in names]
    if belonging.known_on:
        return {name: own for name, own in zip(names, called, strict=True) if own}
    # In one question: each has its name as a number.
    rows = [own.values_list(Value(number), "pk") for number, own in enumerate(called)]
    found: dict[str, list[int]] = defaultdict(list)
    for number, key in rows[0].union(*rows[1:], all=True):
        found[names[number]].append(key)
    return found


def meant(asked: str, asof: AsOf) -> Correction | None:
    """What a search was probably meant to be, by what a reader sees as of the day asked about.

    Where the index answers, the words are its own. Where it does not, all texts are read, and of a
    record with many of them nothing is guessed.
    """
    index = Index.now()
    if index is None or index.touched() is None:
        many = Pledge.objects.published()[: MANY + 1]
        return None if many.count() > MANY else correction(asked, _texts(asof))

    def says(term: Term) -> bool:
        quoted = str(Term(term.text, is_exact=True))
        return matching(Pledge.objects.seen(asof), quoted, asof).order_by().exists()

    def near(word: str) -> str | None:
        others = {*index.words(word), *_words_of_names()}
        common = index.commonest(sorted(nearest_ones(word, others))[:GUESSES])
        # A word may be of an entry that is later than the day, or of a group without a pledge.
        return next((other for other in common if says(Term(other))), None)

    return set_right(asked, says=says, near=near)


def _words_of_names() -> list[str]:
    """The words in the names of groups, which the index leaves to their own small tables."""
    names = chain.from_iterable(
        rows.values_list(*fields)
        for rows, fields in (
            (Pillar.objects.order_by(), ("title_en",)),
            (Sector.objects.order_by(), ("name_en",)),
            (Body.objects.order_by(), ("name_en",)),
        )
    )
    return LATIN.findall("\n".join(chain.from_iterable(names)).casefold())


def _texts(asof: AsOf) -> Iterator[str]:
    """Every text that a search looks into, and no other."""
    pledges = Pledge.objects.seen(asof)
    entries = Update.objects.seen(asof)
    theirs = {"pledges__in": pledges.values("pk")}
    rows = chain(
        pledges.values_list("code", *SEARCHED),
        entries.values_list(*SEARCHED_IN_ENTRY),
        Evidence.objects.filter(update__in=entries).values_list(*SEARCHED_EVIDENCE),
        Pillar.objects.filter(**theirs).distinct().values_list("title_en", "title_zh"),
        Sector.objects.filter(**theirs).distinct().values_list(*NAMES),
        Body.objects.filter(responsibilities__pledge__in=pledges.values("pk"))
        .distinct()
        .values_list(*NAMES),
    )
    return chain.from_iterable(rows)


def finds(
    pledges: Sequence[Pledge], wanted: Sequence[Term], asof: AsOf, reader: Language
) -> dict[int, list[Find]]:
    """For each pledge, where the `wanted` words stand, in two queries whatever their number.

    First the entry that the pledge's status rests on, whatever it says; then the others that say
    most of the words, the latest of them first; then a text of the pledge itself.
    """
    if not wanted:
        return {}
    by_pledge: dict[int, list[_Entry]] = defaultdict(list)
    for entry in _entries([pledge.pk for pledge in pledges], asof):
        by_pledge[entry.row["pledge_id"]].append(entry)
    return {
        pledge.pk: list(
            islice(
                chain(
                    _in_entries(pledge, by_pledge[pledge.pk], wanted, reader),
                    _in_pledge(pledge, wanted, reader),
                ),
                SHOWN,
            )
        )
        for pledge in pledges
    }


@dataclass(frozen=True)
class _Entry:
    """What is read of an entry, and of each piece of its evidence: objects of all, of which two a
    pledge are shown, would take most of the time."""

    row: Mapping[str, Any]
    cited: list[Mapping[str, Any]]

    def texts(self, reader: Language) -> Iterator[tuple[str, str]]:
        yield from _bilingual(self.row.__getitem__, ("narrative", "correction_reason"), reader)
        for evidence in self.cited:
            for field in ("title", "publisher", "quotation"):
                yield evidence[field], evidence["language"]
            yield from _bilingual(evidence.__getitem__, ("note",), reader)

    def of(self, pledge: Pledge) -> Update:
        """The entry with what is printed of it; all else is read where it is asked for."""
        update = Update.from_db(Update.objects.db, _PRINTED, [self.row[name] for name in _PRINTED])
        update.pledge = pledge
        return update


#: In the order of the model's fields, as `from_db` takes them.
_PRINTED = tuple(
    field.attname
    for field in Update._meta.concrete_fields
    if field.attname in {"id", "pledge_id", "sequence", "status", "effective_on"}
)


def _entries(keys: Sequence[int], asof: AsOf) -> list[_Entry]:
    """The entries of some pledges that a reader sees, the latest first."""
    entries = Update.objects.seen(asof).filter(pledge__in=keys).latest_first()
    found = {row["id"]: _Entry(row, []) for row in entries.values(*_PRINTED, *SEARCHED_IN_ENTRY)}
    evidence = Evidence.objects.filter(update__in=list(found))
    for row in evidence.values("update_id", "language", *SEARCHED_EVIDENCE):
        found[row["update_id"]].cited.append(row)
    return list(found.values())


def _in_entries(
    pledge: Pledge, entries: Iterable[_Entry], wanted: Sequence[Term], reader: Language
) -> Iterator[Find]:
    found = []
    for entry in entries:
        is_latest = entry.row["id"] == pledge.entry_id
        number, text, language = _best(entry.texts(reader), wanted)
        if number or is_latest:
            found.append((is_latest, number, text, language, entry))
    # Sorting is stable: of those that say as much, the latest stays first.
    found.sort(key=lambda one: one[:2], reverse=True)
    for *_rank, text, language, entry in found:
        yield Find(tuple(excerpt(text, wanted)), language, entry.of(pledge))


def _in_pledge(pledge: Pledge, wanted: Sequence[Term], reader: Language) -> Iterator[Find]:
    said = partial(getattr, pledge)
    texts = _bilingual(said, ("summary", "yardstick", "wording_note"), reader)
    number, text, language = _best(texts, wanted)
    if number:
        yield Find(tuple(excerpt(text, wanted)), language)


def _bilingual(
    said: Callable[[str], str], names: Sequence[str], reader: Language
) -> Iterator[tuple[str, str]]:
    """Texts in the reader's language first, then in the other one."""
    for language in (reader, reader.other):
        for name in names:
            yield said(f"{name}_{language.suffix}"), language.value


def _best(texts: Iterable[tuple[str, str]], wanted: Sequence[Term]) -> tuple[int, str, str]:
    """The first text in which most of the words stand, with how many those are."""
    found = [(len(occurring(text, wanted)), text, language) for text, language in texts if text]
    return max(found, key=lambda one: one[0], default=(0, "", ""))
