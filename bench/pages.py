"""What pages cost: lists, any page as the record grows, the page of a pledge, and their answers."""

import re
from collections.abc import Iterator
from statistics import median

from bench import addresses
from bench.child import ask
from bench.measure import Figure, Pairs, in_turn, ms
from bench.on import On
from bench.serve import Site, Trivial

#: So many addresses are asked between two looks at the trivial view.
GROUP = 10
#: How many lists are compared with the plain reference, on the smallest record.
SAMPLE = 60


def lists(on: On) -> Iterator[Figure]:
    """300 varied lists, each for the first time, and then once more."""
    wanted = addresses.lists(on.lists)
    with Trivial() as trivial, on.site(on.largest) as site:
        _wake(site)
        for state, goal in (("cold", 30), ("warm", 15)):
            if state == "warm":
                # Not all of them were asked for in the time given.
                for at in range(0, len(wanted), GROUP):
                    site.cpu_per_answer(wanted[at : at + GROUP])
            found = _in_groups(site, trivial, wanted, on.seconds)
            yield Figure(
                f"list of {on.largest:,} with filters and counts, {state}, against a trivial view",
                on.name,
                f"at most {goal} ×",
                subject=ms(found.subject),
                reference=ms(found.reference),
                ratio=found.ratio,
                memory=site.memory,
                holds=found.ratio <= goal and not found.fault,
                note=f"{len(found.subjects)} times up to {GROUP} addresses, {found.note}; "
                "memory is what the server takes in all",
            )
            if found.fault:
                site.restart()


def _in_groups(site: Site, trivial: Trivial, wanted: list[str], seconds: float) -> Pairs:
    groups = [wanted[at : at + GROUP] for at in range(0, len(wanted), GROUP)]
    waiting = iter(groups)
    return in_turn(
        trivial.cpu_per_answer,
        lambda: site.cpu_per_answer(next(waiting)),
        pairs=len(groups),
        seconds=seconds,
    )


def answers(on: On) -> Iterator[Figure]:
    """Lists say what plain Python reads from the record: rows, their order, and every count."""
    wanted = addresses.lists(SAMPLE, seed=2)
    expected = ask("bench.reference", on.url(on.smallest), *wanted)
    wrong = []
    with on.site(on.smallest) as site:
        for _time in ("cold", "warm"):
            for address in wanted:
                found = read(site.get(address).content.decode())
                # A search that finds nothing is set right, and then the page answers another.
                if found != expected[address] and (
                    expected[address]["total"] or "q=" not in address
                ):
                    wrong.append(address)
    yield Figure(
        f"answers of lists of {on.smallest:,}, against plain Python",
        on.name,
        "all equal",
        subject=f"{2 * len(wanted) - len(wrong)} of {2 * len(wanted)} equal",
        holds=not wrong,
        note=f"the first other: {wrong[0]}" if wrong else "",
    )


def read(page: str) -> dict:
    """What a list page says: how many fit, which, and what each choice would give."""
    heading = re.search(r'id="results"[^>]*>\s*([\d,]+)', page)
    choice = r'name="(status|flag)" value="(\w+)".*?choice-count">([\d,]+)<'
    counts: dict[str, dict[str, int]] = {
        name: {} for name in ("programme", "pillar", "sector", "body", "status", "flag")
    }
    for name, value, count in re.findall(choice, page, re.DOTALL):
        counts[name][value] = _number(count)
    for name, options in re.findall(r'<select name="(\w+)"(.*?)</select>', page, re.DOTALL):
        for value, count in re.findall(r'value="([^"]+)"[^>]*>[^<]*[(（]([\d,]+)[)）]<', options):
            counts.setdefault(name, {})[value] = _number(count)
    names = ("programme", "pillar", "sector", "body", "status", "flag")
    return {
        "total": _number(heading[1]) if heading else 0,
        "codes": re.findall(r'<h3 class="card-title">\s*<a [^>]*><span class="code">(\S+?)<', page),
        "counts": {
            name: dict(sorted((v, n) for v, n in counts[name].items() if n)) for name in names
        },
    }


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def growth(on: On) -> Iterator[Figure]:
    """Each public page on the largest record, against itself on the smallest."""
    goal = "at most 1.25 ×"
    with on.site(on.smallest) as few, on.site(on.largest) as many:
        _wake(few)
        _wake(many)
        worst: list[tuple[float, str]] = []
        faults = []
        for name in addresses.PAGES:
            numbers = iter(range(1, 1000))
            wanted: list[str] = []

            def first(name=name, numbers=numbers, wanted=wanted) -> float:
                wanted[:] = [addresses.page(name, next(numbers)) for _each in range(4)]
                return few.cpu_per_answer(wanted)

            def second(wanted=wanted) -> float:
                return many.cpu_per_answer(wanted)

            try:
                found = in_turn(first, second, seconds=on.seconds / 4)
            except (RuntimeError, OSError) as error:
                faults.append(f"{name}: {error}")
                continue
            if found.fault:
                many.restart()
            worst.append((found.ratio, name))
            yield Figure(
                f"page {name}: {on.largest:,} against {on.smallest:,}",
                on.name,
                goal,
                subject=ms(found.subject),
                reference=ms(found.reference),
                ratio=found.ratio,
                holds=found.ratio <= 1.25,
                note=found.note,
            )
        ratio, name = max(worst)
        yield Figure(
            f"any public page at {on.largest:,} against itself at {on.smallest:,}",
            on.name,
            goal,
            ratio=ratio,
            holds=ratio <= 1.25 and not faults,
            note=f"the worst is {name}; {sum(r > 1.25 for r, _ in worst)} of {len(worst)} grow"
            + "".join(f"; {fault}" for fault in faults),
        )


def past_days(on: On) -> Iterator[Figure]:
    """The list as of a past day, against today's."""
    with on.site(on.largest) as site:
        _wake(site)
        numbers = iter(range(1, 1000))

        def today() -> float:
            return site.cpu_per_answer([f"/en/pledges/?fresh={next(numbers)}" for _each in "1234"])

        def then() -> float:
            days = (f"2025-0{n}-1{next(numbers) % 9}" for n in (1, 3, 5, 7))
            return site.cpu_per_answer([f"/en/pledges/?as_of={day}" for day in days])

        found = in_turn(today, then, seconds=on.seconds)
        yield Figure(
            f"list of {on.largest:,} as of a past day, against today's",
            on.name,
            "at most 4 ×",
            subject=ms(found.subject),
            reference=ms(found.reference),
            ratio=found.ratio,
            holds=found.ratio <= 4,
            note=found.note,
        )


def pledge(on: On) -> Iterator[Figure]:
    """The page of a pledge with its ten entries, each for the first time."""
    with Trivial() as trivial, on.site(on.largest) as site:
        _wake(site)
        numbers = iter(range(1, on.smallest))

        def subject() -> float:
            codes = [next(numbers) for _each in range(20)]
            return site.cpu_per_answer([f"/en/pledges/P{n:06}/pledge-{n}/" for n in codes])

        found = in_turn(trivial.cpu_per_answer, subject, seconds=on.seconds)
        yield Figure(
            f"page of a pledge among {on.largest:,}, cold, against a trivial view",
            on.name,
            "at most 8 ×",
            subject=ms(found.subject),
            reference=ms(found.reference),
            ratio=found.ratio,
            holds=found.ratio <= 8,
            note=found.note,
        )


def queries(on: On) -> Iterator[Figure]:
    """How many queries each page takes, on the smallest record and on the largest."""
    counts = [ask("bench.queries", on.url(size)) for size in (on.smallest, on.largest)]
    few, many = counts
    more = sorted(name for name in few if many[name] > few[name])
    most = max(many, key=lambda name: many[name])
    yield Figure(
        f"queries of each page, {on.largest:,} against {on.smallest:,}",
        on.name,
        "never more, at most 20",
        subject=f"at most {many[most]} ({most})",
        reference=f"median {median(many.values()):g}",
        holds=not more and many[most] <= 20,
        note=f"more: {', '.join(more)}" if more else "of eight addresses each",
    )


PAST = "/en/pledges/?status=kept&as_of=2023-01-02"


def _wake(site: Site) -> None:
    """The first requests load templates and languages, the sets of today and the logs of entries
    and of past days, which belong to the start: docs/performance/lists.md says what they take."""
    pages = ("/en/method/", "/zh-hans/method/", "/en/pledges/?status=kept&page=1", "/en/updates/")
    for address in (*pages, PAST):
        site.get(address)
