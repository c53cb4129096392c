"""Addresses that readers may ask for, many and varied, the same for a seed."""

from datetime import timedelta
from random import Random
from urllib.parse import quote, urlencode

from bench import data

data.set_up()  # The words of filters are the tracker's own.

from bench.rows import BODIES, FIRST, LAST, PROGRAMMES, SECTORS  # noqa: E402
from bench.words import RARE_EN, RARE_ZH, Words  # noqa: E402
from tracker.forms.pledges import SORTS  # noqa: E402
from tracker.vocabulary import Flag, Status  # noqa: E402

LISTS = 300


def lists(number: int = LISTS, seed: int = 1, *, with_days: bool = True) -> list[str]:
    """Lists with all filters, flags, orders, searches, days and pages, each address once."""
    random = Random(seed)
    words = Words(random)
    found: dict[str, None] = {}
    while len(found) < number:
        asked = [
            ("status", random.sample(Status.values, random.choice((0, 0, 1, 1, 2, 3)))),
            ("flag", random.sample(Flag.values, random.choice((0, 0, 0, 1, 2)))),
            ("sector", _maybe(random, 0.3, f"sector-{random.randint(1, SECTORS // 2)}")),
            ("body", _maybe(random, 0.25, f"body-{random.randint(1, BODIES // 2)}")),
            ("programme", _maybe(random, 0.2, f"programme-{random.randint(1, 3)}")),
            ("pillar", _maybe(random, 0.25, str(random.randint(1, max(PROGRAMMES))))),
            ("sort", _maybe(random, 0.4, random.choice(list(SORTS)))),
            ("due_after", _maybe(random, 0.1, str(FIRST + timedelta(days=random.randint(0, 900))))),
            ("q", _maybe(random, 0.15, word(random, words))),
            ("page", _maybe(random, 0.1, "1")),
        ]
        if with_days:
            day = FIRST + timedelta(days=random.randint(100, (LAST - FIRST).days))
            asked.append(("as_of", _maybe(random, 0.1, str(day))))
        query = urlencode({name: values for name, values in asked if values}, doseq=True)
        language = random.choice(("en", "en", "zh-hans"))
        found[f"/{language}/pledges/{'?' if query else ''}{query}"] = None
    return list(found)


def _maybe(random: Random, chance: float, value: str) -> list[str]:
    return [value] if random.random() < chance else []


def word(random: Random, words: Words) -> str:
    """A word to search for: common or rare, English or Chinese."""
    return random.choice(
        (
            random.choice(words.english[30:200]),
            random.choice(words.english[1000:]),
            random.choice(words.chinese[:100]),
            random.choice(words.chinese[1000:]),
            RARE_EN,
            RARE_ZH,
        )
    )


def search(term: str, language: str = "en") -> str:
    return f"/{language}/pledges/?q={quote(term)}"


#: Every public page and file that a reader meets, with `{n}` for which of them. By their names in
#: tracker/urls.py; those that answer a form, a mail or a frozen file do not grow with the record.
PAGES = {
    "home": "/en/",
    "pledge-list": "/en/pledges/",
    "pledge-list filtered": "/en/pledges/?status=in_progress&sector=sector-{n}",
    "pledge-list as of": "/en/pledges/?as_of=2025-0{n}-15",
    "pledge-detail": "/en/pledges/P00010{n}/pledge-10{n}/",
    "pledge-feed": "/en/pledges/P00010{n}/feed/",
    "pledge-milestones": "/en/pledges/P00010{n}/milestones.ics",
    "feedback": "/en/pledges/P00010{n}/feedback/",
    "pledge-embed": "/en/embed/pledges/P00010{n}/",
    "pillar-detail": "/en/pillars/{p}/",
    "pillar-feed": "/en/pillars/{p}/feed/",
    "pillar-embed": "/en/embed/pillars/{p}/",
    "body-detail": "/en/bodies/body-{n}/",
    "body-feed": "/en/bodies/body-{n}/feed/?page={n}",
    "sector-detail": "/en/sectors/sector-{n}/",
    "sector-feed": "/en/sectors/sector-{n}/feed/?page={n}",
    "update-list": "/en/updates/?page={n}",
    "update-feed": "/en/updates/feed/?page={n}",
    "milestones": "/en/milestones.ics",
    "source-detail": "/en/sources/source-1/",
    "change-list": "/en/changes/",
    "correction-list": "/en/corrections/",
    "method": "/en/method/",
    "accessibility": "/en/accessibility/",
    "data": "/en/data/",
    "period-report": "/en/data/period/",
    "period-list": "/en/periods/",
    "follow": "/en/follow/",
    "home-card": "/en/card.png",
    "pledge-card": "/en/pledges/P00010{n}/card.png",
    "pillar-card": "/en/pillars/{p}/card.png",
    "api pledges": "/api/v1/pledges/",
    "sitemap": "/sitemap.xml",
}


def page(name: str, number: int) -> str:
    """The `number`th address of a page. What differs for none gets a word that nothing reads, so
    that each address is asked for the first time."""
    address = PAGES[name].format(n=number % 9 + 1, p=number % max(PROGRAMMES) + 1)
    return f"{address}{'&' if '?' in address else '?'}fresh={number}"
