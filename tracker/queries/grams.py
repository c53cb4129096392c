"""Which pledges say a term, by the index of grams (`models.gram`, `rules.grams`).

What a pledge and its record say is in the index up to an edition. Pledges that were touched since
are looked through as they stand, and so the answer is that of LIKE, however far the index has come.
"""

import json
from collections import defaultdict
from functools import reduce
from operator import and_
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Length

from tracker.models import Evidence, Gram, Indexed, Pledge, Posting, Touch, Update
from tracker.models.pledge import SEARCHED
from tracker.models.update import SEARCHED as SEARCHED_IN_ENTRY
from tracker.models.update import SEARCHED_EVIDENCE, saying
from tracker.rules.asof import AsOf
from tracker.rules.grams import (
    LONGEST,
    Keys,
    decoded,
    is_gram,
    is_part_of_words,
    pairs,
    spellings,
    words,
)
from tracker.rules.search import LATIN, Term, slips_allowed

#: Where more pledges than this were touched since, all are looked through as they stand.
MANY = 20_000
#: Keys are given to the database in pieces of so many, to look through their texts.
PIECE = 10_000


class Index:
    """The index as it is found at a moment. Read it before what was touched since, as here."""

    def __init__(self, edition: int) -> None:
        self.edition = edition

    @classmethod
    def now(cls) -> "Index | None":
        """The index, where there is one: within a transaction only the tables themselves answer."""
        if connection.in_atomic_block:
            return None
        edition = Indexed.objects.filter(pk=1, is_whole=True).values_list("number", flat=True)
        number = edition.first()
        return None if number is None else cls(number)

    def touched(self) -> Keys | None:
        """The pledges that were touched since, which must be looked through; None where they are
        so many that all are."""
        keys = Touch.objects.since(self.edition).values_list("pk", flat=True)[: MANY + 1]
        return None if len(keys) > MANY else Keys.of(keys)

    def saying(self, term: Term, asof: AsOf) -> Keys | None:
        """The public pledges of which a text or an entry, as of the day asked about, says a term.

        None where the index cannot tell. Names of groups and codes are not looked into.
        """
        text = term.text
        if len(text) > LONGEST:
            return None
        is_exact = asof.is_now and (is_gram(text) or is_part_of_words(text))
        found = self._holding(text)
        # Asked for after the postings: what is touched while they are read is looked through, too.
        touched = self.touched()
        if touched is None:
            return None
        if is_exact:
            return (found - touched) | looked_through(touched, text, asof)
        return looked_through(found | touched, text, asof)

    def words(self, near: str) -> list[str]:
        """The English words about as long as one, of which it may be a slip."""
        allowed = slips_allowed(near)
        long = Length("text")
        found = (
            _words()
            .alias(length=long)
            .filter(length__gte=len(near) - allowed, length__lte=len(near) + allowed)
        )
        return [word for word in found.values_list("text", flat=True) if LATIN.fullmatch(word)]

    def commonest(self, words_: list[str]) -> list[str]:
        """Some words, those that most pledges say first."""
        said = _saying_any([_words().filter(text=word) for word in words_]) if words_ else []
        number = {word: len(keys) for word, keys in zip(words_, said, strict=True)}
        return sorted(words_, key=lambda word: (-number[word], word))

    def _holding(self, text: str) -> Keys:
        """The pledges that say all grams of a text."""
        if is_gram(text):
            conditions = [_spelt(text)]
        elif is_part_of_words(text):
            conditions = [_words().filter(text__icontains=text)]
        else:
            conditions = [_words().filter(_word(*word)) for word in words(text)]
            conditions += [_spelt(pair) for pair in pairs(text)]
            if not conditions:  # Single signs parted by spaces.
                conditions = [_spelt(sign) for sign in text.split()]
        return reduce(and_, _saying_any(conditions))


def _words() -> QuerySet:
    # One of a list: SQLite looks up no bare `is_word` in an index, and goes through all grams.
    return Gram.objects.filter(is_word__in=[True])


def _word(word: str, begins: bool, ends: bool) -> Q:
    if begins and ends:
        return Q(text__iexact=word)
    if begins:
        return Q(text__istartswith=word)
    return Q(text__iendswith=word) if ends else Q(text__icontains=word)


def _spelt(gram: str) -> QuerySet:
    """A gram of one or two characters, in the spellings that the database takes for the same."""
    own = Gram.objects.filter(is_word__in=[False], text__in=spellings(gram))
    # Of the spellings only those as long: one character is a part of pairs as well.
    return own.filter(text__iexact=gram)


def _saying_any(conditions: list[QuerySet]) -> list[Keys]:
    """For each of several choices of grams, the pledges that say any of them; in one question."""
    rows = [
        Posting.objects.filter(gram__in=grams.order_by().values("pk"))
        .order_by()
        .values_list(Value(number), "block", "keys")
        for number, grams in enumerate(conditions)
    ]
    stored: list[dict[int, list[bytes]]] = [defaultdict(list) for _each in conditions]
    for number, block, keys in rows[0].union(*rows[1:], all=True):
        stored[number][block].append(bytes(keys))
    return [Keys({block: decoded(each) for block, each in blocks.items()}) for blocks in stored]


def looked_through(keys: Keys, text: str, asof: AsOf) -> Keys:
    """Those of the pledges `keys` that say a text, by LIKE; of each no more is read than tells."""
    entries = Update.objects.published(asof.known_on).filter(effective_on__lte=asof.day).order_by()
    own = entries.filter(saying(text, *SEARCHED_IN_ENTRY))
    theirs = entries.filter(pledge=OuterRef(OuterRef("pk")))
    cited = Evidence.objects.filter(update__in=theirs.values("pk")).order_by()
    says = (
        saying(text, *SEARCHED)
        | Q(Exists(own.filter(pledge=OuterRef("pk"))))
        | Q(Exists(cited.filter(saying(text, *SEARCHED_EVIDENCE))))
    )
    found: set[int] = set()
    sought = list(keys)
    for start in range(0, len(sought), PIECE):
        some = Pledge.objects.published().filter(pk__in=among(sought[start : start + PIECE]))
        found.update(some.filter(says).order_by().values_list("pk", flat=True))
    return Keys.of(found)


def among(keys: list[int]) -> Any:
    """Keys, given to the database as one value whatever their number."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [keys])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(keys)])
