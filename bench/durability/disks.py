"""A disk that is full, or takes no more writes, in the middle of somebody's saves."""

import time

from bench.durability.runs import Scene, scene

DISKS = ("full disk", "read-only disk")
#: What may be answered while nothing can be saved. None says "saved".
UNAVAILABLE = 503


def on_a_disk(what: str, kind: str) -> tuple[str, bool]:
    """What was answered meanwhile, and whether that and what is there afterwards is right."""
    with scene(
        kind, on_disk=True, careless=False, wsgi="lingang.wsgi", updates=60, megabytes=256
    ) as here:
        here.writers.more(10)
        verdict, answered = _full(here) if what == "full disk" else _refusing(here)
        after = here.writers.notes.acknowledged
        here.writers.more(5)
        here.writers.stop()
        last = here.judge.look(here.data.url, here.writers.said())
    is_good = verdict.is_good and last.is_good and bool(answered) and set(answered) <= {UNAVAILABLE}
    said = (
        f"site    {here.data.name:<10} {what:<18} answered meanwhile {answered or 'NOTHING'}; "
        f"{after} acknowledged before and during it, none lost of {here.writers.notes.acknowledged}"
    )
    return f"{said}: {'good' if is_good else f'NOT AS IT SHOULD BE {verdict} {last}'}", is_good


def _full(here: Scene):
    assert here.disk
    with here.disk.full():
        answered = _refusals(here)
    return here.judge.look(here.data.url, here.writers.said()), answered


def _refusing(here: Scene):
    """The database is started again once its disk is back: its file system shut itself."""
    assert here.disk
    here.disk.give_up()
    answered = _refusals(here)
    here.data.stop()
    here.site.stop()
    here.disk.mount_again()
    here.data.start()
    here.site.start()
    return here.judge.look(here.data.url, here.writers.said()), answered


def _refusals(here: Scene, enough: int = 10) -> dict[int, int]:
    """Waits until so many were refused; by which status each."""

    before = dict(here.writers.notes.refused)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        now = here.writers.notes.refused
        fresh = {status: count - before.get(status, 0) for status, count in now.items()}
        if sum(fresh.values()) >= enough:
            return {status: count for status, count in fresh.items() if count}
        time.sleep(0.05)
    return {}
