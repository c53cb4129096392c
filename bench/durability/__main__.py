"""make durability: kills and power cuts while colleagues save and publish, each with a control.

    .venv/bin/python -m bench.durability --kills 200 --cuts 100
    .venv/bin/python -m bench.durability --kills 20 --cuts 0 --only postgresql

It ends with 1 if an acknowledged write was lost, anything was half there or the record does not
verify; and if a control lost nothing, for then the run has shown nothing.
"""

import argparse
import signal
import sys

from bench.durability.disk import CannotMount
from bench.durability.disks import DISKS, on_a_disk
from bench.durability.runs import HARM, run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--kills", type=int, default=200, help="of workers, and of the database")
    parser.add_argument("--cuts", type=int, default=100, help="of the power; root only")
    parser.add_argument("--minutes", type=float, default=0, help="the longest that a run may take")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--what", choices=(*HARM, "disks"))
    asked = parser.parse_args()
    # Whoever ends it leaves no server and no disk behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    kinds = (asked.only,) if asked.only else ("postgresql", "sqlite")
    good = True
    for kind in kinds:
        for what in HARM:
            times = asked.cuts if what == "power cut" else asked.kills
            if not times or asked.what not in {None, what}:
                continue
            try:
                for control in (True, False):
                    outcome = run(what, kind, times, control=control, minutes=asked.minutes)
                    print(outcome.line(), flush=True)
                    good &= outcome.is_as_it_should_be
            except CannotMount as error:
                print(f"{what} on {kind}: NOT SHOWN HERE: {error}", flush=True)
                good = False
        for what in DISKS if asked.what in {None, "disks"} and asked.cuts else ():
            try:
                said, is_good = on_a_disk(what, kind)
            except CannotMount as error:
                said, is_good = f"{what} on {kind}: NOT SHOWN HERE: {error}", False
            print(said, flush=True)
            good &= is_good
    print("durability: all good" if good else "durability: NOT GOOD")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
