"""What a page costs that was answered before: sent again, and found unchanged (304)."""

from collections.abc import Iterator

from bench.measure import Figure, in_turn, ms
from bench.on import On
from bench.serve import Nginx, Trivial

PAGE = "/en/pledges/?status=kept"
NUMBER = 1000


def kept(on: On) -> Iterator[Figure]:
    """A list page asked again and again, beside nginx that sends the same bytes from a file."""
    name, goal = "kept public page, against nginx with the same bytes", "at least 0.5 ×"
    with on.site(on.largest) as site:
        site.get(PAGE)
        answer = site.get(PAGE)
        with Nginx({"page.html": answer.content}) as nginx:
            number = _number(site)
            found = in_turn(
                lambda: nginx.cpu_per_answer("/page.html", NUMBER),
                lambda: site.cpu_per_answer([PAGE] * number),
                seconds=on.seconds,
            )
        yield Figure(
            name,
            on.name,
            goal,
            subject=ms(found.subject),
            reference=ms(found.reference),
            ratio=1 / found.ratio,
            memory=site.memory,
            holds=1 / found.ratio >= 0.5,
            note=f"{len(answer.content) // 1024} KiB, not compressed; answers for the same CPU; "
            f"{found.note}",
        )


def not_modified(on: On) -> Iterator[Figure]:
    """The same page for who has it already, beside the trivial view."""
    name, goal = "a 304, against a trivial view", "at least 1 ×"
    with Trivial() as trivial, on.site(on.largest) as site:
        site.get(PAGE)
        tag = site.get(PAGE).headers["ETag"]
        if not tag:
            yield Figure(name, on.name, goal, holds=False, note="the page has no ETag")
            return
        headers = {"If-None-Match": tag}
        number = _number(site)
        found = in_turn(
            trivial.cpu_per_answer,
            lambda: site.cpu_per_answer([PAGE] * number, headers, 304),
            seconds=on.seconds,
        )
        yield Figure(
            name,
            on.name,
            goal,
            subject=ms(found.subject),
            reference=ms(found.reference),
            ratio=1 / found.ratio,
            holds=1 / found.ratio >= 1,
            note=f"answers for the same CPU; {found.note}",
        )


def _number(site) -> int:
    """How often it is asked between two looks at the reference: less where it takes long."""
    taken = site.cpu_per_answer([PAGE])
    return max(3, min(NUMBER, int(1 / max(taken, 1e-6))))
