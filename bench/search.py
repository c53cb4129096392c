"""What a search costs, and that it finds what LIKE finds.

python -m bench.search WORD …     prints, as JSON, for each word what is found and its cost
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from statistics import median

from bench import addresses, data
from bench.child import ask
from bench.measure import Figure, TooSlow, cpu, in_turn, ms
from bench.on import On
from bench.words import RARE_EN, RARE_ZH, Words

WORDS = 16


def words() -> list[str]:
    """Common and rare ones, parts of words, Chinese of one to four characters, and none at all."""
    source = random.Random(3)
    vocabulary = Words(source)
    found = {addresses.word(source, vocabulary) for _each in range(WORDS)}
    return sorted(found | {"the", "arbo", "港", "港口", "100%", "a_b", "zzzz", RARE_EN, RARE_ZH})


def searches(on: On) -> Iterator[Figure]:
    yield from _equal(on)
    yield from _rare(on)
    yield from _any_word(on)


def _equal(on: On) -> Iterator[Figure]:
    """The pledges found are those that LIKE finds, word by word, on the smallest record."""
    wanted = words()
    found = ask("bench.search", on.url(on.smallest), *wanted)
    wrong = [word for word in wanted if found[word]["codes"] != found[word]["like"]]
    yield Figure(
        f"search of {on.smallest:,}: what is found, against LIKE",
        on.name,
        "all equal",
        subject=f"{len(wanted) - len(wrong)} of {len(wanted)} words equal",
        holds=not wrong,
        note=f"not for {', '.join(wrong)}" if wrong else "",
    )


def _rare(on: On) -> Iterator[Figure]:
    """A rare phrase on the largest record: the pledges that say it, against LIKE."""
    for word, kind in ((f'"{RARE_EN}"', "English"), (RARE_ZH, "Chinese of two characters")):
        found = ask("bench.search", on.url(on.largest), word)[word]
        ratio = found["like_seconds"] / found["seconds"]
        is_equal = found["codes"] == found["like"]
        yield Figure(
            f"search of {on.largest:,} for a rare phrase, {kind}, against LIKE",
            on.name,
            "100 × faster, and equal",
            subject=ms(found["seconds"]),
            reference=ms(found["like_seconds"]),
            ratio=ratio,
            holds=ratio >= 100 and is_equal,
            note=f"{len(found['codes'])} pledges, {'equal' if is_equal else 'NOT EQUAL'}; "
            "times faster, by the clock",
        )


def _any_word(on: On) -> Iterator[Figure]:
    """A list page for any word, counts included, each asked the first time."""
    wanted = [word for word in words() if word.isalpha()]
    taken: dict[str, float] = {}
    with on.site(on.largest) as site:
        site.get("/en/pledges/?status=kept&page=1")
        # From here on: the first page makes the sets, which takes seconds.
        end = time.monotonic() + 2 * on.seconds
        for word in wanted:
            if time.monotonic() > end:
                break
            before = cpu(*site.pids)
            try:
                site.get(addresses.search(word))
            except TooSlow as slow:
                taken[word] = slow.seconds
                break
            taken[word] = cpu(*site.pids) - before
    slowest = max(taken, key=lambda word: taken[word])
    yield Figure(
        f"search page of {on.largest:,} for any word, with its counts",
        on.name,
        "at most 100 ms",
        subject=ms(taken[slowest]),
        holds=taken[slowest] <= 0.1,
        note=f"the slowest of {len(taken)} words, {slowest}; the median takes "
        f"{ms(median(taken.values()))} of CPU",
    )


def main() -> None:
    data.set_up()
    from django.utils import timezone

    from tracker.models import Pledge
    from tracker.queries.search import matching
    from tracker.rules.asof import AsOf
    from tracker.rules.dates import day_of

    asof = AsOf(day_of(timezone.now()))
    answers = {}
    for word in sys.argv[1:]:
        kept: dict[str, list[str]] = {}

        def codes(question, kept=kept) -> float:
            begun = time.perf_counter()
            name, found = question()
            kept[name] = sorted(found.values_list("code", flat=True))
            return time.perf_counter() - begun

        pairs = in_turn(
            lambda word=word: codes(lambda: ("like", _like(word))),
            lambda word=word: codes(
                lambda: ("codes", matching(Pledge.objects.seen(asof), word, asof))
            ),
            seconds=20,
        )
        answers[word] = kept | {"seconds": pairs.subject, "like_seconds": pairs.reference}
    json.dump(answers, sys.stdout)


def _like(asked: str):
    """The public pledges that say each of the words, by LIKE over every text that is searched."""
    from django.db.models import Q

    from tracker.models import Evidence, Pledge, Responsibility, Update
    from tracker.models.pledge import SEARCHED
    from tracker.models.update import SEARCHED as IN_ENTRY
    from tracker.models.update import SEARCHED_EVIDENCE
    from tracker.rules.search import terms

    def says(word: str, *fields: str) -> Q:
        found = Q()
        for field in fields:
            found |= Q(**{f"{field}__icontains": word})
        return found

    names = ("name_en", "name_zh")
    pledges = Pledge.objects.filter(published_at__isnull=False)
    entries = Update.objects.filter(state="published")
    for word in (term.text for term in terms(asked)):
        cited = Evidence.objects.filter(says(word, *SEARCHED_EVIDENCE), update__state="published")
        bodies = Responsibility.objects.filter(says(word, *(f"body__{name}" for name in names)))
        sectors = Pledge.sectors.through.objects.filter(
            says(word, *(f"sector__{name}" for name in names))
        )
        own = says(word, *SEARCHED, "pillar__title_en", "pillar__title_zh")
        pledges = pledges.filter(
            own
            | Q(code__istartswith=word)
            | Q(pk__in=entries.filter(says(word, *IN_ENTRY)).values("pledge"))
            | Q(pk__in=cited.values("update__pledge"))
            | Q(pk__in=bodies.values("pledge"))
            | Q(pk__in=sectors.values("pledge"))
        )
    return pledges


if __name__ == "__main__":
    main()
