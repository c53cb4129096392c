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
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Length

from tracker.models import Gram, Indexed, Pledge, Posting, Touch, Update
from tracker.models.pledge import SEARCHED
from tracker.models.update import saying
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
        # A pledge that is touched while postings are read is looked through, too: it is asked for
        # after them.
        self.edition = edition

    @classmethod
    def now(cls) -> "Index | None":
        """The index, where it answers: within a transaction only the tables themselves do."""
        if connection.in_atomic_block:
            return None
        edition = Indexed.objects.filter(pk=1, is_whole=True).values_list("number", flat=True)
        number = edition.first()
        if number is None or Touch.objects.since(number)[: MANY + 1].count() > MANY:
            return None
        return cls(number)

    def saying(self, term: Term, asof: AsOf) -> Keys | None:
        """The public pledges of which a text or an entry, as of the day asked about, says a term.

        None where the index cannot tell. Names of groups and codes are not looked into.
        """
        text = term.text
        if len(text) > LONGEST:
            return None
        is_exact = asof.is_now and (is_gram(text) or is_part_of_words(text))
        found = self._holding(text)
        touched = Keys.of(Touch.objects.since(self.edition).values_list("pk", flat=True))
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
        number = {word: len(_of(_words().filter(text=word))) for word in words_}
        return sorted(words_, key=lambda word: (-number[word], word))

    def _holding(self, text: str) -> Keys:
        """The pledges that say all grams of a text."""
        if is_gram(text):
            return _of(_spelt(text))
        if is_part_of_words(text):
            return _of(_words().filter(text__icontains=text))
        conditions = [_words().filter(_word(*word)) for word in words(text)]
        conditions += [_spelt(pair) for pair in pairs(text)]
        if not conditions:  # Single signs parted by spaces.
            conditions = [_spelt(sign) for sign in text.split()]
        return reduce(and_, map(_of, conditions))


def _words() -> QuerySet:
    return Gram.objects.filter(is_word=True)


def _word(word: str, begins: bool, ends: bool) -> Q:
    if begins and ends:
        return Q(text__iexact=word)
    if begins:
        return Q(text__istartswith=word)
    return Q(text__iendswith=word) if ends else Q(text__icontains=word)


def _spelt(gram: str) -> QuerySet:
    """A gram of one or two characters, in the spellings that the database takes for the same."""
    own = Gram.objects.filter(is_word=False, text__in=spellings(gram))
    # Of the spellings only those as long: one character is a part of pairs as well.
    return own.filter(text__iexact=gram)


def _of(grams: QuerySet) -> Keys:
    """The pledges that say any of some grams."""
    stored: dict[int, list[bytes]] = defaultdict(list)
    rows = Posting.objects.filter(gram__in=grams.order_by().values("pk")).order_by()
    for block, keys in rows.values_list("block", "keys").iterator():
        stored[block].append(bytes(keys))
    return Keys({block: decoded(each) for block, each in stored.items()})


def looked_through(keys: Keys, text: str, asof: AsOf) -> Keys:
    """Those of the pledges `keys` that say a text, by LIKE."""
    found: set[int] = set()
    own = list(keys)
    for start in range(0, len(own), PIECE):
        some = among(own[start : start + PIECE])
        pledges = Pledge.objects.published().filter(pk__in=some).order_by()
        entries = Update.objects.seen(asof).filter(pledge__in=some).order_by()
        found.update(pledges.filter(saying(text, *SEARCHED)).values_list("pk", flat=True))
        found.update(entries.saying(text).values_list("pledge_id", flat=True))
    return Keys.of(found)


def among(keys: list[int]) -> Any:
    """Keys, given to the database as one value whatever their number."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [keys])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(keys)])
