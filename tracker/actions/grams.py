"""The index of the search: made anew, or brought up to the present edition.

Only what is public is read. Nothing depends on how far it has come: the search looks itself through
the pledges that were touched since (`queries.grams`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef
from django.db.models.functions import Greatest

from tracker.models import Edition, Evidence, Gram, Indexed, Pledge, Posting, Touch, Update
from tracker.models.pledge import SEARCHED
from tracker.models.update import SEARCHED as SEARCHED_IN_ENTRY
from tracker.models.update import SEARCHED_EVIDENCE
from tracker.rules.grams import BLOCK, PAIR, Keys, decoded, encoded, grams, in_block

BATCH = 5000


def index(*, anew: bool = False) -> int:
    """Brings the grams up to the present edition; gives how many pledges were read.

    With `anew` all public pledges are read, as where there is no index yet. Readers go on
    meanwhile: each block of pledges changes at once.
    """
    reached = Edition.objects.current()
    indexed, _is_new = Indexed.objects.get_or_create(pk=1, defaults={"number": 0})
    if anew or not indexed.is_whole:
        blocks = set(Posting.objects.values_list("block", flat=True).distinct())
        last = Pledge.objects.aggregate(last=Max("pk"))["last"]
        blocks |= set(range(last // BLOCK + 1)) if last else set()
        read = sum(_renew(block, None) for block in sorted(blocks))
    else:
        touched = Keys.of(Touch.objects.since(indexed.number).values_list("pk", flat=True))
        read = sum(_renew(block, bits) for block, bits in sorted(touched.blocks.items()))
    Indexed.objects.filter(pk=1).update(number=Greatest("number", reached), is_whole=True)
    said = Posting.objects.filter(gram=OuterRef("pk"))
    Gram.objects.filter(~Exists(said)).delete()
    return read


def _renew(block: int, touched: int | None) -> int:
    """Reads pledges of a block again, all without `touched`; gives how many those are."""
    with transaction.atomic():
        # Who indexes at the same time waits here, and reads only then: what is older than what is
        # there is never written. To write is to lock, on SQLite too.
        Indexed.objects.filter(pk=1).update(number=F("number"))
        number, said = _said(block, touched)
        _write(block, said, (1 << BLOCK) - 1 if touched is None else touched)
    return number


def _said(block: int, touched: int | None) -> tuple[int, dict[str, int]]:
    """How many pledges were read, and the places in the block of those that say each gram."""
    places: dict[str, list[int]] = defaultdict(list)
    number = 0
    for key, texts in _texts(block, touched):
        number += 1
        for gram in grams(texts):
            places[gram].append(key % BLOCK)
    return number, {gram: in_block(own) for gram, own in places.items()}


def _texts(block: int, touched: int | None) -> Iterator[tuple[int, list[str]]]:
    """Each public pledge with all that it and its record say, some thousand at a time."""
    start = block * BLOCK
    wanted = None if touched is None else list(Keys({block: touched}))
    step = BATCH if wanted is None else 500
    pieces: Iterable[dict]
    if wanted is None:
        pieces = (
            {"pk__gte": first, "pk__lt": min(first + step, start + BLOCK)}
            for first in range(start, start + BLOCK, step)
        )
    else:
        pieces = ({"pk__in": wanted[first : first + step]} for first in range(0, len(wanted), step))
    for piece in pieces:
        pledges = Pledge.objects.published().filter(**piece).order_by()
        said = {key: texts for key, *texts in pledges.values_list("pk", *SEARCHED)}
        own = {f"pledge__{name}": value for name, value in piece.items()}
        entries = Update.objects.published().of_public_pledges().filter(**own).order_by()
        cited = Evidence.objects.published().filter(
            **{f"update__{name}": value for name, value in own.items()}
        )
        for rows in (
            entries.values_list("pledge_id", *SEARCHED_IN_ENTRY),
            cited.order_by().values_list("update__pledge_id", *SEARCHED_EVIDENCE),
        ):
            for key, *texts in rows.iterator(chunk_size=BATCH):
                said.setdefault(key, []).extend(filter(None, texts))
        yield from said.items()


def _write(block: int, said: dict[str, int], read: int) -> None:
    """Makes the postings of a block say what the pledges `read` say."""
    changed, gone, known = [], [], set()
    own = Posting.objects.filter(block=block)
    for pk, text, gram, stored in own.values_list("pk", "gram__text", "gram_id", "keys").iterator():
        known.add(text)
        before = decoded([bytes(stored)])
        after = before & ~read | said.get(text, 0)
        if not after:
            gone.append(pk)
        elif after != before:
            changed.append(Posting(pk=pk, gram_id=gram, block=block, keys=encoded(after)))
    for start in range(0, len(gone), 500):
        Posting.objects.filter(pk__in=gone[start : start + 500]).delete()
    Posting.objects.bulk_update(changed, ["keys"], batch_size=200)
    new = sorted(said.keys() - known)
    keys = _keys(new)
    Posting.objects.bulk_create(
        (Posting(gram_id=keys[text], block=block, keys=encoded(said[text])) for text in new),
        batch_size=1000,
    )


def _keys(texts: list[str]) -> dict[str, int]:
    """The key of each gram; those that are not there yet are made."""
    found: dict[str, int] = {}
    for start in range(0, len(texts), 500):
        part = texts[start : start + 500]
        found |= Gram.objects.filter(text__in=part, is_word__in=[True, False]).values_list(
            "text", "pk"
        )
    last = Gram.objects.aggregate(last=Max("pk"))["last"] or 0
    missing = [text for text in texts if text not in found]
    made = [
        Gram(pk=last + n, text=text, is_word=len(text) > PAIR)
        for n, text in enumerate(missing, start=1)
    ]
    Gram.objects.bulk_create(made, batch_size=1000)
    return found | {gram.text: gram.pk for gram in made}
